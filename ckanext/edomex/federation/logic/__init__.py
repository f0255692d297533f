"""Actions of ckanext-harvest and CKAN, chained where a source could do harm."""
