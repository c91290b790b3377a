-- Why: the watch over the whole counts the films that ended in the last day at every look, and must not read all others.
-- leaves: tasks_by_end

CREATE INDEX IF NOT EXISTS tasks_by_end ON tasks (finished_at, status) WHERE finished_at IS NOT NULL;
