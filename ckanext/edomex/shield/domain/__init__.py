"""Rules of the door and of the doctor: no CKAN, no service, no clock."""
