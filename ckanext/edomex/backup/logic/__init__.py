"""Making, checking and restoring a backup."""
