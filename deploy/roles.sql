-- The roles and the database, once, as PostgreSQL's superuser:
--     sudo -u postgres psql -f deploy/roles.sql
-- It asks for the roles' passwords: on a command line (-v socius_password=… -v backup_password=…) others read them.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?socius_password}
\else
    \prompt 'Password for socius: ' socius_password
\endif
\if :{?backup_password}
\else
    \prompt 'Password for socius_backup: ' backup_password
\endif

-- Socius itself. It owns its tables; row-level security holds it all the same (workspaces/wall.py), because it
-- is neither superuser nor above it. Socius refuses to start as a role that is.
CREATE ROLE socius LOGIN PASSWORD :'socius_password'
    NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
-- What people typed is in statements and in details of errors: PostgreSQL's log is told neither.
ALTER ROLE socius SET log_min_error_statement = panic;
ALTER ROLE socius SET log_error_verbosity = terse;

-- The backup. It reads every workspace's rows, or pg_dump would keep none, and can write nothing.
CREATE ROLE socius_backup LOGIN PASSWORD :'backup_password'
    NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
GRANT pg_read_all_data TO socius_backup;
ALTER ROLE socius_backup SET default_transaction_read_only = on;

CREATE DATABASE socius OWNER socius ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE socius FROM PUBLIC;
GRANT CONNECT ON DATABASE socius TO socius_backup;
