-- name: add_charge
-- One priced call; a job that has its charge already keeps it.
INSERT INTO charges (tenant_id, user_id, project_id, task_id, component, provider, model, units, tokens, api_calls,
                     dollars, cache_hit_rate, price_version, formula, job_id, request_id, created_at)
VALUES (%(tenant_id)s, %(user_id)s, %(project_id)s, %(task_id)s, %(component)s, %(provider)s, %(model)s, %(units)s,
        %(tokens)s, %(api_calls)s, %(dollars)s, %(cache_hit_rate)s, %(price_version)s, %(formula)s, %(job_id)s, %(request_id)s,
        %(now)s)
ON CONFLICT (job_id) WHERE job_id IS NOT NULL DO NOTHING;

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
