-- name: add_stage_run
-- One stage of a task: ready if it is the first to run, done if its checkpoint was carried over, else waiting.
INSERT INTO stage_runs (task_id, stage, position, state, sent_at, finished_at)
VALUES (%(task_id)s, %(stage)s, %(position)s, %(state)s,
        CASE WHEN %(state)s = 'ready' THEN %(now)s::timestamptz END,
        CASE WHEN %(state)s = 'done' THEN %(now)s::timestamptz END);

-- name: list_stage_runs
-- The five stages of a task in order.
SELECT * FROM stage_runs WHERE task_id = %(task_id)s ORDER BY position;

-- name: claim_stage
-- Take a stage that is ready, or whose worker stopped renewing its lease; not once cancel was asked. A lease that ends
-- later than any is given for is a wrong clock's, and holds nobody up.
UPDATE stage_runs r
SET state = 'running', attempt = r.attempt + 1, crashes = r.crashes + (r.state = 'running')::int,
    lease_until = %(lease_until)s, owner = %(owner)s, started_at = coalesce(r.started_at, %(now)s)
FROM tasks t
WHERE r.task_id = %(task_id)s AND r.stage = %(stage)s AND t.id = r.task_id AND t.cancel_asked_at IS NULL
  AND t.status IN ('queued', 'processing')
  AND (r.state = 'ready' OR (r.state = 'running' AND (
      r.lease_until < %(now)s OR r.lease_until > greatest(%(now)s, now()) + interval '15 minutes')))
RETURNING r.attempt, r.crashes;

-- name: renew_lease
-- Keep a running stage; no row = it belongs to somebody else now.
UPDATE stage_runs SET lease_until = %(lease_until)s
WHERE task_id = %(task_id)s AND stage = %(stage)s AND attempt = %(attempt)s AND state = 'running';

-- name: leave_stage
-- End a run of a stage (done, parked, failed); fenced by the attempt.
UPDATE stage_runs
SET state = %(state)s, lease_until = NULL, owner = NULL, held_for = NULL, held_since = NULL, held = NULL,
    finished_at = CASE WHEN %(state)s IN ('done', 'failed') THEN %(now)s::timestamptz END
WHERE task_id = %(task_id)s AND stage = %(stage)s AND attempt = %(attempt)s AND state = 'running';

-- name: ready_stage
-- Let a stage run: after the one before it, or when the last of its jobs settled. sent_at is the outbox.
UPDATE stage_runs SET state = 'ready', sent_at = %(now)s, sends = 0, lease_until = NULL, owner = NULL, finished_at = NULL
WHERE task_id = %(task_id)s AND stage = %(stage)s AND state = ANY(%(from_states)s);

-- name: later_stage
-- Give a stage back to be run again at a later time, after passing trouble of our own.
UPDATE stage_runs SET state = 'ready', sent_at = %(sent_at)s, sends = sends + 1, crashes = crashes + 1,
                      lease_until = NULL, owner = NULL
WHERE task_id = %(task_id)s AND stage = %(stage)s AND attempt = %(attempt)s AND state = 'running';

-- name: skip_stages
-- What a stopped or cancelled task will not do.
UPDATE stage_runs SET state = 'skipped', lease_until = NULL, owner = NULL
WHERE task_id = %(task_id)s AND state IN ('waiting', 'ready', 'parked', 'running');

-- name: reset_stages
-- For a retry: everything from this position on is to be run again.
UPDATE stage_runs SET state = 'waiting', lease_until = NULL, owner = NULL, finished_at = NULL, crashes = 0,
                      attempt = attempt + 1, held_for = NULL, held_since = NULL, held = NULL
WHERE task_id = %(task_id)s AND position >= %(position)s;

-- name: ring_due
-- Stages that are ready but whose message seems lost, and stages whose worker died: claim the ringing of them. What lies
-- further ahead than anything we write was written by a wrong clock.
UPDATE stage_runs r SET sent_at = %(now)s, sends = r.sends + 1
FROM (
    SELECT s.task_id, s.stage FROM stage_runs s JOIN tasks t ON t.id = s.task_id
    CROSS JOIN (SELECT greatest(%(now)s, now()) + interval '15 minutes' AS at) far
    WHERE t.status IN ('queued', 'processing')
      AND ((s.state = 'ready'
            AND (s.sent_at + least(%(again)s * power(2, least(s.sends, 10)), 300) * interval '1 second' < %(now)s
                 OR s.sent_at > far.at))
        OR (s.state = 'running' AND (s.lease_until < %(now)s OR s.lease_until > far.at)
            AND (s.sent_at + %(again)s * interval '1 second' < %(now)s OR s.sent_at > far.at)))
    ORDER BY s.sent_at LIMIT 100 FOR UPDATE OF s SKIP LOCKED
) due
WHERE r.task_id = due.task_id AND r.stage = due.stage
RETURNING r.task_id, r.stage, r.state;

-- name: sweep_turn
-- One sweep a period for all beats and workers; the row is also the heartbeat that /ready shows. A turn that lies in the
-- future was taken by a machine whose clock was wrong: it holds nobody up.
INSERT INTO heartbeats (name, at) VALUES ('sweep', %(now)s)
ON CONFLICT (name) DO UPDATE SET at = excluded.at
WHERE heartbeats.at < excluded.at - %(period)s * interval '1 second' OR heartbeats.at > excluded.at + interval '1 minute';

-- name: heartbeat
-- When something last ran.
SELECT at FROM heartbeats WHERE name = %(name)s;
