-- name: ask_job
-- Wish for one paid request; the same request of the same shot is the same row, bought or not.
INSERT INTO jobs (id, tenant_id, user_id, task_id, project_id, shot, kind, provider, endpoint, fingerprint, request, state,
                  created_at, next_try_at)
VALUES (%(id)s, %(tenant_id)s, %(user_id)s, %(task_id)s, %(project_id)s, %(shot)s, %(kind)s, %(provider)s, %(endpoint)s,
        %(fingerprint)s, %(request)s, 'queued', %(now)s, %(now)s)
ON CONFLICT (project_id, shot, kind, fingerprint) DO NOTHING;

-- name: lock_job_by_fingerprint
-- The row of a wish, new or old.
SELECT * FROM jobs
WHERE project_id = %(project_id)s AND shot = %(shot)s AND kind = %(kind)s AND fingerprint = %(fingerprint)s FOR UPDATE;

-- name: link_job
-- This task counts on this job; 1 row only the first time.
INSERT INTO task_jobs (task_id, job_id) VALUES (%(task_id)s, %(job_id)s) ON CONFLICT DO NOTHING;

-- name: adopt_job
-- The task that asks for a job last is the one whose cancel stops it.
UPDATE jobs SET task_id = %(task_id)s WHERE id = %(id)s;

-- name: reopen_job
-- Try a job again that ended without its files. Delivered, and only our copying failed: fetch again. Given up while the
-- provider had it: ask again. Failed, or cancelled before anything was sent: submit anew. Perhaps bought (lost, and no
-- provider id): submit anew only when a person says so.
UPDATE jobs
SET state = again.state,
    result_urls = CASE WHEN again.state = 'rendered' THEN jobs.result_urls ELSE '{}' END,
    former_ids = CASE WHEN again.state = 'queued' AND jobs.provider_id IS NOT NULL
                      THEN jobs.former_ids || jobs.provider_id ELSE jobs.former_ids END,
    provider_id = CASE WHEN again.state <> 'queued' THEN jobs.provider_id END,
    outcome = NULL, error = NULL, refusals = 0, renewals = 0, polls = 0, fetches = 0, fetching = false,
    settled_at = NULL, unknown_at = NULL, next_try_at = %(now)s, next_poll_at = %(now)s,
    deadline_at = %(now)s + %(deadline_seconds)s * interval '1 second'
FROM (
    SELECT id, CASE
        WHEN state = 'cancelled' THEN 'queued'
        WHEN cardinality(result_urls) > 0
             AND coalesce(error ->> 'code', '') NOT IN ('media_gone', 'media_broken') THEN 'rendered'
        WHEN outcome = 'failed' OR %(even_lost)s THEN 'queued'
        WHEN provider_id IS NOT NULL THEN 'running'
    END AS state
    FROM jobs
    WHERE id = %(id)s AND (state = 'cancelled' OR (state = 'settled' AND outcome <> 'done'))
) again
WHERE jobs.id = again.id AND again.state IS NOT NULL;

-- name: get_job
-- One job.
SELECT * FROM jobs WHERE id = %(id)s;

-- name: list_task_jobs
-- The jobs a task counts on, in the order of its shots.
SELECT j.* FROM jobs j JOIN task_jobs l ON l.job_id = j.id
WHERE l.task_id = %(task_id)s ORDER BY j.kind, j.shot, j.created_at;

-- name: count_task_jobs
-- How many jobs of one kind a task counts on, and how many of them are settled.
SELECT count(*) AS total, count(*) FILTER (WHERE j.state IN ('settled', 'cancelled')) AS settled
FROM jobs j JOIN task_jobs l ON l.job_id = j.id
WHERE l.task_id = %(task_id)s AND j.kind = %(kind)s;

-- name: list_waiting_tasks
-- The unfinished tasks that count on a job.
SELECT t.id FROM tasks t JOIN task_jobs l ON l.task_id = t.id
WHERE l.job_id = %(job_id)s AND t.status IN ('queued', 'processing') ORDER BY t.id;

-- name: lock_admission
-- One admission at a time for each provider's account.
SELECT pg_advisory_xact_lock(hashtext('admit:' || %(provider)s));

