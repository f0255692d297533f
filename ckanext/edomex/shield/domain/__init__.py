"""Rules of the shield that need nothing of CKAN."""
