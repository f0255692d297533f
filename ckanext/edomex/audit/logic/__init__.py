"""Sealing, verifying and reading the log, and who may read it."""
