-- name: put_vectors
-- Write or replace the vectors of parts of items, for one embedder.
INSERT INTO memory_vectors (kind, item_id, part, embedder, tenant_id, user_id, embedding, updated_at)
SELECT %(kind)s, given.item_id, given.part, %(embedder)s, %(tenant_id)s, %(user_id)s, given.embedding::vector, %(now)s
FROM jsonb_to_recordset(%(parts)s) AS given (item_id text, part integer, embedding text)
ON CONFLICT (kind, item_id, part, embedder) DO UPDATE SET embedding = excluded.embedding, updated_at = excluded.updated_at
WHERE memory_vectors.tenant_id = excluded.tenant_id AND memory_vectors.user_id = excluded.user_id;

-- name: nearest_items
-- Items of one kind and one user by meaning, each by its nearest part, best first: exact, only this user's vectors are read.
WITH mine AS MATERIALIZED (
    SELECT item_id, part, 1 - (embedding <=> %(vector)s::vector) AS similarity
    FROM memory_vectors
    WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND kind = %(kind)s AND embedder = %(embedder)s
      AND (%(item_ids)s::text[] IS NULL OR item_id = ANY(%(item_ids)s::text[]))
)
SELECT item_id, part, similarity
FROM (
    SELECT DISTINCT ON (item_id) * FROM mine
    WHERE similarity <> 'NaN'::float8 AND similarity >= %(floor)s
    ORDER BY item_id, similarity DESC, part
) nearest
ORDER BY similarity DESC, item_id
LIMIT %(limit)s;

-- name: forget_vectors
-- The vectors of items that are gone.
DELETE FROM memory_vectors
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND kind = %(kind)s
  AND (%(item_ids)s::text[] IS NULL OR item_id = ANY(%(item_ids)s::text[]));
