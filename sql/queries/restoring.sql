-- name: named_files
-- Every file that rows of that time name, with its checksum.
SELECT key, sha256 FROM assets WHERE created_at <= %(before)s
UNION
SELECT asset_key, sha256 FROM user_files WHERE created_at <= %(before)s;

-- name: unfinished
-- Films that were being made.
SELECT id FROM tasks WHERE status IN ('queued', 'processing') ORDER BY id;

-- name: tables
-- How many relations of ours, or of anybody's, a database holds beside those of extensions.
SELECT count(*) AS n FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');

-- name: others
-- How many other clients have this database open.
SELECT count(*) AS n FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';

-- name: mark_restored
-- The films that were unfinished went on after the backup, nobody here knows how far: what they wish for from now on was
-- perhaps bought already, and is held (ask_jobs).
INSERT INTO events (task_id, number, at, stage, kind, data)
SELECT t.id, (SELECT coalesce(max(number), 0) + 1 FROM events e WHERE e.task_id = t.id), %(now)s, t.current_step,
       'task_restored', jsonb_build_object('takenAt', %(taken_at)s::timestamptz, 'error', %(error)s::jsonb)
FROM tasks t WHERE t.status IN ('queued', 'processing');

-- name: hold_unsent
-- What waited to be sent was perhaps sent after the backup: it is held for a person's word.
UPDATE jobs SET state = 'settled', outcome = 'lost', settled_at = %(now)s, error = %(error)s, held_for = NULL, held_since = NULL
WHERE state IN ('queued', 'admitted');

-- name: no_renewals
-- What the provider was making and then failed was perhaps asked for anew already: it is not, once more, by itself.
UPDATE jobs SET renewals = greatest(renewals, 1) WHERE state IN ('submitting', 'unknown', 'running');

-- name: wake_parked
-- Stages that waited for nothing else go on with what they have.
UPDATE stage_runs r SET state = 'ready', sent_at = %(now)s, sends = 0, lease_until = NULL, owner = NULL
FROM tasks t
WHERE t.id = r.task_id AND t.status IN ('queued', 'processing') AND r.state = 'parked' AND NOT EXISTS (
    SELECT 1 FROM task_jobs l JOIN jobs j ON j.id = l.job_id
    WHERE l.task_id = r.task_id AND j.state NOT IN ('settled', 'cancelled')
      AND j.kind = CASE r.stage WHEN 'visual' THEN 'picture' ELSE 'clip' END);
