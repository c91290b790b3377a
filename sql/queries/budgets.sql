-- name: room_of
-- How these ceilings stand: all that is reserved counts, whichever period it was reserved in.
SELECT id, scope, subject, period, dollars, inherited, spent, reserved FROM budgets_at(%(now)s)
WHERE id = ANY(%(ids)s) ORDER BY id;

-- name: put_budget
-- Set a ceiling.
INSERT INTO budgets (id, tenant_id, scope, subject, period, dollars, created_at, updated_at)
VALUES (%(id)s, %(tenant_id)s, %(scope)s, %(subject)s, %(budget_period)s, %(dollars)s, %(now)s, %(now)s)
ON CONFLICT (tenant_id, scope, subject, period)
DO UPDATE SET dollars = excluded.dollars, inherited = false, updated_at = excluded.updated_at
RETURNING id, (xmax = 0) AS is_new;

-- name: hold_budgets
-- Hold ceilings still, before they are counted again.
SELECT id FROM budgets WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE;

-- name: recount_budgets
-- What the charges of the period come to; under `hold_budgets`, so that no charge is counted twice or missed.
UPDATE budgets b SET spent_from = budget_begin(b.period, %(now)s), recount_at = NULL, spent = coalesce((
    SELECT sum(coalesce(c.dollars, c.counted)) FROM charges c
    WHERE c.tenant_id = b.tenant_id AND c.created_at >= budget_begin(b.period, %(now)s) AND CASE b.scope
        WHEN 'tenant' THEN true WHEN 'user' THEN c.user_id = b.subject WHEN 'film' THEN c.task_id = b.subject
        ELSE c.task_id IN (SELECT t.id FROM tasks t WHERE t.campaign_id = b.subject) END), 0)
WHERE b.id = ANY(%(ids)s);

-- name: hand_down
-- The ceiling for each user has changed, and with it those that were made of it; held in the order in which all hold them.
UPDATE budgets SET dollars = %(dollars)s, updated_at = %(now)s
WHERE id IN (SELECT id FROM budgets
             WHERE tenant_id = %(tenant_id)s AND scope = 'user' AND period = %(budget_period)s AND inherited
             ORDER BY id FOR UPDATE);

-- name: inherit_budgets
-- A user without a ceiling of their own for a period has one like that for each user.
INSERT INTO budgets (id, tenant_id, scope, subject, period, dollars, inherited, created_at, updated_at)
SELECT 'budget_' || replace(gen_random_uuid()::text, '-', ''), b.tenant_id, b.scope, %(user_id)s, b.period, b.dollars, true,
       %(now)s, %(now)s
FROM budgets b
WHERE b.tenant_id = %(tenant_id)s AND b.scope = 'user' AND b.subject = '*'
  AND NOT EXISTS (SELECT 1 FROM budgets o WHERE o.tenant_id = b.tenant_id AND o.scope = 'user' AND o.subject = %(user_id)s
                  AND o.period = b.period)
ON CONFLICT (tenant_id, scope, subject, period) DO NOTHING
RETURNING id;

-- name: recount_later
-- What was under way while a ceiling was set is counted again a little later.
UPDATE budgets SET recount_at = %(recount_at)s WHERE id = %(id)s;

-- name: recounts_due
-- Ceilings that were set a moment ago.
SELECT id FROM budgets WHERE recount_at <= %(now)s ORDER BY id LIMIT 100;

-- name: budgets_of_campaign
-- A film has joined a campaign: what it has cost already counts there too.
SELECT id FROM budgets WHERE tenant_id = %(tenant_id)s AND scope = 'campaign' AND subject = %(campaign_id)s;

-- name: budgets_of_task
-- The ceilings that whatever a film buys counts against.
SELECT b.id FROM tasks t
CROSS JOIN LATERAL (VALUES ('tenant', ''), ('user', t.user_id), ('campaign', t.campaign_id), ('film', t.id)) AS k (scope, subject)
JOIN budgets b ON b.tenant_id = t.tenant_id AND b.scope = k.scope AND b.subject = k.subject
WHERE t.id = %(task_id)s ORDER BY b.id;

-- name: find_budget
-- One ceiling.
SELECT id FROM budgets
WHERE tenant_id = %(tenant_id)s AND scope = %(scope)s AND subject = %(subject)s AND period = %(budget_period)s;

-- name: list_budgets
-- The ceilings of a tenant, but for those of single films, in their order; `scope` and `subject` narrow it down.
SELECT id FROM budgets
WHERE tenant_id = %(tenant_id)s AND scope = coalesce(%(scope)s::text, scope) AND subject = coalesce(%(subject)s::text, subject)
  AND (NOT inherited OR %(subject)s::text IS NOT NULL)
  AND (scope <> 'film' OR %(scope)s::text = 'film')
ORDER BY array_position(ARRAY['tenant', 'campaign', 'user', 'film'], scope), subject, period LIMIT %(limit)s;

-- name: count_budgets
-- How many ceilings somebody has set, but for those of films that have ended.
SELECT count(*) AS n FROM budgets b
WHERE NOT b.inherited
  AND (b.scope <> 'film' OR EXISTS (SELECT 1 FROM tasks t WHERE t.id = b.subject AND t.status IN ('queued', 'processing')));

-- name: drop_budget
-- Take a ceiling away; that for each user with those that were made of it.
DELETE FROM budgets
WHERE tenant_id = %(tenant_id)s AND scope = %(scope)s AND period = %(budget_period)s
  AND (subject = %(subject)s AND NOT inherited OR inherited AND %(scope)s::text = 'user' AND %(subject)s::text = '*');