-- name: admit_jobs
-- Give free slots to queued jobs: at most so many of a film, so many of the account, so many submissions in the window;
-- users take turns, so that one user's many films do not stop another's one. "Too many requests" is said to the account,
-- not to the job: while one waits for that, none is sent.
WITH open_jobs AS (
    SELECT project_id, kind, tenant_id, user_id, state FROM jobs
    WHERE provider = %(provider)s AND state IN ('admitted', 'submitting', 'running', 'unknown')
), film AS (
    SELECT project_id, kind, count(*) AS n FROM open_jobs WHERE state <> 'unknown' GROUP BY 1, 2
), person AS (
    SELECT tenant_id, user_id, count(*) AS n FROM open_jobs GROUP BY 1, 2
), recent AS (
    -- Every sending counts: a job that was refused or made anew was sent more than once.
    SELECT count(*) AS n
    FROM jobs, unnest(CASE WHEN state = 'admitted' THEN posts || %(now)s::timestamptz ELSE posts END) AS post (at)
    WHERE provider = %(provider)s
      AND (state = 'admitted' OR intent_at > %(now)s - %(window_seconds)s * interval '1 second')
      AND post.at > %(now)s - %(window_seconds)s * interval '1 second'
), queue AS (
    SELECT j.id, j.created_at, j.shot,
           coalesce(f.n, 0) + row_number() OVER (PARTITION BY j.project_id, j.kind ORDER BY j.shot, j.created_at) AS film_turn,
           coalesce(p.n, 0) + row_number() OVER (PARTITION BY j.tenant_id, j.user_id ORDER BY j.created_at, j.shot) AS turn
    FROM jobs j
    LEFT JOIN film f ON f.project_id = j.project_id AND f.kind = j.kind
    LEFT JOIN person p ON p.tenant_id = j.tenant_id AND p.user_id = j.user_id
    WHERE j.provider = %(provider)s AND j.state = 'queued' AND j.next_try_at <= %(now)s
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
), chosen AS (
    SELECT id FROM queue WHERE film_turn <= %(per_film)s
      AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.provider = %(provider)s AND r.state = 'queued'
                      AND r.next_try_at > %(now)s AND r.error ->> 'status' = '429')
    ORDER BY turn, created_at, shot
    LIMIT greatest(0, least(%(running_limit)s - (SELECT count(*) FROM open_jobs),
                            %(window_limit)s - (SELECT n FROM recent)))
)
UPDATE jobs SET state = 'admitted', admitted_at = %(now)s FROM chosen
WHERE jobs.id = chosen.id AND jobs.state = 'queued'
RETURNING jobs.id, jobs.kind, jobs.task_id, jobs.shot;

-- name: intend_job
-- The intent, committed before the POST; the last moment at which cancel can stop it.
UPDATE jobs j
SET state = 'submitting', attempt = j.attempt + 1, intent_at = %(now)s, token_hash = %(token_hash)s, error = NULL,
    posts = (%(now)s::timestamptz || j.posts)[1:10]
WHERE j.id = %(id)s AND j.state = 'admitted'
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
RETURNING j.*;

-- name: accept_job
-- The provider took it: its id, straight after the answer; or what a quicker callback could not know, the handles. An
-- answer that comes after we had given up (the worker was held up, a clock is wrong) names what was bought all the same.
UPDATE jobs
SET state = 'running', outcome = NULL, provider_id = %(provider_id)s, handles = %(handles)s, accepted_at = %(now)s,
    refusals = 0, next_poll_at = %(next_poll_at)s, deadline_at = %(deadline_at)s, unknown_at = NULL, settled_at = NULL,
    error = NULL
WHERE id = %(id)s AND attempt = %(attempt)s
  AND (state IN ('submitting', 'unknown') OR (state = 'running' AND provider_id = %(provider_id)s AND handles = '{}')
       OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL));

-- name: adopt_unknown
-- A callback proved that a submission whose answer was lost did arrive; also after we had given up on it.
UPDATE jobs
SET state = 'running', outcome = NULL, provider_id = %(provider_id)s, accepted_at = %(now)s, next_poll_at = %(now)s,
    deadline_at = %(deadline_at)s, unknown_at = NULL, settled_at = NULL, error = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND (state IN ('submitting', 'unknown')
                       OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL));

-- name: doubt_job
-- The request left and no answer says what became of it.
UPDATE jobs SET state = 'unknown', unknown_at = %(now)s, error = %(error)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'submitting';

-- name: requeue_job
-- A definite, passing refusal, or a job that failed at the provider and may be asked for once more; of a task that was
-- cancelled meanwhile it is not, and would only hold a slot for ever.
UPDATE jobs
SET state = CASE WHEN EXISTS (SELECT 1 FROM tasks t WHERE t.id = jobs.task_id AND t.cancel_asked_at IS NOT NULL)
                 THEN 'cancelled' ELSE 'queued' END,
    next_try_at = %(next_try_at)s, error = %(error)s, refusals = refusals + %(refused)s,
    renewals = renewals + %(renewed)s, former_ids = CASE WHEN provider_id IS NULL THEN former_ids ELSE former_ids || provider_id END,
    provider_id = NULL, handles = '{}', polls = 0
WHERE id = %(id)s AND attempt = %(attempt)s AND state IN ('submitting', 'running');

-- name: settle_job
-- The end of a job; the first to come wins.
UPDATE jobs SET state = 'settled', outcome = %(outcome)s, error = %(error)s, settled_at = %(now)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = ANY(%(from_states)s);

