-- name: add_project
-- A new film, before anything is known of it but the message.
INSERT INTO projects (id, tenant_id, user_id, title, message, created_at, updated_at)
VALUES (%(id)s, %(tenant_id)s, %(user_id)s, '', %(message)s, %(now)s, %(now)s);

-- name: find_project
-- One project of one tenant.
SELECT * FROM projects WHERE id = %(id)s AND tenant_id = %(tenant_id)s;

-- name: find_documents
-- What the finished stages of a project's films left last.
SELECT brief, script, storyboard FROM projects WHERE id = %(id)s;

-- name: lock_project
-- Hold a project still while a new task is written for it.
SELECT * FROM projects WHERE id = %(id)s AND tenant_id = %(tenant_id)s FOR UPDATE;

-- name: hold_unforgotten
-- May memory keep something of this project? An erasure waits for whoever asked, and who asks after it finds nothing.
SELECT 1 AS may FROM projects WHERE id = %(id)s AND forgotten_at IS NULL FOR SHARE;

-- name: set_message
-- What the film is about now: a later film of the project was asked for in other words.
UPDATE projects SET message = %(message)s, updated_at = %(now)s WHERE id = %(id)s;

-- name: update_documents
-- The latest documents of a project, from a finished stage; null leaves what is there.
UPDATE projects
SET brief = coalesce(%(brief)s, brief), script = coalesce(%(script)s, script),
    storyboard = coalesce(%(storyboard)s, storyboard), title = coalesce(%(title)s, title), updated_at = %(now)s
WHERE id = %(id)s;

-- name: set_film
-- The project's latest film.
UPDATE projects SET film_key = %(film_key)s, finished_at = %(now)s, updated_at = %(now)s WHERE id = %(id)s;

-- name: add_assets
-- Files that are now in our storage; twice is once.
INSERT INTO assets (key, tenant_id, user_id, project_id, task_id, job_id, kind, shot, take, content_type, bytes, sha256,
                    source_url, created_at)
SELECT a.key, %(tenant_id)s, %(user_id)s, a.project_id, %(task_id)s, a.job_id, a.kind, a.shot, a.take, a.content_type,
       a.bytes, a.sha256, a.source_url, a.created_at
FROM jsonb_to_recordset(%(assets)s) AS a (key text, project_id text, job_id text, kind text, shot integer, take integer,
    content_type text, bytes bigint, sha256 text, source_url text, created_at timestamptz)
ON CONFLICT DO NOTHING;

-- name: find_asset
-- One file by its key, for serving and for asking a clip of it.
SELECT * FROM assets WHERE key = %(key)s;

-- name: list_job_assets
-- The files that these jobs brought, the used one first.
SELECT * FROM assets WHERE job_id = ANY(%(job_ids)s) ORDER BY job_id, take;
