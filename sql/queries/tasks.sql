-- name: add_task
-- One create or refine.
INSERT INTO tasks (id, tenant_id, user_id, project_id, kind, message, feedback, aspect, campaign_id, current_step,
                   degraded, reference_files, forecast, request_id, traceparent, created_at, updated_at)
VALUES (%(id)s, %(tenant_id)s, %(user_id)s, %(project_id)s, %(kind)s, %(message)s, %(feedback)s, %(aspect)s,
        %(campaign_id)s, %(current_step)s, %(degraded)s, %(reference_files)s, %(forecast)s, %(request_id)s, %(traceparent)s,
        %(now)s, %(now)s);

-- name: set_plan
-- What a refine keeps of the former film and what it makes anew.
UPDATE tasks SET plan = %(plan)s WHERE id = %(task_id)s;

-- name: list_tasks
-- The newest tasks of a project: where the files of its former films are found.
SELECT * FROM tasks WHERE project_id = %(project_id)s ORDER BY created_at DESC, id DESC LIMIT %(most)s;

-- name: highest_takes
-- How often each shot was asked for anew in any film of a project: a picture that was turned down once does not come again
-- after an older version was restored.
SELECT (shot ->> 'number')::integer AS number, max(coalesce((shot ->> 'take')::integer, 1)) AS take
FROM checkpoints c JOIN tasks t ON t.id = c.task_id
CROSS JOIN LATERAL jsonb_array_elements(c.output -> 'shots') shot
WHERE t.project_id = %(project_id)s AND c.stage = 'storyboard' GROUP BY 1;

-- name: add_checkpoint
-- The output of a finished stage; a stage that is run again replaces its own.
INSERT INTO checkpoints (task_id, stage, output, created_at) VALUES (%(task_id)s, %(stage)s, %(output)s, %(now)s)
ON CONFLICT (task_id, stage) DO UPDATE SET output = excluded.output, created_at = excluded.created_at;

-- name: list_checkpoints
-- What the finished stages of a task left.
SELECT stage, output FROM checkpoints WHERE task_id = %(task_id)s;

-- name: find_task
-- One task of one tenant.
SELECT * FROM tasks WHERE id = %(id)s AND tenant_id = %(tenant_id)s;

-- name: get_task
-- One task by id alone, for workers.
SELECT * FROM tasks WHERE id = %(id)s;

-- name: lock_task
-- Hold a task still while its state is decided.
SELECT * FROM tasks WHERE id = %(id)s FOR UPDATE;

-- name: latest_task
-- The newest task of a project.
SELECT * FROM tasks WHERE project_id = %(project_id)s ORDER BY created_at DESC, id DESC LIMIT 1;

-- name: open_task
-- The unfinished task of a project, if there is one.
SELECT id FROM tasks WHERE project_id = %(project_id)s AND status IN ('queued', 'processing') LIMIT 1;

-- name: begin_stage
-- Show which stage a task is at.
UPDATE tasks SET status = 'processing', current_step = %(stage)s, started_at = coalesce(started_at, %(now)s),
                 updated_at = %(now)s
WHERE id = %(task_id)s AND status IN ('queued', 'processing');

-- name: set_progress
-- Progress never falls.
UPDATE tasks SET progress = greatest(progress, %(progress)s), updated_at = %(now)s WHERE id = %(task_id)s;

-- name: add_degraded
-- Say what was made simpler than asked.
UPDATE tasks SET degraded = degraded || %(degraded)s::jsonb, updated_at = %(now)s WHERE id = %(task_id)s;

-- name: set_context
-- What was recalled for this task, and which tools were called; a stage that runs again tells its calls anew. What was recalled
-- before the user had the project forgotten is not kept any more.
UPDATE tasks
SET context = context || %(context)s::jsonb || jsonb_build_object('tools', coalesce((
        SELECT jsonb_agg(call) FROM jsonb_array_elements(context -> 'tools') AS call WHERE call ->> 'stage' <> %(stage)s::text
    ), '[]') || coalesce(%(context)s::jsonb -> 'tools', '[]'))
WHERE id = %(task_id)s AND NOT EXISTS (
    SELECT 1 FROM projects p WHERE p.id = tasks.project_id AND p.forgotten_at >= (
        SELECT max(e.at) FROM events e
        WHERE e.task_id = tasks.id AND e.stage = %(stage)s::text AND e.kind = 'stage_started'));