-- name: fail_queued
-- A key or a balance that stopped one job stops those that still wait behind it.
UPDATE jobs SET state = 'settled', outcome = 'failed', error = %(error)s, settled_at = %(now)s
WHERE state = 'queued' AND kind = %(kind)s AND id IN (SELECT job_id FROM task_jobs WHERE task_id = %(task_id)s);

-- name: render_job
-- The provider has the result; next_poll_at is when the fetching is rung again.
UPDATE jobs SET state = 'rendered', result_urls = %(result_urls)s, next_poll_at = %(next_poll_at)s, fetching = false, error = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running';

-- name: lock_looks
-- One counting of status reads at a time for each provider's account.
SELECT pg_advisory_xact_lock(hashtext('look:' || %(provider)s));

-- name: claim_polls
-- Running jobs whose poll is due (all, or the one that a callback spoke of), claimed by moving it forward. The account's
-- reads of the last seconds are counted; a job is read at most once in them, or the count would be too low.
WITH recent AS (
    SELECT count(*) AS n FROM jobs
    WHERE provider = %(provider)s AND looked_at > %(now)s - %(window_seconds)s * interval '1 second'
)
UPDATE jobs SET next_poll_at = %(claimed_until)s, looked_at = %(now)s, polls = polls + 1
WHERE id IN (
    SELECT id FROM jobs
    WHERE state = 'running' AND provider = %(provider)s AND next_poll_at <= %(now)s AND id = coalesce(%(id)s, id)
      AND (looked_at IS NULL OR looked_at <= %(now)s - %(window_seconds)s * interval '1 second')
    ORDER BY next_poll_at LIMIT greatest(0, %(limit)s - (SELECT n FROM recent)) FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: note_look
-- A status read outside of the polling counts too.
UPDATE jobs SET looked_at = %(now)s WHERE id = %(id)s;

-- name: claim_fetches
-- Rendered jobs whose copying has not been begun or was cut off: ring them again.
UPDATE jobs SET next_poll_at = %(claimed_until)s, fetching = false
WHERE id IN (
    SELECT id FROM jobs WHERE state = 'rendered' AND next_poll_at <= %(now)s
    ORDER BY next_poll_at LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, task_id, shot;

-- name: begin_fetch
-- Somebody copies the result now; a doubled message finds it begun. Each time it is begun anew it is given longer: the
-- one before may only be slow, and slow ones side by side would take every worker.
UPDATE jobs SET fetches = fetches + 1, fetching = true,
                next_poll_at = %(claimed_until)s::timestamptz + least(fetches, 10) * interval '1 minute'
WHERE id = %(id)s AND state = 'rendered' AND NOT fetching RETURNING *;

-- name: poll_later
-- Not yet; or trouble that does not say that the job failed.
UPDATE jobs SET next_poll_at = %(next_poll_at)s, error = %(error)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state IN ('running', 'rendered');

-- name: claim_admitted
-- Admitted jobs whose submit message seems lost: nothing was sent, so ringing again is free.
UPDATE jobs SET admitted_at = %(now)s
WHERE id IN (
    SELECT id FROM jobs WHERE state = 'admitted' AND admitted_at < %(before)s LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, task_id, shot;

-- name: doubt_silent
-- Submissions whose process died: their bound has passed, so nobody is waiting for the answer any more.
UPDATE jobs SET state = 'unknown', unknown_at = %(now)s, error = %(error)s
WHERE state = 'submitting' AND intent_at < %(before)s
RETURNING id;

-- name: list_given_up
-- Jobs that have waited to their bound: unknown ones, and rendered ones past their deadline whose every copying was cut
-- off (one that is told why it failed ends itself at its tenth). A running one is ended by the look that finds it late.
SELECT * FROM jobs
WHERE (state = 'unknown' AND unknown_at < %(unknown_before)s)
   OR (state = 'rendered' AND deadline_at < %(now)s AND fetches > 10)
LIMIT 50;

-- name: find_job_by_token
-- The job that a callback address belongs to.
SELECT * FROM jobs WHERE token_hash = %(token_hash)s AND provider = %(provider)s;

-- name: hurry_job
-- A callback is a hint: poll now.
UPDATE jobs SET next_poll_at = %(now)s WHERE id = %(id)s AND state = 'running' AND next_poll_at > %(now)s;

-- name: cancel_jobs
-- What was not sent yet is not sent any more.
UPDATE jobs SET state = 'cancelled', settled_at = %(now)s
WHERE task_id = %(task_id)s AND state IN ('queued', 'admitted');

-- name: list_running_jobs
-- What is being made at the providers for a task.
SELECT * FROM jobs WHERE task_id = %(task_id)s AND state = 'running';
