-- name: lock_erasure
-- Erasures of one user wait for each other: each touches several projects.
SELECT pg_advisory_xact_lock(hashtextextended('erasure' || chr(10) || %(tenant_id)s || chr(10) || %(user_id)s, 0));

-- name: forget_projects
-- Hold one project, or all of the user, and mark those that are not marked: who is just putting one into memory is waited
-- for, and what it wrote is deleted next.
WITH mine AS MATERIALIZED (
    SELECT id FROM projects
    WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND (%(project_id)s::text IS NULL OR id = %(project_id)s::text)
    ORDER BY id FOR UPDATE
)
UPDATE projects SET forgotten_at = %(now)s FROM mine WHERE projects.id = mine.id AND projects.forgotten_at IS NULL;

-- name: drop_matches
-- Briefs that remember which films they followed: a refine would show those again.
UPDATE projects
SET brief = jsonb_set(brief, '{matches}', (
    SELECT coalesce(jsonb_agg(hit.body ORDER BY hit.place), '[]')
    FROM jsonb_array_elements(brief -> 'matches') WITH ORDINALITY AS hit (body, place)
    WHERE hit.body ->> 'project_id' <> %(project_id)s::text))
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND jsonb_typeof(brief -> 'matches') = 'array'
  AND brief -> 'matches' <> '[]'
  AND (%(project_id)s::text IS NULL OR brief -> 'matches' @> jsonb_build_array(jsonb_build_object('project_id', %(project_id)s::text)));

-- name: erase_project_vectors
-- What finished films are recalled by.
DELETE FROM project_embeddings
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text);

-- name: erase_vectors
-- What everything else is recalled by; of one project what was said in it, and the files given for it.
DELETE FROM memory_vectors
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL
       OR kind = 'said' AND item_id IN (SELECT id FROM tasks WHERE project_id = %(project_id)s::text)
       OR kind = 'file' AND item_id IN (SELECT id FROM user_files WHERE project_id = %(project_id)s::text));

-- name: hold_files
-- The files whose media go first: a row that is left finds its file again when the erasure is asked once more.
SELECT id, asset_key FROM user_files
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text)
ORDER BY id, passage FOR UPDATE;

-- name: erase_files
-- All passages of these files.
DELETE FROM user_files WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND id = ANY(%(ids)s);

-- name: erase_links
-- Which campaigns the projects belong to.
DELETE FROM project_campaigns
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text);

-- name: erase_evidence
-- What was learned from the projects.
DELETE FROM preference_evidence
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text);

-- name: erase_feedback
-- What was said of the projects' films.
DELETE FROM project_feedback
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text);

-- name: erase_campaigns
-- All campaigns of a user, archived ones too.
DELETE FROM campaigns WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s;

-- name: erase_preferences
-- All that a user said of what is liked.
DELETE FROM user_preferences WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s;
