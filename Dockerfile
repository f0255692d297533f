# The portal: CKAN's own image, our plugins, and what they need. One image for every process of docker-compose.yml.
#
# What is taken for granted of ckan/ckan-base:2.12 (its Dockerfile was read, the image was not run here):
#   * CKAN, its pinned requirements with a compiled psycopg2, uwsgi, curl and libmagic are in it; a compiler is not;
#   * accounts `ckan` and `ckan-sys`, CKAN's source in /srv/app/src/ckan, its WSGI file at /srv/app/wsgi.py;
#   * /usr/local belongs to root, so packages are installed as root.
# Its start_ckan.sh is not used: it migrates the database in every container, and makes other secrets in each.
ARG CKAN_IMAGE=ckan/ckan-base:2.12
FROM ${CKAN_IMAGE}

USER root
# pg_dump and pg_restore for `ckan edomex backup`: not older than the server of docker-compose.yml, so from PostgreSQL's
# own packages, whose set-up script Debian's postgresql-common brings.
ARG POSTGRES_MAJOR=18
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && sh /usr/share/postgresql-common/pgdg/*.sh -y \
    && apt-get install --yes --no-install-recommends "postgresql-client-${POSTGRES_MAJOR}" \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/edomex/
# CKAN and psycopg2 are there already, in the versions that CKAN pins; its pins bind whatever else is installed.
RUN grep -Ev '^(ckan\[|psycopg2)' /tmp/edomex/requirements.txt > /tmp/edomex/extensions.txt \
    && grep -E '^[A-Za-z0-9_.-]+==' /srv/app/src/ckan/requirements.txt > /tmp/edomex/constraints.txt \
    && pip install --no-cache-dir --constraint /tmp/edomex/constraints.txt --requirement /tmp/edomex/extensions.txt

COPY pyproject.toml setup.py README.md LICENSE /tmp/edomex/source/
COPY ckanext /tmp/edomex/source/ckanext
RUN pip install --no-cache-dir --no-deps /tmp/edomex/source && rm -rf /tmp/edomex

COPY docker/portal.ini docker/uwsgi.ini docker/entrypoint.py docker/migrate.py docker/alive.py docker/every.sh /srv/edomex/
# Named volumes take the owner of the folder that they are first mounted on.
RUN mkdir -p /run/edomex /var/lib/edomex /var/lib/edomex-schema /var/lib/edomex-backup /var/lib/ckan \
    && chown -R ckan:ckan-sys /run/edomex /var/lib/edomex /var/lib/edomex-schema /var/lib/edomex-backup /var/lib/ckan \
    && chmod 0700 /var/lib/edomex /var/lib/edomex-backup

ENV CKAN_INI=/run/edomex/portal.ini \
    PYTHONUNBUFFERED=1
USER ckan
WORKDIR /srv/app
EXPOSE 5000
ENTRYPOINT ["python3", "/srv/edomex/entrypoint.py"]
CMD ["uwsgi", "--ini", "/srv/edomex/uwsgi.ini"]
