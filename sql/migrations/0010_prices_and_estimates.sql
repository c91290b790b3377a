-- Why: money before and after. A charge keeps what the provider's bill will call it, so that the bill can be held against
-- the books even when the job is gone; a film keeps what it was expected to cost when it was asked for, so that the error
-- of the estimates can be told afterwards, and the next ones learn from it.
-- leaves: tasks_by_forecast

ALTER TABLE charges ADD COLUMN IF NOT EXISTS request_id text;                           -- KIE's task id, fal's request id
CREATE INDEX IF NOT EXISTS charges_by_request ON charges (provider, request_id) WHERE request_id IS NOT NULL;

ALTER TABLE tasks ADD COLUMN IF NOT EXISTS forecast jsonb;                              -- of a create: the estimate
CREATE INDEX IF NOT EXISTS tasks_by_forecast ON tasks (tenant_id, created_at DESC)
    WHERE forecast IS NOT NULL AND status IN ('completed', 'partial');
