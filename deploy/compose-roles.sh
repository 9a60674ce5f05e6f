#!/bin/sh
# Run once by the database's container, as its superuser: what step 3 of README.md is.
set -eu
psql --username "${POSTGRES_USER:-postgres}" --file /roles.sql \
    --set socius_password="$SOCIUS_PASSWORD" --set backup_password="$BACKUP_PASSWORD"
