-- name: settle_sums
-- Add charges to the sums that are kept, once nobody can still be writing one with a lower number: a transaction lasts
-- seconds, and those taken are an hour older. By number and not by time, so that what was booked late is not left out.
WITH former AS (
    SELECT id FROM charge_sums_upto FOR UPDATE SKIP LOCKED
), upto AS (
    SELECT max(c.id) AS id FROM charges c, former f
    WHERE c.id > f.id AND c.id <= f.id + 200000 AND c.created_at < least(%(now)s, now()) - interval '1 hour'
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

-- name: charge_totals
-- What was ever charged, by component: dollars, calls, charges without a known price, and units by their name.
SELECT component, measure, sum(amount) AS amount FROM (
    SELECT component, measure, amount FROM charge_sums
    UNION ALL
    SELECT c.component, m.measure, sum(m.amount)
    FROM charges c
    CROSS JOIN LATERAL (
        SELECT 'dollars' AS measure, c.dollars AS amount WHERE c.dollars IS NOT NULL
        UNION ALL SELECT 'unpriced', 1 WHERE c.dollars IS NULL
        UNION ALL SELECT 'calls', c.api_calls
        UNION ALL SELECT e.key, (e.value #>> '{}')::numeric FROM jsonb_each(c.units) e
                  WHERE jsonb_typeof(e.value) = 'number'
    ) m
    WHERE c.id > coalesce((SELECT id FROM charge_sums_upto), 0)
    GROUP BY c.component, m.measure
) every
GROUP BY component, measure;
