-- name: put_evidence
-- What speaks for values or against them; said again of the same task for the same reason, the later word counts.
INSERT INTO preference_evidence (tenant_id, user_id, category, value, weight, reason, project_id, task_id, created_at)
SELECT %(tenant_id)s, %(user_id)s, e.category, e.value, e.weight, e.reason, %(project_id)s, %(task_id)s, %(now)s
FROM jsonb_to_recordset(%(evidence)s) AS e (category text, value jsonb, weight real, reason text)
ON CONFLICT (task_id, category, reason) DO UPDATE
SET value = excluded.value, weight = excluded.weight, created_at = excluded.created_at;

-- name: drop_ratings
-- A film is rated anew: what its former rating said no longer counts.
DELETE FROM preference_evidence
WHERE task_id = %(task_id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND reason = 'rated';

-- name: list_evidence
-- All that speaks for or against a user's values and has not faded away, the newest first.
SELECT category, value, weight, reason, project_id, task_id, created_at
FROM preference_evidence
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND created_at > %(after_at)s
ORDER BY created_at DESC, id DESC LIMIT %(limit)s;

-- name: forget_evidence
-- What was learned of one category.
DELETE FROM preference_evidence
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND category = %(category)s;

-- name: say_preference
-- What a user said outranks what was learned, until said otherwise.
INSERT INTO user_preferences (tenant_id, user_id, name, value, source, evidence, created_at, updated_at)
VALUES (%(tenant_id)s, %(user_id)s, %(category)s, %(value)s, 'said', 0, %(now)s, %(now)s)
ON CONFLICT (tenant_id, user_id, name) DO UPDATE
SET value = excluded.value, source = 'said', updated_at = excluded.updated_at;

-- name: list_said
-- What a user said, by category.
SELECT name AS category, value FROM user_preferences
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND source = 'said';

-- name: forget_said
-- What was said of one category.
DELETE FROM user_preferences WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND name = %(category)s;

-- name: find_current_film
-- The film that a project shows now: what its brief and look were, and whether it ended whole.
SELECT t.id, t.status, t.degraded, b.output AS brief, s.output -> 'style' AS style
FROM projects p
JOIN tasks t ON t.project_id = p.id AND t.film_key = p.film_key AND t.status IN ('completed', 'partial')
LEFT JOIN checkpoints b ON b.task_id = t.id AND b.stage = 'context'
LEFT JOIN checkpoints s ON s.task_id = t.id AND s.stage = 'storyboard'
WHERE p.id = %(project_id)s AND p.tenant_id = %(tenant_id)s AND p.user_id = %(user_id)s
ORDER BY t.created_at DESC, t.id DESC LIMIT 1;

-- name: add_feedback
-- What a user says of a project's film.
INSERT INTO project_feedback (tenant_id, user_id, project_id, task_id, feedback, rating, created_at)
VALUES (%(tenant_id)s, %(user_id)s, %(project_id)s, %(task_id)s, %(comment)s, %(rating)s, %(now)s) RETURNING id;

-- name: list_feedback
-- How a user rated a project's films, the newest first.
SELECT id, project_id, task_id, rating, feedback AS comment, created_at FROM project_feedback
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND project_id = %(project_id)s AND rating IS NOT NULL
ORDER BY created_at DESC, id DESC LIMIT %(limit)s;
