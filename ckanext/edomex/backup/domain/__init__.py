"""What a backup is, in files and words. No CKAN, no database, no clock in here."""
