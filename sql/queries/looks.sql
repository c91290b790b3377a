-- name: render_job
-- running → rendered, with the addresses of the result; by one who copies it at once, or for whoever is rung. next_poll_at
-- is when the copying is rung again. How long it took is kept of those that nothing held up: the next looks are aimed by it.
UPDATE jobs SET state = 'rendered', result_urls = %(result_urls)s, next_poll_at = %(next_poll_at)s, error = NULL,
                fetching = %(fetching)s, fetches = fetches + %(fetching)s::boolean::integer, rendered_at = %(now)s,
                took = CASE WHEN error IS NULL THEN %(took)s::double precision END
WHERE id = %(id)s AND attempt = %(attempt)s AND state = 'running'
RETURNING *;

-- name: reads_free_at
-- Until when the account's reads have used its time up, not before now; the row is held, so that no other machine reads
-- meanwhile. A time far ahead was written by a machine whose clock was wrong.
INSERT INTO account_reads AS r (provider, free_at) VALUES (%(provider)s, %(now)s)
ON CONFLICT (provider) DO UPDATE
SET free_at = CASE WHEN r.free_at BETWEEN excluded.free_at AND excluded.free_at + interval '1 minute' THEN r.free_at
                   ELSE excluded.free_at END
RETURNING free_at;

-- name: count_reads
-- So many reads are made now, each of which uses so many seconds up.
INSERT INTO account_reads AS r (provider, free_at)
VALUES (%(provider)s, %(now)s + %(reads)s * %(each)s * interval '1 second')
ON CONFLICT (provider) DO UPDATE
SET free_at = greatest(r.free_at, %(now)s) + %(reads)s * %(each)s * interval '1 second';

-- name: take_read
-- One read, if the account's pace allows it now; no row if not.
INSERT INTO account_reads AS r (provider, free_at) VALUES (%(provider)s, %(now)s + %(each)s * interval '1 second')
ON CONFLICT (provider) DO UPDATE SET free_at = greatest(r.free_at, %(now)s) + %(each)s * interval '1 second'
WHERE r.free_at <= %(now)s + %(ahead)s * interval '1 second'
RETURNING free_at;

-- name: claim_looks
-- Running jobs whose look is due, claimed by moving it forward: whoever looks holds on to the claim. Told with each: when
-- the look was due, and whether it was a callback that asked for it.
UPDATE jobs SET next_poll_at = %(claimed_until)s, looked_at = %(now)s, polls = polls + 1
FROM (
    SELECT id, next_poll_at AS due_at, coalesce(looked_at = next_poll_at, false) AS hurried
    FROM jobs WHERE state = 'running' AND provider = %(provider)s AND next_poll_at <= %(now)s
    ORDER BY next_poll_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) due
WHERE jobs.id = due.id
RETURNING jobs.*, due.due_at, due.hurried;

-- name: next_looks
-- When the next look at each provider is due.
SELECT p.provider, (SELECT min(next_poll_at) FROM jobs WHERE state = 'running' AND jobs.provider = p.provider) AS at
FROM unnest(%(providers)s::text[]) AS p (provider);

-- name: hold_claims
-- Whoever looks or copies still does: nobody else is to begin before then. A row that is due sooner than a claim ever is
-- when it is renewed is claimed no more: its look has ended meanwhile and said when the next is due, or a callback came.
UPDATE jobs SET next_poll_at = %(claimed_until)s
WHERE id = ANY(%(ids)s) AND next_poll_at > %(least_at)s AND next_poll_at < %(claimed_until)s
  AND (state = 'running' OR (state = 'rendered' AND fetching));

-- name: render_times
-- How long the latest jobs of an endpoint took in seconds, and how many are being made: what the next looks are aimed by.
SELECT count(took) AS n, percentile_cont(0.25) WITHIN GROUP (ORDER BY took) AS early,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY took) AS late,
       (SELECT count(*) FROM jobs WHERE provider = %(provider)s AND state = 'running') AS running
FROM (SELECT took FROM jobs WHERE endpoint = %(endpoint)s AND took IS NOT NULL
      ORDER BY rendered_at DESC LIMIT 40) latest;

