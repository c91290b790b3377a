-- name: list_versions
-- The finished films of a project, newest first. Only the newest task can still end or go on, so a number stays its film's.
SELECT id, version FROM (
    SELECT id, row_number() OVER (ORDER BY created_at, id)::integer AS version FROM tasks
    WHERE project_id = %(project_id)s AND status IN ('completed', 'partial')) numbered
WHERE version < %(before_version)s ORDER BY version DESC LIMIT %(limit)s;

-- name: add_restored
-- A finished film once more, as the project's newest: the same outcome, nothing to be bought, to be put into memory anew.
INSERT INTO tasks (id, tenant_id, user_id, project_id, kind, message, campaign_id, status, current_step, progress, degraded,
                   context, error, offer, film_key, reference_files, restored_from, remember_next_at, created_at, started_at,
                   updated_at, finished_at)
SELECT %(id)s, tenant_id, user_id, project_id, 'restore', message, campaign_id, status, current_step, progress, degraded,
       context, error, offer, film_key, reference_files, id, %(now)s, %(now)s, %(now)s, %(now)s, %(now)s
FROM tasks WHERE id = %(source_id)s;

-- name: copy_stage_runs
-- The stages of a restored film, as they ended.
INSERT INTO stage_runs (task_id, stage, position, state, sent_at, started_at, finished_at)
SELECT %(id)s, stage, position, state, NULL, NULL, %(now)s FROM stage_runs WHERE task_id = %(source_id)s;

-- name: copy_checkpoints
-- The documents of a restored film.
INSERT INTO checkpoints (task_id, stage, output, created_at)
SELECT %(id)s, stage, output, %(now)s FROM checkpoints WHERE task_id = %(source_id)s;

-- name: copy_task_jobs
-- A restored film counts on the same purchases; their charges stay with the film that made them.
INSERT INTO task_jobs (task_id, job_id) SELECT %(id)s, job_id FROM task_jobs WHERE task_id = %(source_id)s;

-- name: list_projects
-- A user's projects, newest first, and how many finished films each has.
SELECT p.id, p.title, p.message, p.film_key, p.created_at, p.updated_at, p.finished_at,
       (SELECT count(*) FROM tasks t WHERE t.project_id = p.id AND t.status IN ('completed', 'partial'))::integer AS versions
FROM projects p
WHERE p.tenant_id = %(tenant_id)s AND p.user_id = %(user_id)s
  AND (%(before_at)s::timestamptz IS NULL OR (p.created_at, p.id) < (%(before_at)s::timestamptz, %(before_id)s))
ORDER BY p.created_at DESC, p.id DESC LIMIT %(limit)s;
