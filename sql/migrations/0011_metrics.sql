-- Why: what is scraped every few seconds. Which workers serve which queue, told by each of them; and the sums over all
-- charges ever, of which only those of the last hour or so are still to be added.
-- leaves: worker_heartbeats

CREATE TABLE IF NOT EXISTS charge_sums (
    component  text NOT NULL,
    measure    text NOT NULL,           -- dollars | calls | unpriced | a unit of charges.units
    amount     numeric NOT NULL,
    PRIMARY KEY (component, measure)
);
-- Up to and with which charge. One row.
CREATE TABLE IF NOT EXISTS charge_sums_upto (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    id   bigint NOT NULL
);
INSERT INTO charge_sums_upto (id) VALUES (0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS worker_heartbeats (
    owner   text PRIMARY KEY,           -- host:pid
    node    text NOT NULL,              -- as the celery command names it
    queues  text[] NOT NULL,
    slots   integer NOT NULL,
    at      timestamptz NOT NULL
);
