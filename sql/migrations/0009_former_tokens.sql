-- Why: a job that was sent again has a new callback address; whoever calls the former one is still known, and told so.
-- leaves: jobs_by_former_token

ALTER TABLE jobs ADD COLUMN IF NOT EXISTS former_tokens text[] NOT NULL DEFAULT '{}';   -- hashes, the newest last
CREATE INDEX IF NOT EXISTS jobs_by_former_token ON jobs USING gin (former_tokens) WHERE former_tokens <> '{}';
