-- name: pause_provider
-- A provider's account is empty: nothing is asked of it until a check succeeds. Told again, it stays since when it was.
INSERT INTO provider_pauses (provider, since, message, checked_at) VALUES (%(provider)s, %(now)s, %(message)s, %(now)s)
ON CONFLICT (provider) DO UPDATE SET message = excluded.message, checked_at = greatest(provider_pauses.checked_at, excluded.checked_at),
                                     probe = NULL
RETURNING (xmax = 0) AS is_new;

-- name: resume_provider
-- Its account is good again.
DELETE FROM provider_pauses WHERE provider = %(provider)s;

-- name: list_pauses
-- Providers whose account is empty.
SELECT provider, since, message, checks FROM provider_pauses ORDER BY provider;

-- name: claim_checks
-- Paused providers that are to be tried now: each time after twice as long, at most so long. A time that lies in the future
-- was written by a wrong clock.
UPDATE provider_pauses SET checked_at = %(now)s, checks = checks + 1
WHERE checked_at + least(%(first)s * power(2, least(checks, 10)), %(slowest)s) * interval '1 second' <= %(now)s
   OR checked_at > greatest(%(now)s, now()) + interval '1 minute'
RETURNING provider;

-- name: let_through
-- Whoever is let through to a paused provider, to see whether it serves again.
UPDATE provider_pauses SET probe = %(probe)s WHERE provider = %(provider)s;

-- name: admit_probe
-- The oldest waiting job of a paused provider takes the way of an admitted one, past everything that waits; of a film of
-- which nothing is being made there, where there is one, so that it keeps its cap.
UPDATE jobs SET state = 'admitted', admitted_at = %(now)s, rings = 0
WHERE id = (
    SELECT j.id FROM jobs j
    WHERE j.provider = %(provider)s AND j.state = 'queued' AND (j.held_for = 'provider' OR j.next_try_at <= %(now)s)
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = j.task_id AND t.cancel_asked_at IS NOT NULL)
    ORDER BY EXISTS (SELECT 1 FROM jobs o WHERE o.project_id = j.project_id AND o.kind = j.kind
                     AND o.state IN ('admitted', 'submitting', 'running', 'unknown')), j.created_at, j.shot LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
RETURNING id, kind, task_id, project_id, shot;

-- name: probe_stage
-- The stage that has waited longest for a paused provider goes on, to try it. `letGo`: its film stood still until then.
UPDATE stage_runs r SET state = 'ready', sent_at = %(now)s, sends = 0,
                        held = r.held || jsonb_build_object('letGo', %(now)s::timestamptz)
FROM (
    SELECT s.task_id, s.stage FROM stage_runs s JOIN tasks t ON t.id = s.task_id
    WHERE s.state = 'parked' AND s.held_for = 'provider' AND s.held ->> 'provider' = %(provider)s
      AND t.status IN ('queued', 'processing')
    ORDER BY s.held_since LIMIT 1 FOR UPDATE OF s SKIP LOCKED
) first
WHERE r.task_id = first.task_id AND r.stage = first.stage
RETURNING r.task_id, r.stage;

-- name: hold_job
-- What may not be bought now goes back to the queue, and is not tried before somebody made room for it. Since when it waits
-- stays, while it waits for the same.
WITH moved AS (
    UPDATE jobs
    SET state = CASE WHEN EXISTS (SELECT 1 FROM tasks t WHERE t.id = jobs.task_id AND t.cancel_asked_at IS NOT NULL)
                     THEN 'cancelled' ELSE 'queued' END,
        next_try_at = %(again_at)s, error = %(error)s, held_for = %(held_for)s,
        held_since = CASE WHEN held_for = %(held_for)s THEN coalesce(held_since, %(since_at)s) ELSE %(since_at)s END
    WHERE id = %(id)s AND attempt = %(attempt)s AND state = %(state)s
    RETURNING id, attempt
), let_go AS (
    DELETE FROM reservations WHERE key IN (SELECT id || '#' || attempt FROM moved)
)
SELECT id FROM moved;

