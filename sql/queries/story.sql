-- name: list_story_events
-- A page of what happened to a film, as it was written down; with the end of a stage, since when it was worked on.
SELECT e.number, e.at, e.stage, e.kind, e.data, CASE WHEN e.kind = 'stage_done' THEN (
           SELECT min(b.at) FROM events b
           WHERE b.task_id = e.task_id AND b.stage = e.stage AND b.kind = 'stage_started' AND b.number < e.number
             AND b.number > (SELECT coalesce(max(r.number), 0) FROM events r
                             WHERE r.task_id = e.task_id AND r.kind = 'task_retried' AND r.number < e.number)) END AS began_at
FROM events e
WHERE e.task_id = %(task_id)s AND e.number > %(after_number)s
ORDER BY e.number LIMIT %(limit)s;

-- name: list_story_charges
-- A page of what was paid for it, in the order in which it was booked, each with all that was paid until then.
SELECT * FROM (
    SELECT c.id, c.created_at AS at, c.component, c.provider, c.model, c.tokens, c.units, c.dollars, c.cache_hit_rate,
           split_part(c.job_id, '#', 1) AS job_id, j.shot, sum(coalesce(c.dollars, 0)) OVER (ORDER BY c.id) AS so_far
    FROM charges c LEFT JOIN jobs j ON j.id = split_part(c.job_id, '#', 1)
    WHERE c.task_id = %(task_id)s) booked
WHERE id > %(after_charge)s ORDER BY id LIMIT %(limit)s;

-- name: paid_until
-- What had been paid for a film when this charge was booked.
SELECT coalesce(sum(dollars), 0) AS dollars FROM charges WHERE task_id = %(task_id)s AND id <= %(after_charge)s;
