-- Why: ceilings that hold. What a paid call may cost is reserved before it is made, in the transaction of its intent, and
-- counts against every ceiling until the call is booked, or certainly was not made. What may not be bought now waits: for
-- a raise, for the switch of all spending, or for a provider's account that is empty.
-- leaves: jobs_held

CREATE TABLE IF NOT EXISTS budgets (
    id          text PRIMARY KEY,
    tenant_id   text NOT NULL DEFAULT 'default',
    scope       text NOT NULL CHECK (scope IN ('tenant', 'user', 'campaign', 'film')),
    subject     text NOT NULL,                          -- the user's, campaign's or task's id; '' for the tenant, '*' for each user
    period      text NOT NULL CHECK (period IN ('day', 'month', 'total')),   -- days and months of UTC
    dollars     numeric(14, 6) NOT NULL CHECK (dollars >= 0),
    spent       numeric(16, 6) NOT NULL DEFAULT 0,      -- in the period that began at spent_from; every charge adds to it
    spent_from  timestamptz NOT NULL DEFAULT '-infinity',
    inherited   boolean NOT NULL DEFAULT false,         -- a user's, made of that for each user
    recount_at  timestamptz,                            -- when it is counted again, for charges that were under way
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    UNIQUE (tenant_id, scope, subject, period)
);

-- When the period began that a moment lies in.
CREATE OR REPLACE FUNCTION budget_begin(period text, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT CASE period WHEN 'total' THEN '-infinity'::timestamptz ELSE date_trunc(period, at, 'UTC') END $$;

-- One row a paid call that is under way, or of which nobody knows whether it was made.
CREATE TABLE IF NOT EXISTS reservations (
    key          text PRIMARY KEY,                      -- job id # attempt; or the task and the fingerprint of a call
    tenant_id    text NOT NULL DEFAULT 'default',
    user_id      text NOT NULL,
    campaign_id  text,
    task_id      text,
    component    text NOT NULL,
    provider     text NOT NULL,
    dollars      numeric(14, 6),                        -- null: no price is known, and no ceiling was in the way
    created_at   timestamptz NOT NULL,
    until        timestamptz NOT NULL                   -- let go then, if nothing was heard
);
CREATE INDEX IF NOT EXISTS reservations_by_task ON reservations (task_id);

-- How ceilings stand at a moment: what was spent in the period of that moment, and all that is reserved, whichever period that
-- was in.
CREATE OR REPLACE FUNCTION budgets_at(at timestamptz)
RETURNS TABLE (id text, tenant_id text, scope text, subject text, period text, dollars numeric, inherited boolean, spent numeric,
               reserved numeric) LANGUAGE sql STABLE AS
$$ SELECT b.id, b.tenant_id, b.scope, b.subject, b.period, b.dollars, b.inherited,
          CASE WHEN b.spent_from >= budget_begin(b.period, at) THEN b.spent ELSE 0 END, held.dollars
   FROM budgets b
   CROSS JOIN LATERAL (
       SELECT coalesce(sum(r.dollars), 0) AS dollars FROM reservations r
       WHERE r.tenant_id = b.tenant_id AND CASE b.scope WHEN 'tenant' THEN true WHEN 'user' THEN r.user_id = b.subject
           WHEN 'campaign' THEN r.campaign_id = b.subject ELSE r.task_id = b.subject END) held $$;

-- The switch of all spending: a row while it is off.
CREATE TABLE IF NOT EXISTS spending_stop (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    since   timestamptz NOT NULL,
    reason  text
);

-- Providers whose account is empty or capped. Nothing is asked of them but by whoever is let through to try.
CREATE TABLE IF NOT EXISTS provider_pauses (
    provider    text PRIMARY KEY,
    since       timestamptz NOT NULL,
    message     text NOT NULL,
    checked_at  timestamptz NOT NULL,
    checks      integer NOT NULL DEFAULT 0,
    probe       text                                    -- the job or task that is let through
);

ALTER TABLE jobs ADD COLUMN IF NOT EXISTS held_for text;             -- budget spending provider; held while next_try_at is ahead
ALTER TABLE jobs ADD COLUMN IF NOT EXISTS held_since timestamptz;
CREATE INDEX IF NOT EXISTS jobs_held ON jobs (held_since) WHERE held_for IS NOT NULL AND state = 'queued';
ALTER TABLE stage_runs ADD COLUMN IF NOT EXISTS held_for text;       -- held while the stage is parked
ALTER TABLE stage_runs ADD COLUMN IF NOT EXISTS held_since timestamptz;
ALTER TABLE stage_runs ADD COLUMN IF NOT EXISTS held jsonb;          -- why, and what the step would cost
CREATE INDEX IF NOT EXISTS stage_runs_held ON stage_runs (held_since) WHERE held_for IS NOT NULL AND state = 'parked';
ALTER TABLE charges ADD COLUMN IF NOT EXISTS counted numeric(14, 6); -- what counts against ceilings where no price is known