-- name: hold_behind_pause
-- What queues at a paused provider without having met its no: it waits for the same, says so, and is given up as late.
UPDATE jobs j
SET held_for = 'provider', held_since = greatest(p.since, j.next_try_at), next_try_at = %(again_at)s,
    error = jsonb_strip_nulls(jsonb_build_object(
        'code', %(code)s::text, 'message', p.message, 'provider', p.provider, 'since', greatest(p.since, j.next_try_at),
        'unread', CASE WHEN j.error ->> 'code' = %(unread)s OR j.error ->> 'unread' = 'true' THEN true END))
FROM provider_pauses p
WHERE j.id IN (SELECT q.id FROM jobs q JOIN provider_pauses s ON s.provider = q.provider
               WHERE q.state = 'queued' AND q.next_try_at <= %(now)s ORDER BY q.next_try_at LIMIT %(limit)s FOR UPDATE OF q SKIP LOCKED)
  AND p.provider = j.provider;

-- name: hold_stage
-- The same of a stage that is running: its worker is free meanwhile. One that bought something since it was held waits anew.
UPDATE stage_runs
SET state = 'parked', lease_until = NULL, owner = NULL, held_for = %(held_for)s, held = %(held)s,
    held_since = CASE WHEN held_for = %(held_for)s AND NOT EXISTS (
        SELECT 1 FROM charges c WHERE c.task_id = %(task_id)s AND c.created_at > held_since)
    THEN coalesce(held_since, %(now)s) ELSE %(now)s END
WHERE task_id = %(task_id)s AND stage = %(stage)s AND attempt = %(attempt)s AND state = 'running'
RETURNING held_since = %(now)s AS is_new;

-- name: let_go_jobs
-- Held jobs for which there is room now, those that have waited longest first: they take their turns like others. Each is
-- looked at again when it is sent, so that those for which the room was not enough wait on.
WITH waits AS MATERIALIZED (
    SELECT DISTINCT t.tenant_id, t.user_id, t.campaign_id, t.id FROM jobs j JOIN tasks t ON t.id = j.task_id
    WHERE j.held_for = 'budget' AND j.state = 'queued'
), room AS MATERIALIZED (
    SELECT b.tenant_id, b.scope, b.subject, b.dollars - b.spent - b.reserved AS dollars FROM budgets_at(%(now)s) b
    WHERE (b.tenant_id, b.scope, b.subject) IN (
        SELECT w.tenant_id, k.scope, k.subject FROM waits w
        CROSS JOIN LATERAL (VALUES ('tenant', ''), ('user', w.user_id), ('campaign', w.campaign_id), ('film', w.id))
            AS k (scope, subject))
)
UPDATE jobs SET next_try_at = %(now)s
WHERE id IN (
    SELECT j.id FROM jobs j JOIN tasks t ON t.id = j.task_id
    WHERE j.state = 'queued' AND j.held_for IS NOT NULL AND j.next_try_at > %(now)s AND CASE j.held_for
        WHEN 'spending' THEN NOT EXISTS (SELECT 1 FROM spending_stop)
        WHEN 'provider' THEN NOT EXISTS (SELECT 1 FROM provider_pauses p WHERE p.provider = j.provider)
        ELSE NOT EXISTS (
            SELECT 1 FROM room r JOIN (VALUES ('tenant', ''), ('user', j.user_id), ('campaign', t.campaign_id), ('film', j.task_id))
                AS k (scope, subject) ON r.scope = k.scope AND r.subject = k.subject
            WHERE r.tenant_id = j.tenant_id AND (j.error ->> 'dollars' IS NULL OR r.dollars < (j.error ->> 'dollars')::numeric)) END
    ORDER BY j.held_since LIMIT %(limit)s FOR UPDATE OF j SKIP LOCKED);

-- name: let_go_stages
-- The same of held stages; also those whose price nobody knows, some time later. `letGo`: their films stood still until then.
WITH waits AS MATERIALIZED (
    SELECT DISTINCT t.tenant_id, t.user_id, t.campaign_id, t.id FROM stage_runs s JOIN tasks t ON t.id = s.task_id
    WHERE s.held_for = 'budget' AND s.state = 'parked'
), room AS MATERIALIZED (
    SELECT b.tenant_id, b.scope, b.subject, b.dollars - b.spent - b.reserved AS dollars FROM budgets_at(%(now)s) b
    WHERE (b.tenant_id, b.scope, b.subject) IN (
        SELECT w.tenant_id, k.scope, k.subject FROM waits w
        CROSS JOIN LATERAL (VALUES ('tenant', ''), ('user', w.user_id), ('campaign', w.campaign_id), ('film', w.id))
            AS k (scope, subject))
)
UPDATE stage_runs r SET state = 'ready', sent_at = %(now)s, sends = 0,
                        held = r.held || jsonb_build_object('letGo', %(now)s::timestamptz)
