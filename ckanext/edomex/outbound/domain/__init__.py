"""Rules of copies elsewhere. Pure."""
