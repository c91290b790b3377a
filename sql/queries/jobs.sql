-- name: ask_jobs
-- Wish for paid requests; the same request of the same shot is the same row, bought or not. What a film wishes for that was
-- unfinished in a restored backup was perhaps bought after that was taken: it is held for a person, until one says of the
-- whole film that it may be bought again.
INSERT INTO jobs (id, tenant_id, user_id, task_id, project_id, shot, kind, provider, endpoint, fingerprint, request, state,
                  request_id, traceparent, created_at, next_try_at, outcome, error, settled_at)
SELECT w.id, %(tenant_id)s, %(user_id)s, %(task_id)s, %(project_id)s, w.shot, w.kind, w.provider, w.endpoint, w.fingerprint,
       w.request, CASE WHEN held.error IS NULL THEN 'queued' ELSE 'settled' END, %(request_id)s, %(traceparent)s, %(now)s,
       %(now)s, CASE WHEN held.error IS NOT NULL THEN 'lost' END, held.error,
       CASE WHEN held.error IS NOT NULL THEN %(now)s::timestamptz END
FROM (SELECT (SELECT e.data -> 'error' FROM events e
              WHERE e.task_id = %(task_id)s AND e.kind = 'task_restored' AND NOT EXISTS (
                  SELECT 1 FROM events r WHERE r.task_id = e.task_id AND r.number > e.number AND r.kind = 'task_retried'
                  AND r.data ->> 'resendUnknown' = 'true')
              ORDER BY e.number DESC LIMIT 1) AS error) held,
     jsonb_to_recordset(%(wishes)s) AS w (id text, shot integer, kind text, provider text, endpoint text, fingerprint text,
                                          request jsonb)
ON CONFLICT (project_id, shot, kind, fingerprint) DO NOTHING;

-- name: link_jobs
-- This task counts on these jobs; a row for each that it counts on for the first time.
INSERT INTO task_jobs (task_id, job_id) SELECT %(task_id)s, unnest(%(ids)s::text[]) ON CONFLICT DO NOTHING RETURNING job_id;

-- name: adopt_jobs
-- The rows of the wishes, new or old, held still. The task that asks for a job last is the one whose cancel stops it.
UPDATE jobs SET task_id = %(task_id)s, request_id = %(request_id)s, traceparent = %(traceparent)s
FROM jsonb_to_recordset(%(wishes)s) AS w (shot integer, kind text, fingerprint text)
WHERE jobs.project_id = %(project_id)s AND jobs.shot = w.shot AND jobs.kind = w.kind AND jobs.fingerprint = w.fingerprint
RETURNING jobs.*;

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
    settled_at = NULL, unknown_at = NULL, held_for = NULL, held_since = NULL, next_try_at = %(now)s, next_poll_at = %(now)s,
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

-- name: let_go_failed
-- A task no longer counts on its jobs that certainly brought nothing: asked for again, they may be made another way. Not so
-- what was delivered and only not copied; nor what may have been bought.
DELETE FROM task_jobs l USING jobs j
WHERE l.task_id = %(task_id)s AND j.id = l.job_id AND j.kind = %(kind)s
  AND (j.state = 'cancelled'
       OR (j.state = 'settled' AND j.outcome = 'failed'
           AND (cardinality(j.result_urls) = 0 OR coalesce(j.error ->> 'code', '') IN ('media_gone', 'media_broken'))))
RETURNING j.id;

-- name: get_job
-- One job.
SELECT * FROM jobs WHERE id = %(id)s;

-- name: job_to_submit
-- An admitted job, with what is known of the picture that a clip begins with.
SELECT j.*, a.key AS picture_key, a.source_url AS picture_url, a.created_at AS picture_made_at
FROM jobs j LEFT JOIN assets a ON a.key = j.request ->> 'picture_key'
WHERE j.id = %(id)s AND j.state = 'admitted';

-- name: list_task_jobs
-- The jobs a task counts on, in the order of its shots.
SELECT j.* FROM jobs j JOIN task_jobs l ON l.job_id = j.id
WHERE l.task_id = %(task_id)s ORDER BY j.kind, j.shot, j.created_at;

-- name: count_task_jobs
-- How many jobs of one kind a task counts on, and how many of them are settled.
SELECT count(*) AS total, count(*) FILTER (WHERE j.state IN ('settled', 'cancelled')) AS settled
FROM jobs j JOIN task_jobs l ON l.job_id = j.id
WHERE l.task_id = %(task_id)s AND j.kind = %(kind)s;

-- name: lock_waiting_tasks
-- Hold the unfinished tasks that count on a job still, before their unsettled jobs are counted: two last ones would both
-- see one left.
SELECT t.id FROM tasks t JOIN task_jobs l ON l.task_id = t.id
WHERE l.job_id = %(job_id)s AND t.status IN ('queued', 'processing') ORDER BY t.id FOR UPDATE OF t;

