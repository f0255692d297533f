"""The open-data portal of the Estado de México, as CKAN plugins."""
