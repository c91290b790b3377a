-- name: add_charge
-- One priced call; a job that has its charge already keeps it.
INSERT INTO charges (tenant_id, user_id, project_id, task_id, component, provider, model, units, tokens, api_calls,
                     dollars, cache_hit_rate, price_version, formula, job_id, created_at)
VALUES (%(tenant_id)s, %(user_id)s, %(project_id)s, %(task_id)s, %(component)s, %(provider)s, %(model)s, %(units)s,
        %(tokens)s, %(api_calls)s, %(dollars)s, %(cache_hit_rate)s, %(price_version)s, %(formula)s, %(job_id)s, %(now)s)
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
