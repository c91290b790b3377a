-- Why: memory, all that can be recalled by meaning: finished projects, uploaded files, campaigns and preferences of a
-- user. Vectors of different embedders cannot be compared, so each one names the embedder that made it; 1536 numbers is
-- the width of text-embedding-3-small. Tenant and user stand on every row, and every search asks for both.
-- There is no nearest-neighbour index on purpose: a search reads the vectors of one user, which is quick and exact, while
-- an approximate index would look at everybody's nearest vectors first and could leave the user's own ones out.
-- leaves: project_feedback

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE IF NOT EXISTS project_embeddings (
    project_id   text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    embedder     text NOT NULL,
    facet        text NOT NULL DEFAULT 'film',          -- film: all it is about; message: the user's own words
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    title        text NOT NULL,
    content      text NOT NULL,                         -- what was embedded
    embedding    vector(1536) NOT NULL,
    brief        jsonb NOT NULL,                        -- as it was when the film was finished
    finished_at  timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (project_id, embedder, facet)
);
CREATE INDEX IF NOT EXISTS project_embeddings_by_user ON project_embeddings (tenant_id, user_id, embedder);

-- Guidelines shared by several projects.
CREATE TABLE IF NOT EXISTS campaigns (
    id           text PRIMARY KEY,
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    name         text NOT NULL,
    guidelines   text NOT NULL DEFAULT '',
    settings     jsonb NOT NULL DEFAULT '{}',           -- style, language, aspect ratio ... that its films begin with
    embedder     text,
    embedding    vector(1536),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    archived_at  timestamptz,
    CONSTRAINT campaigns_embedding_has_embedder CHECK ((embedding IS NULL) = (embedder IS NULL))
);
CREATE INDEX IF NOT EXISTS campaigns_by_user ON campaigns (tenant_id, user_id, created_at DESC, id);

CREATE TABLE IF NOT EXISTS project_campaigns (
    project_id   text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    campaign_id  text NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    added_at     timestamptz NOT NULL,
    PRIMARY KEY (project_id, campaign_id)
);
CREATE INDEX IF NOT EXISTS project_campaigns_by_campaign ON project_campaigns (campaign_id, added_at DESC);

-- One row a passage: a long upload is several passages, so that a question finds the page and not only the file.
CREATE TABLE IF NOT EXISTS user_files (
    id            text NOT NULL,
    passage       integer NOT NULL DEFAULT 0,           -- 0 is the beginning; name, type and key are the same in all
    tenant_id     text NOT NULL DEFAULT 'default',
    user_id       text NOT NULL,
    project_id    text REFERENCES projects (id) ON DELETE SET NULL,
    campaign_id   text REFERENCES campaigns (id) ON DELETE SET NULL,
    name          text NOT NULL,
    content_type  text NOT NULL,
    bytes         bigint NOT NULL,
    sha256        text NOT NULL,
    asset_key     text NOT NULL,                        -- where the file itself is kept
    content       text NOT NULL DEFAULT '',             -- the text of this passage
    embedder      text,
    embedding     vector(1536),
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (id, passage),
    CONSTRAINT user_files_embedding_has_embedder CHECK ((embedding IS NULL) = (embedder IS NULL))
);
CREATE INDEX IF NOT EXISTS user_files_by_user ON user_files (tenant_id, user_id, created_at DESC, id);
CREATE INDEX IF NOT EXISTS user_files_by_content ON user_files (tenant_id, user_id, sha256);

-- Something learned about a user: a name, a value, and a sentence that can be read and recalled.
CREATE TABLE IF NOT EXISTS user_preferences (
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    name         text NOT NULL,                         -- language, tone, style, duration_seconds ...
    value        jsonb NOT NULL,
    sentence     text NOT NULL DEFAULT '',
    source       text NOT NULL,                         -- said | learned; what was said outranks what was learned
    evidence     integer NOT NULL DEFAULT 1,            -- how many projects or feedbacks speak for it
    embedder     text,
    embedding    vector(1536),
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, name),
    CONSTRAINT user_preferences_embedding_has_embedder CHECK ((embedding IS NULL) = (embedder IS NULL))
);

-- What a user said about a film: the words of each refine, or a rating; preferences are learned from these.
CREATE TABLE IF NOT EXISTS project_feedback (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    project_id   text NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    task_id      text REFERENCES tasks (id) ON DELETE SET NULL,
    aspect       text,                                  -- script | style | visuals | all
    feedback     text NOT NULL DEFAULT '',
    rating       smallint CHECK (rating BETWEEN 1 AND 5),
    created_at   timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS project_feedback_by_user ON project_feedback (tenant_id, user_id, created_at DESC);
CREATE INDEX IF NOT EXISTS project_feedback_by_project ON project_feedback (project_id, created_at DESC);
