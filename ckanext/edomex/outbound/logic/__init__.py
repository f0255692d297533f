"""Actions on targets and copies."""
