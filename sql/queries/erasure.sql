-- name: lock_erasure
-- Erasures of one user wait for each other: each touches several projects.
SELECT pg_advisory_xact_lock(hashtextextended('erasure' || chr(10) || %(tenant_id)s || chr(10) || %(user_id)s, 0));

-- name: forget_projects
-- Hold one project, or all of the user, and mark them: who is just putting one into memory is waited for, and what it wrote is
-- deleted next. The mark is that of the latest erasure, for what was said until then is told no more; counted are those without.
WITH mine AS MATERIALIZED (
    SELECT id, forgotten_at FROM projects
    WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND (%(project_id)s::text IS NULL OR id = %(project_id)s::text)
    ORDER BY id FOR UPDATE
), marked AS (
    UPDATE projects SET forgotten_at = %(now)s FROM mine WHERE projects.id = mine.id RETURNING mine.forgotten_at AS before
)
SELECT count(*) FILTER (WHERE before IS NULL)::integer AS marked FROM marked;

-- name: hold_tasks
-- The films of a user, held still as a worker holds them, in the order in which several are held.
SELECT count(*) AS held FROM (
    SELECT 1 FROM tasks WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s ORDER BY id FOR NO KEY UPDATE) mine;

-- name: blank_contexts
-- What was recalled for the films of a project, or of the user.
UPDATE tasks SET context = '{"tools": [], "note": "", "campaign": null, "preferences": []}'
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND (%(project_id)s::text IS NULL OR project_id = %(project_id)s::text)
  AND context <> '{}';

-- name: blank_results
-- What films of the user, or one of them, were told of projects and files by these ids: answers of tools, a note, films of
-- a campaign. An id comes before what is told of its thing, so that an answer that was cut off before it tells nothing of it either.
UPDATE tasks SET context = context || jsonb_build_object('tools', coalesce((
        SELECT jsonb_agg(CASE WHEN EXISTS (SELECT 1 FROM unnest(%(ids)s::text[]) gone WHERE strpos(call.body ->> 'result', gone) > 0)
                              THEN call.body || '{"result": "erased"}' ELSE call.body END ORDER BY call.place)
        FROM jsonb_array_elements(context -> 'tools') WITH ORDINALITY AS call (body, place)), '[]'))
    || CASE WHEN EXISTS (SELECT 1 FROM unnest(%(ids)s::text[]) gone WHERE strpos(context ->> 'note', gone) > 0)
            THEN '{"note": ""}'::jsonb ELSE '{}' END
    || CASE WHEN jsonb_typeof(context #> '{campaign,projects}') = 'array'
            THEN jsonb_build_object('campaign', jsonb_set(context -> 'campaign', '{projects}', (
                SELECT coalesce(jsonb_agg(film.body ORDER BY film.place), '[]')
                FROM jsonb_array_elements(context #> '{campaign,projects}') WITH ORDINALITY AS film (body, place)
                WHERE film.body ->> 'projectId' <> ALL(%(ids)s::text[]))))
            ELSE '{}' END
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND (%(task_id)s::text IS NULL OR id = %(task_id)s::text)
  AND EXISTS (SELECT 1 FROM unnest(%(ids)s::text[]) gone WHERE strpos(context::text, gone) > 0);

-- name: drop_seen
-- The films that a film followed or was shown, as its own brief keeps them: the status tells them, a restore would bring them back.
UPDATE checkpoints c
SET output = jsonb_set(output, '{matches}', (
    SELECT coalesce(jsonb_agg(hit.body ORDER BY hit.place), '[]')
    FROM jsonb_array_elements(output -> 'matches') WITH ORDINALITY AS hit (body, place)
    WHERE hit.body ->> 'project_id' <> %(project_id)s::text))
FROM tasks t
WHERE t.id = c.task_id AND t.tenant_id = %(tenant_id)s AND t.user_id = %(user_id)s AND c.stage = 'context'
  AND jsonb_typeof(output -> 'matches') = 'array' AND output -> 'matches' <> '[]'
  AND (%(project_id)s::text IS NULL OR output -> 'matches' @> jsonb_build_array(jsonb_build_object('project_id', %(project_id)s::text)));

-- name: drop_matches
-- Briefs of projects that remember which films they followed: a refine would show those again.
UPDATE projects
SET brief = jsonb_set(brief, '{matches}', (
    SELECT coalesce(jsonb_agg(hit.body ORDER BY hit.place), '[]')
    FROM jsonb_array_elements(brief -> 'matches') WITH ORDINALITY AS hit (body, place)
    WHERE hit.body ->> 'project_id' <> %(project_id)s::text))
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND jsonb_typeof(brief -> 'matches') = 'array'
  AND brief -> 'matches' <> '[]'
  AND (%(project_id)s::text IS NULL OR brief -> 'matches' @> jsonb_build_array(jsonb_build_object('project_id', %(project_id)s::text)));

-- name: list_forgotten
-- Which of these projects the user had forgotten.
SELECT id FROM projects WHERE id = ANY(%(ids)s) AND forgotten_at IS NOT NULL;

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
