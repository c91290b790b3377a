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

-- What stands in the books already, but for the last hour, as queries/totals.sql goes on with it: run again, this adds what
-- has become an hour old since.
WITH former AS (
    SELECT id FROM charge_sums_upto FOR UPDATE
), upto AS (
    SELECT max(c.id) AS id FROM charges c, former f WHERE c.id > f.id AND c.created_at < now() - interval '1 hour'
), moved AS (
    UPDATE charge_sums_upto SET id = upto.id FROM upto WHERE upto.id IS NOT NULL
)
INSERT INTO charge_sums (component, measure, amount)
SELECT c.component, m.measure, sum(m.amount)
FROM former f, upto u, charges c
CROSS JOIN LATERAL (
    SELECT 'dollars' AS measure, c.dollars AS amount WHERE c.dollars IS NOT NULL
    UNION ALL SELECT 'unpriced', 1 WHERE c.dollars IS NULL
    UNION ALL SELECT 'calls', c.api_calls
    UNION ALL SELECT e.key, (e.value #>> '{}')::numeric FROM jsonb_each(c.units) e WHERE jsonb_typeof(e.value) = 'number'
) m
WHERE c.id > f.id AND c.id <= u.id
GROUP BY c.component, m.measure
ON CONFLICT (component, measure) DO UPDATE SET amount = charge_sums.amount + excluded.amount;

CREATE TABLE IF NOT EXISTS worker_heartbeats (
    owner   text PRIMARY KEY,           -- host:pid
    node    text NOT NULL,              -- as the celery command names it
    queues  text[] NOT NULL,
    slots   integer NOT NULL,
    at      timestamptz NOT NULL
);
