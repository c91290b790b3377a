-- name: projects_to_read
-- Texts of finished films that an embedder has not read as they are now, the latest text of each facet, from one owner on.
SELECT e.tenant_id, e.user_id, e.project_id AS item_id, e.facet, e.embedder AS source, e.content
FROM project_embeddings e
WHERE (e.tenant_id, e.user_id, e.project_id) > (%(after_tenant)s, %(after_user)s, %(after_item)s)
  AND NOT EXISTS (
    SELECT 1 FROM project_embeddings own
    WHERE own.project_id = e.project_id AND own.facet = e.facet AND own.embedder = %(embedder)s
      AND own.finished_at >= e.finished_at)
  AND NOT EXISTS (
    SELECT 1 FROM project_embeddings later
    WHERE later.project_id = e.project_id AND later.facet = e.facet
      AND (later.finished_at, later.updated_at, later.embedder) > (e.finished_at, e.updated_at, e.embedder))
ORDER BY e.tenant_id, e.user_id, e.project_id, e.facet
LIMIT %(limit)s;

-- name: projects_unremembered
-- Finished films that no embedder has read, and that nobody had forgotten.
SELECT p.* FROM projects p
WHERE p.finished_at IS NOT NULL AND p.brief IS NOT NULL AND p.forgotten_at IS NULL
  AND (p.tenant_id, p.user_id, p.id) > (%(after_tenant)s, %(after_user)s, %(after_item)s)
  AND NOT EXISTS (SELECT 1 FROM project_embeddings e WHERE e.project_id = p.id)
ORDER BY p.tenant_id, p.user_id, p.id
LIMIT %(limit)s;

-- name: put_projects
-- Vectors beside those of another embedder; a text that was erased or replaced since it was read gets none.
INSERT INTO project_embeddings (project_id, embedder, facet, tenant_id, user_id, title, content, embedding, brief,
                                finished_at, updated_at)
SELECT source.project_id, %(embedder)s, source.facet, source.tenant_id, source.user_id, source.title, source.content,
       given.embedding::vector, source.brief, source.finished_at, %(now)s
FROM jsonb_to_recordset(%(parts)s) AS given (project_id text, facet text, embedder text, content text, embedding text)
JOIN project_embeddings source ON source.project_id = given.project_id AND source.facet = given.facet
     AND source.embedder = given.embedder AND source.content = given.content
WHERE source.tenant_id = %(tenant_id)s AND source.user_id = %(user_id)s
FOR SHARE OF source
ON CONFLICT (project_id, embedder, facet) DO UPDATE
SET title = excluded.title, content = excluded.content, embedding = excluded.embedding, brief = excluded.brief,
    finished_at = excluded.finished_at, updated_at = excluded.updated_at
WHERE project_embeddings.finished_at <= excluded.finished_at;

-- name: files_to_read
-- Passages of uploads without a vector of an embedder.
SELECT f.tenant_id, f.user_id, f.id AS item_id, f.passage AS part, f.name, f.description, f.content
FROM user_files f
WHERE f.content <> ''
  AND (f.tenant_id, f.user_id, f.id, f.passage) > (%(after_tenant)s, %(after_user)s, %(after_item)s, %(after_part)s)
  AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.kind = 'file' AND v.item_id = f.id AND v.part = f.passage
                  AND v.embedder = %(embedder)s AND v.updated_at >= f.created_at)
ORDER BY f.tenant_id, f.user_id, f.id, f.passage
LIMIT %(limit)s;

-- name: put_files
-- Vectors of passages that are still there.
INSERT INTO memory_vectors (kind, item_id, part, embedder, tenant_id, user_id, embedding, updated_at)
SELECT 'file', f.id, f.passage, %(embedder)s, f.tenant_id, f.user_id, given.embedding::vector, %(read_at)s
FROM jsonb_to_recordset(%(parts)s) AS given (item_id text, part integer, embedding text)
JOIN user_files f ON f.id = given.item_id AND f.passage = given.part
WHERE f.tenant_id = %(tenant_id)s AND f.user_id = %(user_id)s
FOR SHARE OF f
ON CONFLICT (kind, item_id, part, embedder) DO UPDATE SET embedding = excluded.embedding, updated_at = excluded.updated_at
WHERE memory_vectors.updated_at <= excluded.updated_at;