-- name: lock_admission
-- One admission at a time for each provider's account.
SELECT pg_advisory_xact_lock(hashtext('admit:' || %(provider)s));

-- name: account_room
-- How many more jobs the account may take now, and how many wait for it. Every sending counts in the window: a job that
-- was refused or made anew was sent more than once. What was sent in the future, by a wrong clock, holds nobody up.
SELECT least(%(running_limit)s - (
           SELECT count(*) FROM jobs
           WHERE provider = %(provider)s AND state IN ('admitted', 'submitting', 'running', 'unknown')),
       %(window_limit)s - (
           SELECT coalesce(sum((state = 'admitted')::integer + CASE
               WHEN intent_at IS NULL OR intent_at <= %(now)s - %(window_seconds)s * interval '1 second' THEN 0
               WHEN cardinality(posts) = 1 THEN (intent_at <= greatest(%(now)s, now()) + interval '1 minute')::integer
               ELSE (SELECT count(*) FROM unnest(posts) AS post (at)
                     WHERE post.at > %(now)s - %(window_seconds)s * interval '1 second'
                       AND post.at <= greatest(%(now)s, now()) + interval '1 minute') END), 0)
           FROM jobs
           WHERE provider = %(provider)s
             AND (state = 'admitted' OR intent_at > %(now)s - %(window_seconds)s * interval '1 second'))) AS room,
       count(*) AS queued,
       count(*) FILTER (WHERE next_try_at > %(now)s AND error ->> 'status' = '429')
           + (SELECT count(*) FROM provider_pauses p WHERE p.provider = %(provider)s) AS told_to_wait
FROM jobs WHERE provider = %(provider)s AND state = 'queued';

-- name: admit_of_films
-- Where there is room for all that wait nobody's turn need be reckoned: as many as the caps of these films leave. What was
-- given up a moment ago because its answer was lost is perhaps being made, and holds its slot of the film a little longer.
WITH film AS (
    SELECT project_id, kind, count(*) AS n FROM (
        SELECT project_id, kind FROM jobs
        WHERE project_id = ANY(%(project_ids)s) AND provider = %(provider)s
          AND state IN ('admitted', 'submitting', 'running', 'unknown')
        UNION ALL
        SELECT project_id, kind FROM jobs
        WHERE state = 'settled' AND outcome = 'lost' AND provider_id IS NULL AND provider = %(provider)s
          AND intent_at > %(now)s - %(lost_holds)s * interval '1 second') busy
    GROUP BY 1, 2
), queue AS (
    SELECT j.id, coalesce(f.n, 0) + row_number() OVER (PARTITION BY j.project_id, j.kind ORDER BY j.shot, j.created_at) AS turn
    FROM jobs j LEFT JOIN film f ON f.project_id = j.project_id AND f.kind = j.kind
    WHERE j.project_id = ANY(%(project_ids)s) AND j.provider = %(provider)s AND j.state = 'queued' AND j.next_try_at <= %(now)s
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
)
UPDATE jobs SET state = 'admitted', admitted_at = %(now)s, rings = 0 FROM queue
WHERE jobs.id = queue.id AND queue.turn <= %(per_film)s AND jobs.state = 'queued'
RETURNING jobs.id, jobs.kind, jobs.task_id, jobs.project_id, jobs.shot;

-- name: admit_jobs
-- Give free slots to queued jobs: at most so many of a film, so many as the account has room for; users take turns, so
-- that one user's many films do not stop another's one. "Too many requests" is said to the account, not to the job: while
-- one waits for that, none is sent. What was just given up with a lost answer holds its slot of the film as above.
WITH open_jobs AS (
    SELECT project_id, kind, tenant_id, user_id FROM jobs
    WHERE provider = %(provider)s AND state IN ('admitted', 'submitting', 'running', 'unknown')
), film AS (
    SELECT project_id, kind, count(*) AS n FROM (
        SELECT project_id, kind FROM open_jobs
        UNION ALL
        SELECT project_id, kind FROM jobs
        WHERE state = 'settled' AND outcome = 'lost' AND provider_id IS NULL AND provider = %(provider)s
          AND intent_at > %(now)s - %(lost_holds)s * interval '1 second') busy
    GROUP BY 1, 2
), person AS (
    SELECT tenant_id, user_id, count(*) AS n FROM open_jobs GROUP BY 1, 2
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
    SELECT id FROM queue WHERE film_turn <= %(per_film)s ORDER BY turn, created_at, shot LIMIT %(room)s
)
UPDATE jobs SET state = 'admitted', admitted_at = %(now)s, rings = 0 FROM chosen
WHERE jobs.id = chosen.id AND jobs.state = 'queued'
RETURNING jobs.id, jobs.kind, jobs.task_id, jobs.project_id, jobs.shot;

