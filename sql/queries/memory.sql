-- name: nearest_projects
-- Finished projects of one user by meaning, best first: exact, because only this user's vectors are compared.
-- A project is as near as the nearer of its facets; its content is what it is about (film stands before message). A vector of zeros has no direction and its similarity is NaN, which Postgres sorts above every number: left out.
WITH mine AS MATERIALIZED (
    SELECT project_id, title, brief, finished_at, 1 - (embedding <=> %(vector)s::vector) AS similarity
    FROM project_embeddings
    WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND embedder = %(embedder)s
      AND project_id IS DISTINCT FROM %(exclude_project_id)s
)
SELECT project_id, found.title, found.brief, found.finished_at, found.similarity, film.content
FROM (
    SELECT * FROM (
        SELECT DISTINCT ON (project_id) * FROM mine
        WHERE similarity <> 'NaN'::float8 AND similarity >= %(floor)s
        ORDER BY project_id, similarity DESC
    ) nearest
    ORDER BY similarity DESC, finished_at DESC, project_id
    LIMIT %(limit)s
) found
JOIN LATERAL (
    SELECT content FROM project_embeddings one
    WHERE one.project_id = found.project_id AND one.tenant_id = %(tenant_id)s AND one.user_id = %(user_id)s
      AND one.embedder = %(embedder)s
    ORDER BY one.facet LIMIT 1
) film ON true
ORDER BY found.similarity DESC, found.finished_at DESC, project_id;

-- name: latest_project
-- The film of a user that was finished last, with how near its nearer facet is to some words (0 where no angle can be told).
SELECT project_id, title, brief, finished_at, content, coalesce(nullif(1 - (embedding <=> %(vector)s::vector), 'NaN'), 0) AS similarity
FROM project_embeddings
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND embedder = %(embedder)s
  AND project_id IS DISTINCT FROM %(exclude_project_id)s
ORDER BY finished_at DESC, project_id, similarity DESC
LIMIT 1;

-- name: list_unread_said
-- What was said in a project, the message of a film or the feedback of a refine, without a vector of this embedder.
SELECT t.id, coalesce(nullif(t.feedback, ''), t.message) AS words
FROM tasks t
WHERE t.project_id = %(project_id)s AND t.kind IN ('create', 'refine')
  AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.kind = 'said' AND v.item_id = t.id AND v.part = 0
                  AND v.embedder = %(embedder)s)
ORDER BY t.created_at, t.id
LIMIT %(limit)s;

-- name: remember_project
-- Keep a finished project under the embedder that read it; a later film of the same project takes its place.
INSERT INTO project_embeddings (project_id, embedder, facet, tenant_id, user_id, title, content, embedding, brief,
                                finished_at, updated_at)
VALUES (%(project_id)s, %(embedder)s, %(facet)s, %(tenant_id)s, %(user_id)s, %(title)s, %(content)s, %(vector)s::vector, %(brief)s,
        %(finished_at)s, %(now)s)
ON CONFLICT (project_id, embedder, facet) DO UPDATE
SET title = excluded.title, content = excluded.content, embedding = excluded.embedding, brief = excluded.brief,
    finished_at = excluded.finished_at, updated_at = excluded.updated_at
WHERE project_embeddings.tenant_id = excluded.tenant_id AND project_embeddings.user_id = excluded.user_id;

-- name: list_read
-- What an embedder has read of a project.
SELECT facet, content FROM project_embeddings
WHERE project_id = %(project_id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND embedder = %(embedder)s;

-- name: remember_again
-- A later film of a project that is about the same: its vector stays.
UPDATE project_embeddings SET title = %(title)s, brief = %(brief)s, finished_at = %(finished_at)s, updated_at = %(now)s
WHERE project_id = %(project_id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND embedder = %(embedder)s
  AND facet = %(facet)s AND content = %(content)s;
