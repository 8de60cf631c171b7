-- Makes the role `monitor`, with which postgres_exporter logs in. It reads PostgreSQL's statistics, and no table of
-- Onsale.
-- The container of PostgreSQL runs this when its volume is new. It may be run again: it then sets the password anew.
--   docker compose exec postgres psql -U onsale -f /docker-entrypoint-initdb.d/monitor-role.sql
\getenv password MONITOR_PASSWORD
SELECT 'CREATE ROLE monitor' WHERE to_regrole('monitor') IS NULL \gexec
ALTER ROLE monitor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 5 PASSWORD :'password';
ALTER ROLE monitor SET default_transaction_read_only = on;
ALTER ROLE monitor SET statement_timeout = '10s';
GRANT pg_monitor TO monitor;
