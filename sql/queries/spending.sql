-- name: reserve
-- Set aside what a call may cost, and tell what may be in its way. Asked again, it is the same call.
WITH whose AS (
    SELECT (SELECT campaign_id FROM tasks WHERE id = %(task_id)s::text) AS campaign_id
), kept AS (
    INSERT INTO reservations (key, tenant_id, user_id, campaign_id, task_id, component, provider, dollars, created_at, until)
    SELECT %(key)s, %(tenant_id)s, %(user_id)s, w.campaign_id, %(task_id)s::text, %(component)s, %(provider)s, %(dollars)s::numeric,
           %(now)s, %(until_at)s FROM whose w
    ON CONFLICT (key) DO UPDATE SET campaign_id = excluded.campaign_id, dollars = excluded.dollars, until = excluded.until
)
SELECT s.since AS stopped_since, s.reason AS stop_reason, p.since AS paused_since, p.message AS pause_message, p.probe,
       EXISTS (SELECT 1 FROM (VALUES ('tenant', ''), ('user', %(user_id)s), ('user', '*'), ('campaign', w.campaign_id),
                                     ('film', %(task_id)s::text)) AS k (scope, subject)
               JOIN budgets b ON b.tenant_id = %(tenant_id)s AND b.scope = k.scope AND b.subject = k.subject) AS limited
FROM whose w LEFT JOIN spending_stop s ON true LEFT JOIN provider_pauses p ON p.provider = %(provider)s;

-- name: lock_budgets
-- Hold the ceilings that a reservation counts against still, always in the same order.
SELECT b.id FROM reservations r
CROSS JOIN LATERAL (VALUES ('tenant', ''), ('user', r.user_id), ('campaign', r.campaign_id), ('film', r.task_id))
    AS k (scope, subject)
JOIN budgets b ON b.tenant_id = r.tenant_id AND b.scope = k.scope AND b.subject = k.subject
WHERE r.key = %(key)s ORDER BY b.id FOR UPDATE OF b;

-- name: release
-- A call was certainly not made.
DELETE FROM reservations WHERE key = %(key)s;

-- name: expire
-- Calls that nobody makes any more, and those in doubt of which the provider's bill must have told by now.
DELETE FROM reservations WHERE until < %(now)s;

-- name: task_reserved
-- What is set aside for a film at this moment; `unknown`: for a call without a known price.
SELECT coalesce(sum(dollars), 0) AS dollars, bool_or(dollars IS NULL) AS unknown FROM reservations WHERE task_id = %(task_id)s;

-- name: sum_reserved
-- What is set aside at this moment by provider; `old`: for longer than any call lasts whose answer is not lost.
SELECT provider, coalesce(sum(dollars), 0) AS dollars, count(*) AS calls,
       count(*) FILTER (WHERE created_at < %(now)s - interval '1 hour') AS old
FROM reservations GROUP BY provider;

-- name: stop_spending
-- From this commit on nothing is reserved, and so nothing bought. Told again without a reason, the former one stays.
INSERT INTO spending_stop (since, reason) VALUES (%(now)s, %(reason)s)
ON CONFLICT (one) DO UPDATE SET reason = coalesce(excluded.reason, spending_stop.reason)
RETURNING since;

-- name: start_spending
-- Everything that waited for this goes on.
DELETE FROM spending_stop;

-- name: find_stop
-- Since when nothing may be bought, and why.
SELECT since, reason FROM spending_stop;
