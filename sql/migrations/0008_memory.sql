-- Why: everything that is recalled by meaning beside finished films (passages of files, campaigns, what was said in a project)
-- has its vectors in one table, one row an embedder, so that another embedder's vectors can be made beside those in use;
-- the vector columns of 0003 held one and were never written. Preferences are sums of what speaks for and against a value,
-- and each piece stays visible. A refinement keeps its plan, and a film the pictures it was given.
-- leaves: memory_vectors

CREATE TABLE IF NOT EXISTS memory_vectors (
    kind        text NOT NULL,                          -- file | campaign | said
    item_id     text NOT NULL,                          -- user_files.id, campaigns.id, tasks.id
    part        integer NOT NULL DEFAULT 0,             -- a file's passage; 0 else
    embedder    text NOT NULL,
    tenant_id   text NOT NULL DEFAULT 'default',
    user_id     text NOT NULL,
    embedding   vector(1536) NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (kind, item_id, part, embedder)
);
CREATE INDEX IF NOT EXISTS memory_vectors_by_user ON memory_vectors (tenant_id, user_id, kind, embedder);
-- A search reads each vector of one user. They fill most of a page and stay in their row: beside it, where Postgres puts what
-- is long, each would cost a look into another index and up to three more pages (benchmarks/memory.py: 2 to 3 times the time).
ALTER TABLE memory_vectors ALTER COLUMN embedding SET STORAGE PLAIN;
ALTER TABLE project_embeddings ALTER COLUMN embedding SET STORAGE PLAIN;

ALTER TABLE user_files DROP COLUMN IF EXISTS embedding, DROP COLUMN IF EXISTS embedder;
-- Passage 0 of a file is its name and description, its text begins with 1. What holds for the whole file stands on passage 0.
ALTER TABLE user_files
    ADD COLUMN IF NOT EXISTS description   text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS details       jsonb NOT NULL DEFAULT '{}',     -- characters, words, pages, width, height, truncated
    ADD COLUMN IF NOT EXISTS embed_next_at timestamptz,                     -- null = its passages have their vectors
    ADD COLUMN IF NOT EXISTS embed_tries   integer NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS user_files_waiting ON user_files (embed_next_at) WHERE embed_next_at IS NOT NULL;
ALTER TABLE campaigns DROP COLUMN IF EXISTS embedding, DROP COLUMN IF EXISTS embedder;
ALTER TABLE user_preferences DROP COLUMN IF EXISTS embedding, DROP COLUMN IF EXISTS embedder;

CREATE UNIQUE INDEX IF NOT EXISTS campaigns_one_of_a_name ON campaigns (tenant_id, user_id, lower(name)) WHERE archived_at IS NULL;

-- What speaks for a value (weight above 0) or against it; a preference is the sum of these, fading with time.
CREATE TABLE IF NOT EXISTS preference_evidence (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   text NOT NULL DEFAULT 'default',
    user_id     text NOT NULL,
    category    text NOT NULL,                          -- style | duration | tone | aspectRatio
    value       jsonb NOT NULL,
    weight      real NOT NULL,
    reason      text NOT NULL,                          -- finished | rated | kept | refined_away
    project_id  text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    task_id     text NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    UNIQUE (task_id, category, reason)
);
CREATE INDEX IF NOT EXISTS preference_evidence_by_user ON preference_evidence (tenant_id, user_id, category, created_at DESC);

-- The embedding of an upload belongs to no film.
ALTER TABLE charges ALTER COLUMN task_id DROP NOT NULL, ALTER COLUMN project_id DROP NOT NULL;

ALTER TABLE tasks ADD COLUMN IF NOT EXISTS plan jsonb;                              -- refines: what is kept, what is made anew
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS restored_from text REFERENCES tasks (id);  -- kind restore: whose film it is again
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS reference_files jsonb NOT NULL DEFAULT '[]';   -- [{"fileId", "as": "style" | "subject"}]

-- The user had this project's memory erased: its films stay, and it is never recalled or learned from again.
ALTER TABLE projects ADD COLUMN IF NOT EXISTS forgotten_at timestamptz;
