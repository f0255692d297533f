"""Backups of the whole portal: both databases and the files at one moment, and the way back."""
