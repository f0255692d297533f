"""PostgreSQL, Valkey and Solr: how each is prepared, started and known to be ready."""