FROM (
    SELECT s.task_id, s.stage FROM stage_runs s JOIN tasks t ON t.id = s.task_id
    WHERE s.state = 'parked' AND s.held_for IS NOT NULL AND t.status IN ('queued', 'processing')
      AND ((s.held ->> 'again')::timestamptz <= %(now)s OR CASE s.held_for
        WHEN 'spending' THEN NOT EXISTS (SELECT 1 FROM spending_stop)
        WHEN 'provider' THEN NOT EXISTS (SELECT 1 FROM provider_pauses p WHERE p.provider = s.held ->> 'provider')
        ELSE NOT EXISTS (
            SELECT 1 FROM room r JOIN (VALUES ('tenant', ''), ('user', t.user_id), ('campaign', t.campaign_id), ('film', t.id))
                AS k (scope, subject) ON r.scope = k.scope AND r.subject = k.subject
            WHERE r.tenant_id = t.tenant_id AND (s.held ->> 'dollars' IS NULL OR r.dollars < (s.held ->> 'dollars')::numeric)) END)
    ORDER BY s.held_since LIMIT %(limit)s FOR UPDATE OF s SKIP LOCKED
) free
WHERE r.task_id = free.task_id AND r.stage = free.stage
RETURNING r.task_id, r.stage;

-- name: list_overdue_jobs
-- Jobs that have waited for room, or for a provider's account, to their bound.
SELECT * FROM jobs
WHERE state = 'queued' AND held_for IN ('budget', 'provider') AND next_try_at > %(now)s AND held_since < %(before)s LIMIT 50;

-- name: list_overdue_stages
-- The same of stages.
SELECT s.task_id, s.stage, s.attempt FROM stage_runs s JOIN tasks t ON t.id = s.task_id
WHERE s.state = 'parked' AND s.held_for IN ('budget', 'provider') AND s.held_since < %(before)s
  AND t.status IN ('queued', 'processing') LIMIT 50;

-- name: give_up_stage
-- A stage that has waited to its bound; what it waited for.
UPDATE stage_runs SET state = 'failed', finished_at = %(now)s
WHERE task_id = %(task_id)s AND stage = %(stage)s AND attempt = %(attempt)s AND state = 'parked'
  AND held_for IN ('budget', 'provider') AND held_since < %(before)s
RETURNING held;

-- name: find_hold
-- Why a film may not buy what it needs next: of its stage, else the cheapest of its held jobs; the switch before an empty
-- account before a ceiling, as `waitingFor` says it.
SELECT held_for, held_since, held, kind, shot FROM (
    SELECT s.held_for, s.held_since, s.held, NULL::text AS kind, NULL::integer AS shot
    FROM stage_runs s WHERE s.task_id = %(task_id)s AND s.state = 'parked' AND s.held_for IS NOT NULL
    UNION ALL
    SELECT j.held_for, j.held_since, j.error, j.kind, j.shot FROM jobs j JOIN task_jobs l ON l.job_id = j.id
    WHERE l.task_id = %(task_id)s AND j.state = 'queued' AND j.held_for IS NOT NULL AND j.next_try_at > %(now)s
) found
ORDER BY held_for DESC, (held ->> 'dollars')::numeric NULLS LAST, shot LIMIT 1;

-- name: count_held
-- How many films wait for what, and since when the first of them does.
SELECT held_for, count(DISTINCT task_id) AS films, min(held_since) AS since FROM (
    SELECT s.held_for, s.task_id, s.held_since FROM stage_runs s JOIN tasks t ON t.id = s.task_id
    WHERE s.state = 'parked' AND s.held_for IS NOT NULL AND t.status IN ('queued', 'processing')
    UNION ALL
    SELECT j.held_for, j.task_id, j.held_since FROM jobs j
    WHERE j.state = 'queued' AND j.held_for IS NOT NULL AND j.next_try_at > %(now)s
) held GROUP BY held_for;
