-- Why: the rows of jobs are read for the next look ten times a second, and change often; each change writes to every index.
-- leaves: jobs_next_look

CREATE INDEX IF NOT EXISTS jobs_next_look ON jobs (provider, next_poll_at) WHERE state = 'running';
CREATE INDEX IF NOT EXISTS jobs_to_copy ON jobs (next_poll_at) WHERE state = 'rendered';
DROP INDEX IF EXISTS jobs_due;
DROP INDEX IF EXISTS jobs_by_look;
