-- name: server
-- What is worth knowing of the server before anything of ours is asked of it.
SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS title,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS vector,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS vector_available,
       pg_is_in_recovery() AS standby, clock_timestamp() AS at, current_setting('max_connections')::integer AS most,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections;

-- name: sample_assets
-- Some files that rows name, from one place of the table on: keys begin with the random id of a project.
SELECT key, bytes FROM assets WHERE key >= %(after_key)s ORDER BY key LIMIT %(limit)s;
