#!/bin/bash
# Roles and databases of the portal; PostgreSQL's image runs this once, on an empty data folder.
set -eu
psql -v ON_ERROR_STOP=1 -v ckan="$CKAN_DB_PASSWORD" -v reader="$DATASTORE_READ_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE ckan LOGIN PASSWORD :'ckan';
-- A writer whose host is lost would keep its dataset locked, and so unreleased, until TCP gives up.
ALTER ROLE ckan SET idle_in_transaction_session_timeout = '10min';
CREATE ROLE datastore_ro LOGIN PASSWORD :'reader';
CREATE DATABASE ckan OWNER ckan ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE datastore OWNER ckan ENCODING 'UTF8' TEMPLATE template0;
-- By default everybody may connect everywhere; a reader of tables has no business in CKAN's own database.
REVOKE CONNECT ON DATABASE ckan FROM PUBLIC;
REVOKE CONNECT ON DATABASE datastore FROM PUBLIC;
SQL