-- name: list_said
-- What was said in a project before this task, newest first; what was said before the user had it forgotten is forgotten.
SELECT t.id, coalesce(t.feedback, t.message) AS words FROM tasks t JOIN projects p ON p.id = t.project_id
WHERE t.project_id = %(project_id)s AND t.id <> %(task_id)s AND t.kind IN ('create', 'refine')
  AND (p.forgotten_at IS NULL OR t.created_at > p.forgotten_at)
ORDER BY t.created_at DESC, t.id LIMIT %(limit)s;

-- name: end_task
-- The end state of a task; only an unfinished one can end.
UPDATE tasks
SET status = %(status)s, film_key = coalesce(%(film_key)s, film_key), error = %(error)s, offer = %(offer)s,
    progress = CASE WHEN %(status)s = 'completed' THEN 100 ELSE progress END,
    finished_at = %(now)s, updated_at = %(now)s, remember_next_at = %(now)s
WHERE id = %(task_id)s AND status IN ('queued', 'processing');

-- name: ask_cancel
-- Stop a task: from this commit on nothing new is claimed, admitted or submitted for it.
UPDATE tasks SET cancel_asked_at = %(now)s, status = 'cancelled', finished_at = %(now)s, updated_at = %(now)s
WHERE id = %(task_id)s AND status IN ('queued', 'processing');

-- name: reopen_task
-- A retry: the task goes on; what it said of its former end no longer holds.
UPDATE tasks
SET status = 'queued', cancel_asked_at = NULL, error = NULL, offer = '[]', degraded = %(degraded)s,
    current_step = %(current_step)s, finished_at = NULL, updated_at = %(now)s
WHERE id = %(task_id)s;

-- name: add_event
-- One numbered line of a task's progress.
INSERT INTO events (task_id, number, at, stage, kind, data)
SELECT %(task_id)s, coalesce(max(number), 0) + 1, %(now)s, %(stage)s, %(kind)s, %(data)s
FROM events WHERE task_id = %(task_id)s;

-- name: last_event
-- The number of a task's newest event, for the ETag of its status.
SELECT coalesce(max(number), 0) AS number FROM events WHERE task_id = %(task_id)s;

-- name: to_remember
-- Finished films that are not in memory yet: claim one by moving its next try.
UPDATE tasks SET remember_next_at = %(now)s + interval '60 seconds' * power(2, least(remember_tries, 8)),
                 remember_tries = remember_tries + 1
WHERE id IN (
    SELECT id FROM tasks
    WHERE remembered_at IS NULL AND status IN ('completed', 'partial') AND remember_next_at < %(now)s
      AND remember_tries < 12
    ORDER BY remember_next_at LIMIT 10 FOR UPDATE SKIP LOCKED)
RETURNING id;

-- name: set_remembered
-- This film is in memory.
UPDATE tasks SET remembered_at = %(now)s WHERE id = %(task_id)s;

-- name: find_answer
-- An answer of Claude that this task already paid for.
SELECT answer FROM calls WHERE task_id = %(task_id)s AND fingerprint = %(fingerprint)s;

-- name: add_answer
-- Keep an answer of Claude, or the embedder's vector of a question, as soon as it arrives.
INSERT INTO calls (task_id, fingerprint, stage, answer, created_at)
VALUES (%(task_id)s, %(fingerprint)s, %(stage)s, %(answer)s, %(now)s) ON CONFLICT DO NOTHING;

-- name: lock_idempotency_key
-- Twins of one request wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant_id)s || chr(10) || %(route)s || chr(10) || %(key)s, 0));

-- name: find_idempotency_key
-- The task that an earlier request with the same key made.
SELECT task_id, body_sha FROM idempotency_keys
WHERE tenant_id = %(tenant_id)s AND route = %(route)s AND key = %(key)s;

-- name: add_idempotency_key
-- Remember the key with the task it made; a twin in flight waits here and then finds the row.
INSERT INTO idempotency_keys (tenant_id, route, key, body_sha, task_id, created_at)
VALUES (%(tenant_id)s, %(route)s, %(key)s, %(body_sha)s, %(task_id)s, %(now)s) ON CONFLICT DO NOTHING;
