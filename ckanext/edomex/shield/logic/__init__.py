"""CKAN's own actions and permissions, narrowed to what their caller may know."""
