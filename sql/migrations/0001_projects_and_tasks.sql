-- Why: the truth about every film. A Task is one create or refine carried through five stages; its stage_runs decide
-- who works and what comes next, so that a lost or doubled queue message costs nothing. Tenant and user stand on every
-- row from the first day because they cannot be added safely later.
-- leaves: heartbeats

CREATE TABLE IF NOT EXISTS projects (
    id           text PRIMARY KEY,
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    title        text NOT NULL DEFAULT '',
    message      text NOT NULL,
    brief        jsonb,
    script       jsonb,
    storyboard   jsonb,
    film_key     text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    finished_at  timestamptz
);
CREATE INDEX IF NOT EXISTS projects_by_user ON projects (tenant_id, user_id, created_at DESC, id);

CREATE TABLE IF NOT EXISTS tasks (
    id               text PRIMARY KEY,
    tenant_id        text NOT NULL DEFAULT 'default',
    user_id          text NOT NULL,
    project_id       text NOT NULL REFERENCES projects (id),
    kind             text NOT NULL,                     -- create | refine
    message          text NOT NULL,
    feedback         text,
    aspect           text,                              -- script | style | visuals | all, refines only
    campaign_id      text,
    status           text NOT NULL DEFAULT 'queued',    -- queued processing completed partial failed cancelled
    current_step     text NOT NULL DEFAULT 'context',
    progress         integer NOT NULL DEFAULT 0,
    cancel_asked_at  timestamptz,
    degraded         jsonb NOT NULL DEFAULT '[]',
    context          jsonb NOT NULL DEFAULT '{}',       -- what was recalled and which tools were called
    error            jsonb,
    offer            jsonb NOT NULL DEFAULT '[]',
    film_key         text,
    remembered_at    timestamptz,
    remember_tries   integer NOT NULL DEFAULT 0,
    remember_next_at timestamptz,
    created_at       timestamptz NOT NULL,
    started_at       timestamptz,
    updated_at       timestamptz NOT NULL,
    finished_at      timestamptz
);
CREATE INDEX IF NOT EXISTS tasks_by_project ON tasks (project_id, created_at DESC);
CREATE INDEX IF NOT EXISTS tasks_by_user ON tasks (tenant_id, user_id, created_at DESC, id);
-- One unfinished task a project: two at once would overwrite each other's documents.
CREATE UNIQUE INDEX IF NOT EXISTS tasks_one_open_per_project ON tasks (project_id) WHERE status IN ('queued', 'processing');
CREATE INDEX IF NOT EXISTS tasks_cancelled ON tasks (id) WHERE cancel_asked_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS tasks_to_remember ON tasks (remember_next_at)
    WHERE remembered_at IS NULL AND status IN ('completed', 'partial');

CREATE TABLE IF NOT EXISTS stage_runs (
    task_id      text NOT NULL REFERENCES tasks (id),
    stage        text NOT NULL,
    position     integer NOT NULL,                      -- 0 context ... 4 video
    state        text NOT NULL,                         -- waiting ready running parked done failed skipped
    attempt      integer NOT NULL DEFAULT 0,            -- the fence: every write of a run carries it
    crashes      integer NOT NULL DEFAULT 0,            -- leases that ran out, or unforeseen errors
    lease_until  timestamptz,
    owner        text,
    sent_at      timestamptz,                           -- ready since then and last rung then: the outbox
    sends        integer NOT NULL DEFAULT 0,
    started_at   timestamptz,
    finished_at  timestamptz,
    PRIMARY KEY (task_id, stage)
);
CREATE INDEX IF NOT EXISTS stage_runs_ready ON stage_runs (sent_at) WHERE state = 'ready';
CREATE INDEX IF NOT EXISTS stage_runs_leased ON stage_runs (lease_until) WHERE state = 'running';

CREATE TABLE IF NOT EXISTS checkpoints (
    task_id     text NOT NULL REFERENCES tasks (id),
    stage       text NOT NULL,
    output      jsonb NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (task_id, stage)
);

CREATE TABLE IF NOT EXISTS events (
    task_id  text NOT NULL REFERENCES tasks (id),
    number   integer NOT NULL,
    at       timestamptz NOT NULL,
    stage    text,
    kind     text NOT NULL,
    data     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (task_id, number)
);

-- A caller's retry of the same request gets the same task.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    tenant_id   text NOT NULL DEFAULT 'default',
    route       text NOT NULL,
    key         text NOT NULL,
    body_sha    text NOT NULL,
    task_id     text NOT NULL REFERENCES tasks (id),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, route, key)
);

-- When the sweep last ran: if it stops, films stop, so this is the one alarm to have.
CREATE TABLE IF NOT EXISTS heartbeats (
    name  text PRIMARY KEY,
    at    timestamptz NOT NULL
);
