#!/bin/bash
# Make the core once, and give it, at every start, the schema of the CKAN that will use it. A file that is mounted
# over the image's configset is read only when the core is made, so it would never reach a core that exists.
set -eu
conf=/var/solr/data/ckan/conf
precreate-core ckan "$SOLR_CONFIG_DIR/ckan"
for name in managed-schema managed-schema.xml; do
    if [ -e "$conf/$name" ]; then cp /edomex/schema/schema.xml "$conf/$name"; fi
done
exec solr-precreate ckan "$SOLR_CONFIG_DIR/ckan"