-- name: campaigns_to_read
-- Open campaigns that an embedder has not read as they are now.
SELECT c.tenant_id, c.user_id, c.id AS item_id, 0 AS part, c.name, c.guidelines AS content
FROM campaigns c
WHERE c.archived_at IS NULL AND (c.tenant_id, c.user_id, c.id) > (%(after_tenant)s, %(after_user)s, %(after_item)s)
  AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.kind = 'campaign' AND v.item_id = c.id AND v.part = 0
                  AND v.embedder = %(embedder)s AND v.updated_at >= c.updated_at)
ORDER BY c.tenant_id, c.user_id, c.id
LIMIT %(limit)s;

-- name: put_campaigns
-- Vectors of campaigns that are still there; one that was changed since it was read keeps waiting.
INSERT INTO memory_vectors (kind, item_id, part, embedder, tenant_id, user_id, embedding, updated_at)
SELECT 'campaign', c.id, 0, %(embedder)s, c.tenant_id, c.user_id, given.embedding::vector, c.updated_at
FROM jsonb_to_recordset(%(parts)s) AS given (item_id text, part integer, embedding text)
JOIN campaigns c ON c.id = given.item_id
WHERE c.tenant_id = %(tenant_id)s AND c.user_id = %(user_id)s AND c.updated_at <= %(read_at)s
FOR SHARE OF c
ON CONFLICT (kind, item_id, part, embedder) DO UPDATE SET embedding = excluded.embedding, updated_at = excluded.updated_at
WHERE memory_vectors.updated_at <= excluded.updated_at;

-- name: said_to_read
-- What was said in projects (the message of a film, the feedback of a refine) without a vector of an embedder.
SELECT t.tenant_id, t.user_id, t.id AS item_id, 0 AS part, '' AS name, coalesce(nullif(t.feedback, ''), t.message) AS content
FROM tasks t JOIN projects p ON p.id = t.project_id
WHERE p.forgotten_at IS NULL AND coalesce(nullif(t.feedback, ''), t.message) <> ''
  AND (t.tenant_id, t.user_id, t.id) > (%(after_tenant)s, %(after_user)s, %(after_item)s)
  AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v.kind = 'said' AND v.item_id = t.id AND v.part = 0
                  AND v.embedder = %(embedder)s AND v.updated_at >= t.created_at)
ORDER BY t.tenant_id, t.user_id, t.id
LIMIT %(limit)s;

-- name: put_said
-- Vectors of what was said in projects that are still there and not forgotten.
INSERT INTO memory_vectors (kind, item_id, part, embedder, tenant_id, user_id, embedding, updated_at)
SELECT 'said', t.id, 0, %(embedder)s, t.tenant_id, t.user_id, given.embedding::vector, %(read_at)s
FROM jsonb_to_recordset(%(parts)s) AS given (item_id text, part integer, embedding text)
JOIN tasks t ON t.id = given.item_id
JOIN projects p ON p.id = t.project_id
WHERE t.tenant_id = %(tenant_id)s AND t.user_id = %(user_id)s AND p.forgotten_at IS NULL
FOR SHARE OF p
ON CONFLICT (kind, item_id, part, embedder) DO UPDATE SET embedding = excluded.embedding, updated_at = excluded.updated_at
WHERE memory_vectors.updated_at <= excluded.updated_at;

-- name: prune_projects
-- Vectors of finished films by other embedders, where this one has its own.
DELETE FROM project_embeddings WHERE ctid IN (
    SELECT old.ctid FROM project_embeddings old
    WHERE old.embedder <> %(embedder)s AND EXISTS (
        SELECT 1 FROM project_embeddings own WHERE own.project_id = old.project_id AND own.facet = old.facet
          AND own.embedder = %(embedder)s)
    LIMIT %(limit)s);

-- name: prune_vectors
-- Vectors of everything else by other embedders, where this one has its own.
DELETE FROM memory_vectors WHERE ctid IN (
    SELECT old.ctid FROM memory_vectors old
    WHERE old.embedder <> %(embedder)s AND EXISTS (
        SELECT 1 FROM memory_vectors own WHERE own.kind = old.kind AND own.item_id = old.item_id AND own.part = old.part
          AND own.embedder = %(embedder)s)
    LIMIT %(limit)s);
