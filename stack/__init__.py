"""The local stack: real PostgreSQL, Valkey, Solr and CKAN from packages alone."""