-- name: claim_fetches
-- Rendered jobs whose copying has not been begun or was cut off: ring them again, each time after a longer while.
UPDATE jobs SET next_poll_at = %(now)s + least(greatest(%(again)s * interval '1 second', %(now)s - rendered_at),
                                               interval '2 minutes'), fetching = false
WHERE id IN (
    SELECT id FROM jobs WHERE state = 'rendered' AND next_poll_at <= %(now)s
    ORDER BY next_poll_at LIMIT 50 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, task_id, project_id, shot;

-- name: begin_fetch
-- Somebody copies the result now, and holds on to the claim; a doubled message finds it begun.
UPDATE jobs SET fetches = fetches + 1, fetching = true, next_poll_at = %(claimed_until)s
WHERE id = %(id)s AND state = 'rendered' AND NOT fetching RETURNING *;

-- name: look_later
-- Not yet; or trouble that does not say that the job failed. A callback that came while we looked keeps its word: now.
UPDATE jobs SET next_poll_at = CASE WHEN next_poll_at BETWEEN looked_at AND %(now)s THEN next_poll_at
                                    ELSE %(next_poll_at)s END,
                error = %(error)s
WHERE id = %(id)s AND attempt = %(attempt)s AND state IN ('running', 'rendered');

-- name: hurry_job
-- A callback is a hint: poll now. The same moment in both columns says that it was one.
UPDATE jobs SET next_poll_at = %(now)s, looked_at = %(now)s
WHERE id = %(id)s AND state = 'running' AND next_poll_at > %(now)s;

-- name: look_again
-- A callback for a job that was given up while its provider made it, or could not be read there: perhaps it has come to its
-- end after all. Its error stays until the look, so that nothing is learnt of how long it took.
UPDATE jobs SET state = 'running', outcome = NULL, polls = 0, settled_at = NULL, next_poll_at = %(now)s,
                looked_at = %(now)s, deadline_at = %(deadline_at)s
WHERE id = %(id)s AND provider_id = %(provider_id)s AND state = 'settled' AND outcome = 'lost';

-- name: note_stopped
-- Its provider stops it at our word: that it knows no such job any more will mean that nothing was made.
UPDATE jobs SET handles = handles || '{"stopped": "yes"}' WHERE id = %(id)s AND provider_id = %(provider_id)s;

-- name: recall_future
-- Moments of open jobs that lie further ahead than anything we write were written by a machine whose clock was wrong; its
-- rows would wait for that time to come. From now on they are due. The server's own clock is asked too, so that a machine
-- whose clock is behind does not take the others' moments for such. Held jobs are due in a month, unless they are let go.
UPDATE jobs
SET next_try_at = CASE WHEN next_try_at > far.at AND (held_for IS NULL OR next_try_at > far.month) THEN %(now)s ELSE next_try_at END,
    held_since = CASE WHEN held_since > far.at THEN %(now)s ELSE held_since END,
    next_poll_at = CASE WHEN next_poll_at > far.at THEN %(now)s ELSE next_poll_at END,
    admitted_at = CASE WHEN admitted_at > far.at THEN %(now)s ELSE admitted_at END,
    intent_at = CASE WHEN intent_at > far.at THEN %(now)s ELSE intent_at END,
    unknown_at = CASE WHEN unknown_at > far.at THEN %(now)s ELSE unknown_at END,
    deadline_at = CASE WHEN accepted_at > far.at THEN %(now)s + (deadline_at - accepted_at) ELSE deadline_at END,
    accepted_at = CASE WHEN accepted_at > far.at THEN %(now)s ELSE accepted_at END
FROM (SELECT greatest(%(now)s, now()) + interval '15 minutes' AS at, greatest(%(now)s, now()) + interval '31 days' AS month) far
WHERE state NOT IN ('settled', 'cancelled')
  AND (greatest(CASE WHEN held_for IS NULL THEN next_try_at END, held_since, next_poll_at, admitted_at, intent_at, unknown_at,
                accepted_at) > far.at
       OR next_try_at > far.month);
