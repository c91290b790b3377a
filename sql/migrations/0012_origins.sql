-- Why: one grep tells the whole way of a film. The id of the request that asked for it, and the trace of that request, go with
-- its rows to the workers, which write them on their lines and spans; a queue message carries ids only.
-- leaves: tasks_by_request

ALTER TABLE tasks ADD COLUMN IF NOT EXISTS request_id text;
ALTER TABLE tasks ADD COLUMN IF NOT EXISTS traceparent text;   -- of W3C Trace Context; null where nobody traces
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS request_id text;
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS traceparent text;
-- An operator who is told the requestId of a problem finds the film that came of it.
CREATE INDEX IF NOT EXISTS tasks_by_request ON tasks (request_id) WHERE request_id IS NOT NULL;