-- name: intend_job
-- The intent, committed before the POST; the last moment at which cancel can stop it. What is sent is kept: found in the
-- provider's history, it proves that a lost answer was a purchase.
UPDATE jobs j
SET state = 'submitting', attempt = j.attempt + 1, intent_at = %(now)s, token_hash = %(token_hash)s, error = NULL,
    held_for = NULL, held_since = NULL,
    former_tokens = CASE WHEN j.token_hash IS NULL THEN j.former_tokens ELSE j.former_tokens || j.token_hash END,
    sent = %(sent)s, lookups = 0, next_lookup_at = NULL, posts = (%(now)s::timestamptz || j.posts)[1:10]
WHERE j.id = %(id)s AND j.state = 'admitted'
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
RETURNING j.*;

-- name: accept_job
-- The provider took it: its id, straight after the answer; or what a quicker callback could not know, the handles. An
-- answer that comes after we had given up (the worker was held up, a clock is wrong) names what was bought all the same, and
-- one that comes after the job was put back to be sent again stops that. If its film was cancelled meanwhile, whoever did
-- that could not stop it at its provider: it is looked at now, while it may still wait there.
UPDATE jobs
SET state = 'running', outcome = NULL, provider_id = %(provider_id)s, handles = %(handles)s, accepted_at = %(now)s,
    refusals = 0, deadline_at = %(deadline_at)s, unknown_at = NULL, settled_at = NULL, error = NULL,
    next_poll_at = CASE WHEN EXISTS (SELECT 1 FROM tasks t WHERE t.id = jobs.task_id AND t.cancel_asked_at IS NOT NULL)
                        THEN %(now)s ELSE %(next_poll_at)s END
WHERE id = %(id)s AND attempt = %(attempt)s
  AND (state IN ('submitting', 'unknown') OR (state IN ('queued', 'admitted') AND provider_id IS NULL)
       OR (state = 'running' AND provider_id = %(provider_id)s AND handles = '{}')
       OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL));

-- name: adopt_unknown
-- A callback proved that a submission whose answer was lost did arrive; also after we had given up on it, and while it
-- waits to be sent again. Addresses in its row are those of an earlier request, which failed there: not to be asked for it.
UPDATE jobs
SET state = 'running', outcome = NULL, provider_id = %(provider_id)s, handles = '{}', accepted_at = %(now)s,
    next_poll_at = %(now)s, deadline_at = %(deadline_at)s, unknown_at = NULL, settled_at = NULL, error = NULL
WHERE id = %(id)s AND attempt = %(attempt)s AND (state IN ('submitting', 'unknown')
                       OR (state IN ('queued', 'admitted') AND provider_id IS NULL AND intent_at IS NOT NULL)
                       OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL));

-- name: doubt_job
-- The request left and no answer says what became of it.
UPDATE jobs SET state = 'unknown', unknown_at = %(now)s, error = %(error)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'submitting';

-- name: requeue_job
-- A definite, passing refusal (or nothing was even sent), or a job that failed at the provider and may be asked for once
-- more; of a task that was cancelled meanwhile it is not, and would only hold a slot for ever. What was set aside for it is let go.
WITH moved AS (
    UPDATE jobs
    SET state = CASE WHEN EXISTS (SELECT 1 FROM tasks t WHERE t.id = jobs.task_id AND t.cancel_asked_at IS NOT NULL)
                     THEN 'cancelled' ELSE 'queued' END,
        next_try_at = %(next_try_at)s, error = %(error)s, refusals = refusals + %(refused)s,
        renewals = renewals + %(renewed)s, former_ids = CASE WHEN provider_id IS NULL THEN former_ids ELSE former_ids || provider_id END,
        provider_id = NULL, handles = '{}', polls = 0, held_for = NULL, held_since = NULL
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = ANY(%(from_states)s)
    RETURNING id, attempt
), let_go AS (
    DELETE FROM reservations WHERE key IN (SELECT id || '#' || attempt FROM moved)
)
SELECT id FROM moved;

-- name: settle_job
-- The end of a job; the first to come wins. What failed was not bought, or is booked: nothing stays set aside for it.
WITH moved AS (
    UPDATE jobs SET state = 'settled', outcome = %(outcome)s, error = %(error)s, settled_at = %(now)s, held_for = NULL,
                    held_since = NULL
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = ANY(%(from_states)s)
    RETURNING id, attempt
), let_go AS (
    DELETE FROM reservations WHERE key IN (SELECT id || '#' || attempt FROM moved) AND %(outcome)s = 'failed'
)
SELECT id FROM moved;

