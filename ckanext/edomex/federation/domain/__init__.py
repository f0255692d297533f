"""Rules of federation. Pure."""
