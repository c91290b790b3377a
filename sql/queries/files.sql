-- name: add_passages
-- An upload: its name and description as passage 0, its text from 1 on.
INSERT INTO user_files (id, passage, tenant_id, user_id, project_id, campaign_id, name, description, content_type, bytes,
                        sha256, asset_key, details, content, embed_next_at, created_at)
SELECT %(id)s, given.number - 1, %(tenant_id)s, %(user_id)s, %(project_id)s, %(campaign_id)s, %(name)s, %(description)s,
       %(content_type)s, %(bytes)s, %(sha256)s, %(asset_key)s, %(details)s, given.content,
       CASE given.number WHEN 1 THEN %(now)s::timestamptz END, %(now)s
FROM unnest(%(contents)s::text[]) WITH ORDINALITY AS given (content, number);

-- name: lock_content
-- Twins of one upload wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant_id)s || chr(10) || %(user_id)s || chr(10) || %(sha256)s, 0));

-- name: find_content
-- The user's file with this very content.
SELECT id FROM user_files
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND sha256 = %(sha256)s AND passage = 0
ORDER BY created_at LIMIT 1;

-- name: find_file
-- One file of one user.
SELECT f.*, (SELECT count(*) FROM user_files p WHERE p.id = f.id AND p.passage > 0) AS passages
FROM user_files f
WHERE f.id = %(id)s AND f.passage = 0 AND f.tenant_id = %(tenant_id)s AND f.user_id = %(user_id)s;

-- name: list_files
-- A page of a user's files, the newest first.
SELECT f.*, (SELECT count(*) FROM user_files p WHERE p.id = f.id AND p.passage > 0) AS passages
FROM user_files f
WHERE f.tenant_id = %(tenant_id)s AND f.user_id = %(user_id)s AND f.passage = 0
  AND (%(before)s::timestamptz IS NULL OR (f.created_at, f.id) < (%(before)s::timestamptz, %(before_id)s::text))
ORDER BY f.created_at DESC, f.id DESC LIMIT %(limit)s;

-- name: find_places
-- Whether the project and the campaign that an upload names are this user's.
SELECT (%(project_id)s::text IS NULL OR EXISTS (
            SELECT 1 FROM projects
            WHERE id = %(project_id)s::text AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s)) AS project,
       (%(campaign_id)s::text IS NULL OR EXISTS (
            SELECT 1 FROM campaigns
            WHERE id = %(campaign_id)s::text AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s)) AS campaign;

-- name: remove_files
-- Forget files of a user, or all of them; every passage comes back, with what is to be removed in storage.
DELETE FROM user_files
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s
  AND (%(item_ids)s::text[] IS NULL OR id = ANY(%(item_ids)s::text[]))
RETURNING id, passage, asset_key, bytes;

-- name: list_passages
-- Neighbouring passages of one file of one user, in their order.
SELECT passage, name, content_type, content FROM user_files
WHERE id = %(id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND passage BETWEEN %(low)s AND %(high)s
ORDER BY passage;

-- name: list_ids_of_types
-- A user's files of some content types.
SELECT id FROM user_files
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND passage = 0 AND content_type = ANY(%(types)s);

-- name: list_unembedded
-- Passages of a user that have no vector of this embedder, the newest file first.
SELECT f.id, f.passage, f.name, f.description, f.content FROM user_files f
WHERE f.tenant_id = %(tenant_id)s AND f.user_id = %(user_id)s AND NOT EXISTS (
    SELECT 1 FROM memory_vectors v
    WHERE v.kind = 'file' AND v.item_id = f.id AND v.part = f.passage AND v.embedder = %(embedder)s)
ORDER BY f.created_at DESC, f.id, f.passage LIMIT %(limit)s;

-- name: hold_files
-- Which of these files are still there; they cannot go until the transaction ends.
SELECT id FROM user_files
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND id = ANY(%(item_ids)s) AND passage = 0
ORDER BY id FOR SHARE;

-- name: set_embedded
-- Files of a user whose passages all have their vector of this embedder wait for nothing more.
UPDATE user_files f SET embed_next_at = NULL
WHERE f.tenant_id = %(tenant_id)s AND f.user_id = %(user_id)s AND f.passage = 0 AND f.embed_next_at IS NOT NULL
  AND NOT EXISTS (
    SELECT 1 FROM user_files p WHERE p.id = f.id AND NOT EXISTS (
        SELECT 1 FROM memory_vectors v
        WHERE v.kind = 'file' AND v.item_id = p.id AND v.part = p.passage AND v.embedder = %(embedder)s));

-- name: claim_to_embed
-- Files that wait for their vectors: claim some by moving their next try.
UPDATE user_files
SET embed_next_at = %(now)s + interval '60 seconds' * power(2, least(embed_tries, 8)), embed_tries = embed_tries + 1
WHERE passage = 0 AND id IN (
    SELECT id FROM user_files
    WHERE embed_next_at <= %(now)s AND embed_tries < 12 AND passage = 0
    ORDER BY embed_next_at LIMIT 10 FOR UPDATE SKIP LOCKED)
RETURNING id, tenant_id, user_id;

-- name: find_owner_of_file
-- Whose file it is, for workers.
SELECT tenant_id, user_id FROM user_files WHERE id = %(id)s AND passage = 0;
