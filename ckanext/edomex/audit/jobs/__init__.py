"""What the release loops do for the audit: seal what was committed."""
