-- name: add_charge
-- One priced call; a job that has its charge already keeps it. What was reserved for the call is let go, and the ceilings that
-- it counts against have it as spent, all at once.
WITH charge AS (
    INSERT INTO charges (tenant_id, user_id, project_id, task_id, component, provider, model, units, tokens, api_calls,
                         dollars, counted, cache_hit_rate, price_version, formula, job_id, request_id, created_at)
    VALUES (%(tenant_id)s, %(user_id)s, %(project_id)s, %(task_id)s, %(component)s, %(provider)s, %(model)s, %(units)s,
            %(tokens)s, %(api_calls)s, %(dollars)s, %(counted)s, %(cache_hit_rate)s, %(price_version)s, %(formula)s, %(job_id)s,
            %(request_id)s, %(now)s)
    ON CONFLICT (job_id) WHERE job_id IS NOT NULL DO NOTHING
    RETURNING tenant_id, user_id, task_id, coalesce(dollars, counted) AS dollars
), let_go AS (
    DELETE FROM reservations WHERE key = %(reservation)s
), mine AS (
    SELECT b.id, c.dollars FROM charge c LEFT JOIN tasks t ON t.id = c.task_id
    CROSS JOIN LATERAL (VALUES ('tenant', ''), ('user', c.user_id), ('campaign', t.campaign_id), ('film', c.task_id))
        AS k (scope, subject)
    JOIN budgets b ON b.tenant_id = c.tenant_id AND b.scope = k.scope AND b.subject = k.subject
    WHERE c.dollars > 0 ORDER BY b.id FOR UPDATE OF b
)
UPDATE budgets b
SET spent = CASE WHEN b.spent_from >= budget_begin(b.period, %(now)s) THEN b.spent ELSE 0 END + m.dollars,
    spent_from = greatest(b.spent_from, budget_begin(b.period, %(now)s))
FROM mine m WHERE b.id = m.id;

-- name: task_cost
-- What a task has cost so far, by component; dollars are those that are known, unknown_calls says how many are not.
SELECT component,
       sum(tokens)::bigint                        AS tokens,
       sum(api_calls)::bigint                     AS api_calls,
       coalesce(sum(dollars), 0)                  AS dollars,
       count(*) FILTER (WHERE dollars IS NULL)    AS unknown_calls
FROM charges
WHERE task_id = %(task_id)s
GROUP BY component
ORDER BY component;

-- name: list_charges
-- The charges of a time in order of their numbers, some at a time: for recomputing them.
SELECT id, user_id, task_id, component, provider, model, units, dollars, price_version, formula, job_id, request_id, created_at
FROM charges
WHERE created_at >= %(begin_at)s AND created_at < %(end_at)s AND id > %(after_number)s ORDER BY id LIMIT %(limit)s;

-- name: list_jobs_charges
-- What a provider's bill is held against: its charges of a time, and those of the billed requests whenever they were made.
-- A charge from before charges knew their requests has that of its attempt, the accepted ones of a job being in order.
WITH known AS (
    SELECT c.*, coalesce(c.request_id, (j.former_ids || j.provider_id)[
               row_number() OVER (PARTITION BY split_part(c.job_id, '#', 1) ORDER BY c.id)]) AS request
    FROM charges c LEFT JOIN jobs j ON j.id = split_part(c.job_id, '#', 1)
    WHERE c.provider = %(provider)s AND c.job_id IS NOT NULL
)
SELECT id, user_id, task_id, component, provider, model, units, dollars, price_version, formula, job_id,
       request AS request_id, created_at
FROM known
WHERE (created_at >= %(begin_at)s AND created_at < %(end_at)s) OR request = ANY(%(ids)s)
ORDER BY id;

-- name: find_requests
-- Which requests are ours, by the jobs that were bought with them.
SELECT unnest(former_ids || provider_id) AS request_id, id AS job_id FROM jobs
WHERE provider = %(provider)s AND (provider_id = ANY(%(ids)s) OR former_ids && %(ids)s::text[]);
