-- Why: money. A Job is one paid request and is a row before it is a request: unique by project, shot, kind and the
-- fingerprint of the exact request, so nothing is bought twice; its intent is committed before the POST and the
-- provider's id straight after, so nothing bought is lost. `calls` keeps answers of Claude for the same reason.
-- leaves: calls

CREATE TABLE IF NOT EXISTS jobs (
    id            text PRIMARY KEY,
    tenant_id     text NOT NULL DEFAULT 'default',
    user_id       text NOT NULL,
    task_id       text NOT NULL REFERENCES tasks (id),     -- the task that asked for it last
    project_id    text NOT NULL REFERENCES projects (id),
    shot          integer NOT NULL,
    kind          text NOT NULL,                            -- picture | clip
    provider      text NOT NULL,                            -- kie | fal
    endpoint      text NOT NULL,
    fingerprint   text NOT NULL,
    request       jsonb NOT NULL,                           -- exactly what is sent, without the callback address
    state         text NOT NULL,                            -- queued admitted submitting unknown running rendered settled cancelled
    outcome       text,                                     -- done failed lost
    provider_id   text,
    former_ids    text[] NOT NULL DEFAULT '{}',             -- provider ids of earlier, failed attempts
    handles       jsonb NOT NULL DEFAULT '{}',
    token_hash    text UNIQUE,                              -- of the token in the callback address
    attempt       integer NOT NULL DEFAULT 0,               -- submissions begun; the fence of a submission
    posts         timestamptz[] NOT NULL DEFAULT '{}',      -- when it was sent, the newest first: the account's pace
    refusals      integer NOT NULL DEFAULT 0,               -- definite transient refusals in a row (policy 1, 2, 4 s)
    renewals      integer NOT NULL DEFAULT 0,               -- new provider jobs after one that failed there
    polls         integer NOT NULL DEFAULT 0,
    fetches       integer NOT NULL DEFAULT 0,               -- downloads begun
    fetching      boolean NOT NULL DEFAULT false,           -- somebody downloads, until next_poll_at
    result_urls   text[] NOT NULL DEFAULT '{}',
    error         jsonb,
    created_at    timestamptz NOT NULL,
    next_try_at   timestamptz NOT NULL,                     -- queued: not before then
    admitted_at   timestamptz,
    intent_at     timestamptz,
    accepted_at   timestamptz,
    next_poll_at  timestamptz,                              -- running: poll then; rendered: fetch again then
    looked_at     timestamptz,                              -- the last status read: the account's reads are counted by it
    deadline_at   timestamptz,
    unknown_at    timestamptz,
    settled_at    timestamptz,
    UNIQUE (project_id, shot, kind, fingerprint)
);
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (provider, state) WHERE state NOT IN ('settled', 'cancelled');
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (state, next_poll_at) WHERE state IN ('running', 'rendered');
CREATE INDEX IF NOT EXISTS jobs_by_task ON jobs (task_id, kind);
CREATE INDEX IF NOT EXISTS jobs_by_intent ON jobs (provider, intent_at);
CREATE INDEX IF NOT EXISTS jobs_by_look ON jobs (provider, looked_at);

-- Which jobs a task counts on: a refine may find its picture bought by an earlier task.
CREATE TABLE IF NOT EXISTS task_jobs (
    task_id  text NOT NULL REFERENCES tasks (id),
    job_id   text NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (task_id, job_id)
);
CREATE INDEX IF NOT EXISTS task_jobs_by_job ON task_jobs (job_id);

CREATE TABLE IF NOT EXISTS assets (
    key           text PRIMARY KEY,
    tenant_id     text NOT NULL DEFAULT 'default',
    user_id       text NOT NULL,
    project_id    text NOT NULL REFERENCES projects (id),
    task_id       text NOT NULL REFERENCES tasks (id),
    job_id        text REFERENCES jobs (id),
    kind          text NOT NULL,                            -- picture | clip | film
    shot          integer,
    take          integer NOT NULL DEFAULT 0,               -- of a picture: 0 is used, 1 2 3 are the other takes
    content_type  text NOT NULL,
    bytes         bigint NOT NULL,
    sha256        text NOT NULL,
    source_url    text,                                     -- where the provider had it, while it had it
    created_at    timestamptz NOT NULL,
    UNIQUE (job_id, take)
);
CREATE INDEX IF NOT EXISTS assets_by_project ON assets (project_id, kind, shot);

CREATE TABLE IF NOT EXISTS calls (
    task_id      text NOT NULL REFERENCES tasks (id),
    fingerprint  text NOT NULL,
    stage        text NOT NULL,
    answer       jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (task_id, fingerprint)
);
