"""Rules of the door, of questions to the index, and of the doctor: no CKAN, no service, no clock."""
