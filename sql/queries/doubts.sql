-- name: list_open_jobs
-- A page of jobs, the oldest first: the open ones, or those of one state.
SELECT j.* FROM jobs j
WHERE j.tenant_id = %(tenant_id)s
  AND CASE WHEN %(state)s::text IS NULL THEN j.state NOT IN ('settled', 'cancelled') ELSE j.state = %(state)s::text END
  AND j.provider = coalesce(%(provider)s, j.provider)
  AND (%(task_id)s::text IS NULL OR EXISTS (SELECT 1 FROM task_jobs l WHERE l.job_id = j.id AND l.task_id = %(task_id)s::text))
  AND (%(after_at)s::timestamptz IS NULL OR (j.created_at, j.shot, j.id) > (%(after_at)s::timestamptz, %(after_shot)s::integer, %(after_id)s::text))
ORDER BY j.created_at, j.shot, j.id LIMIT %(limit)s;

-- name: list_doubts
-- The same of the jobs whose outcome is not known: still waited for, or held for a person.
SELECT j.* FROM jobs j
WHERE (j.state = 'unknown' OR (j.state = 'settled' AND j.outcome = 'lost' AND j.provider_id IS NULL))
  AND j.tenant_id = %(tenant_id)s
  AND j.state = coalesce(%(state)s, j.state) AND j.provider = coalesce(%(provider)s, j.provider)
  AND (%(task_id)s::text IS NULL OR EXISTS (SELECT 1 FROM task_jobs l WHERE l.job_id = j.id AND l.task_id = %(task_id)s::text))
  AND (%(after_at)s::timestamptz IS NULL OR (j.created_at, j.shot, j.id) > (%(after_at)s::timestamptz, %(after_shot)s::integer, %(after_id)s::text))
ORDER BY j.created_at, j.shot, j.id LIMIT %(limit)s;

-- name: list_held
-- The jobs of a task that only a person can settle, in the order of its shots.
SELECT j.* FROM jobs j JOIN task_jobs l ON l.job_id = j.id
WHERE l.task_id = %(task_id)s AND j.state = 'settled' AND j.outcome = 'lost' AND j.provider_id IS NULL
ORDER BY j.shot, j.kind;

-- name: find_doubt
-- One job of one tenant.
SELECT * FROM jobs WHERE id = %(id)s AND tenant_id = %(tenant_id)s;

-- name: lock_provider_id
-- One claim of a provider's id at a time, so that two jobs cannot both be given it.
SELECT pg_advisory_xact_lock(hashtextextended(%(provider)s || chr(10) || %(provider_id)s, 0));

-- name: find_owner
-- The job that has or had this id at its provider.
SELECT id FROM jobs
WHERE provider = %(provider)s AND (provider_id = %(provider_id)s OR %(provider_id)s::text = ANY (former_ids)) LIMIT 1;

-- name: send_again
-- A person says that it was not bought: it waits for a slot like a new one. The attempt stays, the next sending raises it.
WITH moved AS (
    UPDATE jobs
    SET state = 'queued', outcome = NULL, error = NULL, refusals = 0, next_try_at = %(now)s, unknown_at = NULL, settled_at = NULL
    WHERE id = %(id)s AND attempt = %(attempt)s
      AND (state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL))
    RETURNING id, attempt
), let_go AS (
    DELETE FROM reservations WHERE key IN (SELECT id || '#' || attempt FROM moved)
)
SELECT id FROM moved;

-- name: mark_not_bought
-- The same where no film needs it any more: it is not sent, and no longer in doubt.
WITH moved AS (
    UPDATE jobs SET state = 'settled', outcome = 'failed', error = %(error)s, unknown_at = NULL, settled_at = %(now)s
    WHERE id = %(id)s AND attempt = %(attempt)s
      AND (state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL))
    RETURNING id, attempt
), let_go AS (
    DELETE FROM reservations WHERE key IN (SELECT id || '#' || attempt FROM moved)
)
SELECT id FROM moved;

-- name: keep_resolution
-- What a person said of the job, and what was made of it.
UPDATE jobs SET resolved = %(resolved)s WHERE id = %(id)s;

-- name: claim_lookups
-- Jobs in doubt whose turn it is to be looked up in the provider's history, a bounded number of times each, with growing
-- gaps. A new sending begins anew.
WITH due AS (
    SELECT id FROM jobs
    WHERE (state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL))
      AND provider = %(provider)s AND sent IS NOT NULL AND intent_at > %(since_at)s AND lookups < %(most)s
      AND coalesce(next_lookup_at, unknown_at + %(first)s * interval '1 second') <= %(now)s
    ORDER BY intent_at LIMIT 200 FOR UPDATE SKIP LOCKED
)
UPDATE jobs SET lookups = jobs.lookups + 1,
                next_lookup_at = %(now)s + least(%(first)s * power(2, jobs.lookups + 1), %(slowest)s) * interval '1 second'
FROM due WHERE jobs.id = due.id
RETURNING jobs.endpoint;

-- name: list_lookups
-- All jobs in doubt of these endpoints, the first sent first: one answer of the provider is about all of them.
SELECT * FROM jobs
WHERE (state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL))
  AND provider = %(provider)s AND endpoint = ANY(%(endpoints)s) AND sent IS NOT NULL AND intent_at > %(since_at)s
ORDER BY intent_at, id LIMIT 500;

-- name: list_owned
-- Which of these provider's ids belong, or belonged, to a job of ours.
SELECT provider_id AS owned FROM jobs WHERE provider = %(provider)s AND provider_id = ANY(%(provider_ids)s)
UNION
SELECT former FROM jobs, unnest(former_ids) AS former (former)
WHERE provider = %(provider)s AND former = ANY(%(provider_ids)s);
