-- Why: every call to a provider costs money, the failed ones too, so each leaves one row when it is made.
-- A charge outlives what it paid for: it has no foreign keys, or deleting a film would delete its bill.
-- The view keeps the cost queries that were published to customers running with their column names.
-- leaves: cost_tracking

CREATE TABLE IF NOT EXISTS charges (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       text NOT NULL DEFAULT 'default',
    user_id         text NOT NULL,
    project_id      text NOT NULL,
    task_id         text NOT NULL,
    component       text NOT NULL,                      -- orchestrator writer director midjourney kling memory
    provider        text NOT NULL,                      -- anthropic openai kie fal
    model           text NOT NULL,
    units           jsonb NOT NULL,                     -- tokens by kind, tasks or seconds
    tokens          bigint NOT NULL DEFAULT 0 CHECK (tokens >= 0),
    api_calls       integer NOT NULL DEFAULT 1 CHECK (api_calls >= 0),
    dollars         numeric(14, 6) CHECK (dollars >= 0),          -- null = no price is known
    cache_hit_rate  numeric CHECK (cache_hit_rate BETWEEN 0 AND 1),   -- Claude only
    price_version   text NOT NULL,
    formula         text NOT NULL,
    job_id          text,
    created_at      timestamptz NOT NULL
);
-- A provider job is charged once, whoever learns of it first.
CREATE UNIQUE INDEX IF NOT EXISTS charges_one_per_job ON charges (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS charges_by_task ON charges (task_id);
CREATE INDEX IF NOT EXISTS charges_by_user ON charges (tenant_id, user_id, created_at DESC);
CREATE INDEX IF NOT EXISTS charges_by_time ON charges (created_at, component);

CREATE OR REPLACE VIEW cost_tracking AS
SELECT
    id,
    tenant_id       AS "tenantId",
    task_id         AS "taskId",
    project_id      AS "projectId",
    user_id         AS "userId",
    component,
    tokens          AS "tokensUsed",
    api_calls       AS "apiCalls",
    dollars         AS "costDollars",
    cache_hit_rate  AS "cacheHitRate",
    created_at      AS "createdAt"
FROM charges;
