"""The only CKAN glue that rooms share."""
