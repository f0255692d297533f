"""Words and rules that rooms share. No CKAN, no Flask, no SQLAlchemy, no clock in here."""
