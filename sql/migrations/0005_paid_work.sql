-- Why: paid work at scale. What exactly was sent, so that a provider's history can prove that a lost answer was a purchase;
-- when it is looked up there; how long rendering took, so that the next look is aimed; and what a person said of a job.
-- leaves: jobs_in_doubt

ALTER TABLE jobs ADD COLUMN IF NOT EXISTS sent jsonb;                                   -- the fields of the last POST
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS lookups integer NOT NULL DEFAULT 0;           -- in the provider's history
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS next_lookup_at timestamptz;
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS rendered_at timestamptz;
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS took double precision;                        -- seconds from acceptance, as seen
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS rings integer NOT NULL DEFAULT 0;             -- submit messages sent again
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS resolved jsonb;                               -- a person's word: what and when

-- The pace of an account's status reads, on all machines: until when the reads that were made have used its time up.
CREATE TABLE IF NOT EXISTS account_reads (
    provider  text PRIMARY KEY,
    free_at   timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS jobs_by_took ON jobs (endpoint, rendered_at DESC) WHERE took IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_in_doubt ON jobs (intent_at)
    WHERE state = 'unknown' OR (state = 'settled' AND outcome = 'lost' AND provider_id IS NULL);
