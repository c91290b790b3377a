-- name: read_past
-- All that an estimate reads, at once: the latest finished films of the user and of the whole tenant with what was expected
-- of them, how they came out and what they cost (null where some call has no price), and what is known of how long this
-- user likes films.
SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
         'own', f.user_id = %(user_id)s, 'forecast', f.forecast,
         'seconds', (SELECT (c.output ->> 'duration_seconds')::integer FROM checkpoints c
                     WHERE c.task_id = f.id AND c.stage = 'context'),
         'shots', (SELECT jsonb_array_length(c.output -> 'shots') FROM checkpoints c
                   WHERE c.task_id = f.id AND c.stage = 'storyboard'),
         'cost', (SELECT jsonb_object_agg(c.component, c.dollars) FROM (
                     SELECT component, CASE WHEN count(*) = count(dollars) THEN sum(dollars) END AS dollars
                     FROM charges WHERE task_id = f.id GROUP BY component) c)
         ) ORDER BY f.created_at DESC), '[]')
     FROM tasks f WHERE f.id IN (
         (SELECT id FROM tasks WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND forecast IS NOT NULL
             AND status IN ('completed', 'partial') ORDER BY created_at DESC LIMIT %(own)s)
         UNION
         (SELECT id FROM tasks WHERE tenant_id = %(tenant_id)s AND forecast IS NOT NULL
             AND status IN ('completed', 'partial') ORDER BY created_at DESC LIMIT %(others)s))) AS films,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('value', e.value, 'weight', e.weight, 'at', e.created_at)
                               ORDER BY e.created_at DESC, e.id DESC), '[]')
     FROM preference_evidence e
     WHERE e.tenant_id = %(tenant_id)s AND e.user_id = %(user_id)s AND e.category = 'duration'
       AND e.created_at > %(after_at)s) AS evidence,
    (SELECT value FROM user_preferences
     WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND name = 'duration' AND source = 'said') AS said;

-- name: list_ended
-- Films of a time that were estimated and have ended with a film: what was said, and what they cost by component (null where
-- some call has no price).
SELECT f.id, f.forecast, (
    SELECT jsonb_object_agg(c.component, c.dollars::text) FROM (
        SELECT component, CASE WHEN count(*) = count(dollars) THEN sum(dollars) END AS dollars
        FROM charges WHERE task_id = f.id GROUP BY component) c) AS cost
FROM tasks f
WHERE f.forecast IS NOT NULL AND f.status IN ('completed', 'partial') AND f.created_at >= %(begin_at)s
  AND f.created_at < %(end_at)s AND f.id > %(after)s
ORDER BY f.id LIMIT %(limit)s;