-- name: tell_settled
-- What the end of a job means to the tasks that wait for it (held still by us): progress, a line of their story, and for
-- the last one that the parked stage is ready. A task that began to wait meanwhile is named, to be held and told too.
WITH waiting AS (
    SELECT l.task_id, count(*) AS total, count(*) FILTER (WHERE j.state IN ('settled', 'cancelled')) AS settled
    FROM task_jobs l JOIN jobs j ON j.id = l.job_id AND j.kind = %(kind)s
    WHERE l.task_id = ANY(%(task_ids)s) GROUP BY l.task_id
), moved AS (
    UPDATE tasks SET progress = greatest(progress, %(low)s + (%(high)s - %(low)s) * w.settled / w.total),
                     updated_at = %(now)s
    FROM waiting w WHERE tasks.id = w.task_id
), told AS (
    INSERT INTO events (task_id, number, at, stage, kind, data)
    SELECT w.task_id, (SELECT coalesce(max(number), 0) + 1 FROM events e WHERE e.task_id = w.task_id), %(now)s, %(stage)s,
           %(event)s, jsonb_build_object('shot', %(shot)s::integer, 'jobId', %(job_id)s::text, 'settled', w.settled,
                                         'total', w.total) || %(error)s::jsonb
    FROM waiting w
), woken AS (
    UPDATE stage_runs r SET state = 'ready', sent_at = %(now)s, sends = 0, lease_until = NULL, owner = NULL,
                            finished_at = NULL
    FROM waiting w
    WHERE r.task_id = w.task_id AND r.stage = %(stage)s AND r.state = 'parked' AND w.settled = w.total
    RETURNING r.task_id
)
SELECT task_id, true AS woken FROM woken
UNION ALL
SELECT t.id, false FROM tasks t JOIN task_jobs l ON l.task_id = t.id
WHERE l.job_id = %(job_id)s AND t.status IN ('queued', 'processing') AND t.id <> ALL(%(told)s);

-- name: fail_queued
-- A key or a balance that stopped one job stops those that still wait behind it.
UPDATE jobs SET state = 'settled', outcome = 'failed', error = %(error)s, settled_at = %(now)s
WHERE state = 'queued' AND kind = %(kind)s AND id IN (SELECT job_id FROM task_jobs WHERE task_id = %(task_id)s);

-- name: claim_admitted
-- Admitted jobs whose submit message seems lost: nothing was sent, so ringing again is free. Each time after twice as long:
-- behind a long queue messages are late and not lost.
UPDATE jobs SET rings = rings + 1
WHERE id IN (
    SELECT id FROM jobs
    WHERE state = 'admitted' AND admitted_at < %(now)s - %(again)s * (power(2, least(rings, 8) + 1) - 1) * interval '1 second'
    LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, task_id, project_id, shot;

-- name: doubt_silent
-- Submissions whose process died: their bound has passed, so nobody is waiting for the answer any more.
UPDATE jobs SET state = 'unknown', unknown_at = %(now)s, error = %(error)s
WHERE state = 'submitting' AND intent_at < %(before)s
RETURNING id;

-- name: list_given_up
-- Jobs that have waited to their bound: unknown ones, and rendered ones past their deadline whose every copying was cut
-- off (one that is told why it failed ends itself at its tenth). A running one is ended by the look that finds it late.
-- waits: seconds by kind; what can still make a lost answer good differs between them.
SELECT * FROM jobs
WHERE (state = 'unknown' AND unknown_at < %(now)s - (%(waits)s::jsonb ->> kind)::float * interval '1 second')
   OR (state = 'rendered' AND deadline_at < %(now)s AND fetches > 10)
LIMIT 50;

-- name: find_job_by_token
-- The job that a callback address belongs to.
SELECT * FROM jobs WHERE token_hash = %(token_hash)s AND provider = %(provider)s;

-- name: find_job_by_former_token
-- The job that had this callback address before it was sent again.
SELECT * FROM jobs
WHERE former_tokens <> '{}' AND former_tokens @> ARRAY[%(token_hash)s::text] AND provider = %(provider)s;

-- name: cancel_jobs
-- What was not sent yet is not sent any more.
UPDATE jobs SET state = 'cancelled', settled_at = %(now)s
WHERE task_id = %(task_id)s AND state IN ('queued', 'admitted');

-- name: is_unwanted
-- Whether a job's film was cancelled and no other unfinished one counts on it.
SELECT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM task_jobs l JOIN tasks t ON t.id = l.task_id
                       WHERE l.job_id = j.id AND t.status IN ('queued', 'processing')) AS unwanted
FROM jobs j WHERE j.id = %(id)s;

-- name: list_running_jobs
-- What is being made at the providers for a task.
SELECT * FROM jobs WHERE task_id = %(task_id)s AND state = 'running';
