-- name: take_turn
-- One caller a period, however many there are. A turn that lies in the future was taken by a machine whose clock was wrong:
-- it holds nobody up.
INSERT INTO heartbeats (name, at) VALUES (%(name)s, %(now)s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at
WHERE heartbeats.at <= excluded.at - %(period)s * interval '1 second' OR heartbeats.at > excluded.at + interval '1 minute';

-- name: list_stranded
-- Unfinished films that nothing will move by itself, or that have not moved for longer than they should, each with one
-- reason. What waits for a provider within its time, or for its turn of slots while others are served, is not among them, nor
-- what is held, or bought of a provider whose account is locked and that does not even say how it stands.
-- `limits` has one line a kind of job: kind, stage, provider, running, per_film, unknown_wait.
WITH open_jobs AS MATERIALIZED (
    SELECT id, project_id, kind, provider, state, next_try_at, admitted_at, intent_at, unknown_at, next_poll_at, deadline_at, fetching,
           coalesce(rendered_at, looked_at, created_at) AS rendered_at, error, created_at
    FROM jobs WHERE state NOT IN ('settled', 'cancelled')
), account AS MATERIALIZED (
    -- `quiet`: slots are free, nobody said "too many requests", and yet nothing has been sent for a while. What a wrong
    -- clock sent in the future does not hide that.
    SELECT l.*, n.sent_at, coalesce(t.n, 0) < l.running AND NOT coalesce(t.told_to_wait, false)
                           AND n.sent_at < %(now)s - %(patience)s * interval '1 second' AS quiet
    FROM jsonb_to_recordset(%(limits)s) AS l (kind text, stage text, provider text, running integer, per_film integer,
                                              unknown_wait double precision)
    CROSS JOIN LATERAL (SELECT coalesce(max(j.intent_at), '-infinity') AS sent_at FROM jobs j
                        WHERE j.provider = l.provider
                          AND j.intent_at <= greatest(%(now)s, now()) + interval '1 minute') n
    LEFT JOIN (SELECT provider, count(*) FILTER (WHERE state IN ('admitted', 'submitting', 'running', 'unknown')) AS n,
                      bool_or(state = 'queued' AND next_try_at > %(now)s AND error ->> 'status' = '429')
                          OR provider IN (SELECT p.provider FROM provider_pauses p) AS told_to_wait
               FROM open_jobs GROUP BY provider) t ON t.provider = l.provider
), of_film AS MATERIALIZED (
    SELECT project_id, kind, count(*) AS n FROM open_jobs WHERE state IN ('admitted', 'submitting', 'running') GROUP BY 1, 2
), suspect AS MATERIALIZED (
    SELECT * FROM (
        SELECT j.*, a.stage, a.per_film, CASE j.state
            WHEN 'queued' THEN CASE WHEN a.quiet AND j.next_try_at < %(now)s - %(patience)s * interval '1 second'
                                    THEN 'not_admitted' END
            -- Whoever tries an empty account would be tried much later, were it not let through.
            WHEN 'admitted' THEN CASE WHEN greatest(least(j.next_try_at, j.admitted_at), a.sent_at)
                                           < %(now)s - %(patience)s * interval '1 second' THEN 'not_submitted' END
            WHEN 'submitting' THEN CASE WHEN coalesce(j.intent_at, j.created_at)
                                             < %(now)s - (%(submit_seconds)s + %(patience)s) * interval '1 second'
                                        THEN 'submission_silent' END
            WHEN 'unknown' THEN CASE WHEN coalesce(j.unknown_at, j.created_at)
                                          < %(now)s - (a.unknown_wait + %(stranded)s) * interval '1 second'
                                     THEN 'unknown_overdue' END
            WHEN 'running' THEN CASE WHEN coalesce(j.next_poll_at, j.created_at)
                                          < %(now)s - %(patience)s * interval '1 second' THEN 'not_polled'
                                     WHEN j.deadline_at < %(now)s - %(stranded)s * interval '1 second'
                                          AND coalesce(j.error ->> 'code', '') <> 'provider_balance' THEN 'overdue' END
            WHEN 'rendered' THEN CASE WHEN coalesce(j.next_poll_at, j.created_at)
                                           < %(now)s - %(patience)s * interval '1 second'
                                        OR (j.error IS NULL AND NOT (j.fetching AND j.next_poll_at > %(now)s)
                                            AND j.rendered_at < %(now)s - %(patience)s * interval '1 second')
                                      THEN 'not_collected' END
            ELSE 'unknown_state' END AS reason,
            CASE j.state WHEN 'submitting' THEN j.intent_at WHEN 'unknown' THEN j.unknown_at
                WHEN 'running' THEN CASE WHEN j.next_poll_at < %(now)s THEN j.next_poll_at ELSE j.deadline_at END
                WHEN 'rendered' THEN j.rendered_at WHEN 'queued' THEN j.next_try_at END AS since
        FROM open_jobs j JOIN account a ON a.kind = j.kind) judged
    WHERE reason IS NOT NULL
), film AS MATERIALIZED (
    SELECT t.id, t.current_step, s.stage, s.state, s.sends, s.crashes, s.sent_at, s.lease_until, s.held_for,
           coalesce((SELECT max(moved.at) FROM (VALUES (t.updated_at), (e.at), ((s.held ->> 'letGo')::timestamptz)) moved (at)
                     WHERE moved.at <= greatest(%(now)s, now()) + interval '1 minute'), t.created_at) AS moved_at
    FROM tasks t
    LEFT JOIN LATERAL (SELECT * FROM stage_runs r WHERE r.task_id = t.id AND r.state IN ('ready', 'running', 'parked')
                       ORDER BY r.position LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT v.at FROM events v WHERE v.task_id = t.id ORDER BY v.number DESC LIMIT 1) e ON true
    WHERE t.status IN ('queued', 'processing') AND t.id = coalesce(%(task_id)s, t.id)
), stuck AS (
    SELECT DISTINCT ON (f.id) f.id, j.reason, j.since
    FROM suspect j
    JOIN task_jobs l ON l.job_id = j.id
    JOIN film f ON f.id = l.task_id AND f.state = 'parked' AND f.stage = j.stage
    LEFT JOIN of_film o ON o.project_id = j.project_id AND o.kind = j.kind
    WHERE CASE j.reason WHEN 'not_admitted' THEN coalesce(o.n, 0) < j.per_film
              WHEN 'not_submitted' THEN f.moved_at < %(now)s - %(patience)s * interval '1 second'
              WHEN 'not_collected' THEN f.moved_at < %(now)s - %(patience)s * interval '1 second'
              ELSE true END
    ORDER BY f.id, j.since
), served AS (
    -- Stages that somebody works on: their queue is long, not abandoned.
    SELECT stage FROM stage_runs WHERE state = 'running' AND lease_until >= %(now)s
    UNION SELECT stage FROM account WHERE sent_at >= %(now)s - %(patience)s * interval '1 second'
), found AS (
    SELECT f.id AS task_id, coalesce(f.stage, f.current_step) AS stage, f.crashes, CASE
        WHEN f.state IS NULL THEN 'no_stage'
        WHEN f.state = 'ready' THEN CASE
            WHEN f.sent_at IS NULL THEN 'unclaimable'
            WHEN f.stage IN (SELECT stage FROM served)
                THEN CASE WHEN f.moved_at < %(now)s - %(stranded)s * interval '1 second' THEN 'queue_too_long' END
            WHEN f.moved_at < %(now)s - (CASE WHEN f.sends >= 3 THEN %(patience)s ELSE %(stranded)s END) * interval '1 second'
                THEN 'no_worker' END
        WHEN f.state = 'running' THEN CASE
            WHEN f.lease_until IS NULL THEN 'unclaimable'
            WHEN f.lease_until < %(now)s - %(patience)s * interval '1 second' THEN 'abandoned'
            WHEN f.moved_at < %(now)s - %(stranded)s * interval '1 second' THEN 'running_long' END
        WHEN f.held_for IS NOT NULL THEN NULL
        WHEN s.reason IS NOT NULL THEN s.reason
        WHEN NOT EXISTS (SELECT 1 FROM task_jobs l JOIN jobs j ON j.id = l.job_id JOIN account a ON a.kind = j.kind
                         WHERE l.task_id = f.id AND a.stage = f.stage) THEN 'no_jobs'
        WHEN NOT EXISTS (SELECT 1 FROM task_jobs l JOIN jobs j ON j.id = l.job_id JOIN account a ON a.kind = j.kind
                         WHERE l.task_id = f.id AND a.stage = f.stage AND j.state NOT IN ('settled', 'cancelled'))
            THEN 'missed_wakeup' END AS reason,
        coalesce(s.since, CASE WHEN f.state = 'running' AND f.lease_until < %(now)s THEN f.lease_until END, f.moved_at) AS since
    FROM film f LEFT JOIN stuck s ON s.id = f.id
)
SELECT * FROM found WHERE reason IS NOT NULL ORDER BY since, task_id;

-- name: list_waiting
-- What unfinished films wait for at this moment, in one word each (none while a worker is at it), and when the next of
-- their jobs that was put off is tried again. "Too many requests" puts off all jobs of that account. What is held has no
-- such time, nor has what waits for a paused provider: they go on when there is room, or when its account is good.
WITH film AS (
    SELECT t.id, s.stage, s.state, s.lease_until, s.held_for
    FROM tasks t
    LEFT JOIN LATERAL (SELECT * FROM stage_runs r WHERE r.task_id = t.id AND r.state IN ('ready', 'running', 'parked')
                       ORDER BY r.position LIMIT 1) s ON true
    WHERE t.id = ANY(%(task_ids)s) AND t.status IN ('queued', 'processing')
), job AS (
    SELECT f.id AS task_id, count(*) AS n, min(j.provider) AS provider,
           count(*) FILTER (WHERE j.state = 'submitting' OR (j.state = 'running' AND coalesce(j.error ->> 'code', '')
                                                                                     <> 'provider_balance')) AS making,
           count(*) FILTER (WHERE j.state = 'running' AND j.error ->> 'code' = 'provider_balance') AS locked,
           count(*) FILTER (WHERE j.state = 'rendered') AS rendered,
           count(*) FILTER (WHERE j.state = 'admitted') AS admitted,
           count(*) FILTER (WHERE j.state = 'queued' AND j.next_try_at <= %(now)s) AS due,
           count(*) FILTER (WHERE j.state = 'queued' AND j.next_try_at > %(now)s) AS put_off,
           count(*) FILTER (WHERE j.state = 'queued' AND j.next_try_at > %(now)s AND j.held_for IS NOT NULL) AS held,
           max(j.held_for) FILTER (WHERE j.state = 'queued' AND j.next_try_at > %(now)s) AS held_for,
           min(CASE WHEN j.state = 'queued' AND j.held_for IS NULL AND j.provider NOT IN (SELECT p.provider FROM provider_pauses p)
                    THEN j.next_try_at
                    WHEN j.state = 'rendered' AND NOT j.fetching AND j.error IS NOT NULL THEN j.next_poll_at END)
               FILTER (WHERE CASE j.state WHEN 'queued' THEN j.next_try_at ELSE j.next_poll_at END > %(now)s) AS retry_at
    FROM film f JOIN task_jobs l ON l.task_id = f.id JOIN jobs j ON j.id = l.job_id
    WHERE f.state = 'parked' AND j.state NOT IN ('settled', 'cancelled')
      AND j.kind = CASE f.stage WHEN 'visual' THEN 'picture' WHEN 'video' THEN 'clip' END
    GROUP BY f.id
), account AS (
    SELECT j.task_id, CASE WHEN j.due > 0 AND j.making + j.rendered + j.admitted = 0
                                AND j.provider NOT IN (SELECT p.provider FROM provider_pauses p) THEN (
        SELECT max(p.next_try_at) FROM jobs p WHERE p.provider = j.provider AND p.state = 'queued'
        AND p.next_try_at > %(now)s AND p.error ->> 'status' = '429') END AS told_to_wait_until
    FROM job j
)
SELECT f.id AS task_id, CASE WHEN f.held_for IS NULL THEN coalesce(j.retry_at, a.told_to_wait_until) END AS retry_at, CASE
    WHEN f.state IS NULL THEN 'sweep'
    WHEN f.state = 'ready' OR (f.state = 'running' AND f.lease_until < %(now)s) THEN 'worker'
    WHEN f.state = 'running' THEN NULL
    WHEN f.held_for IS NOT NULL THEN f.held_for
    WHEN j.n IS NULL THEN 'sweep'
    WHEN j.making > 0 THEN CASE f.stage WHEN 'visual' THEN 'pictures' ELSE 'clips' END
    WHEN j.rendered > 0 THEN 'copy'
    WHEN j.admitted > 0 THEN 'worker'
    WHEN j.locked > 0 THEN 'provider'
    WHEN j.held > 0 AND j.held = j.put_off AND j.due = 0 THEN j.held_for
    WHEN j.provider IN (SELECT p.provider FROM provider_pauses p) THEN 'provider'
    WHEN a.told_to_wait_until IS NOT NULL OR (j.put_off > 0 AND j.due = 0) THEN 'provider'
    WHEN j.due > 0 THEN 'slot'
    ELSE 'unknownPurchase' END AS word
FROM film f LEFT JOIN job j ON j.task_id = f.id LEFT JOIN account a ON a.task_id = f.id;

-- name: restore_stage
-- Put a stage that is missing or only waits where it belongs. A row that was lost takes up the attempts of the events, so
-- that a worker that still runs it is not mistaken for the next one.
INSERT INTO stage_runs (task_id, stage, position, state, attempt, sent_at, finished_at)
VALUES (%(task_id)s, %(stage)s, %(position)s, %(state)s,
        (SELECT coalesce(max((e.data ->> 'attempt')::integer), 0) FROM events e
         WHERE e.task_id = %(task_id)s AND e.stage = %(stage)s AND e.kind = 'stage_started'),
        CASE WHEN %(state)s = 'ready' THEN %(now)s::timestamptz END, CASE WHEN %(state)s = 'done' THEN %(now)s::timestamptz END)
ON CONFLICT (task_id, stage) DO UPDATE
SET state = excluded.state, sent_at = excluded.sent_at, sends = 0, lease_until = NULL, owner = NULL,
    finished_at = excluded.finished_at
WHERE stage_runs.state = 'waiting';

-- name: count_films
-- Unfinished films, and those that ended in the last day, by status.
SELECT status, count(*) AS n FROM tasks WHERE status IN ('queued', 'processing') GROUP BY status
UNION ALL
SELECT status, count(*) FROM tasks
WHERE finished_at > %(now)s - interval '1 day' AND status NOT IN ('queued', 'processing') GROUP BY status;

-- name: count_jobs
-- Open jobs, and since when the oldest of them is in its state (queued and admitted: since it was due).
SELECT provider, kind, state, count(*) AS n, min(CASE state
    WHEN 'submitting' THEN intent_at WHEN 'unknown' THEN unknown_at WHEN 'running' THEN accepted_at
    WHEN 'rendered' THEN coalesce(rendered_at, looked_at) ELSE next_try_at END) AS since
FROM jobs WHERE state NOT IN ('settled', 'cancelled') GROUP BY provider, kind, state;

-- name: count_doubts
-- Jobs of which nobody knows whether they were bought: still waited for, or held for a person.
SELECT provider, count(*) AS n FROM jobs
WHERE state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL)
GROUP BY provider;
