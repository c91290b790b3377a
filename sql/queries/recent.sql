-- name: film_figures
-- Of the newest films that were made in the last day: how many, what they cost and how long they took, by sort of task.
WITH film AS MATERIALIZED (
    SELECT id, kind, extract(epoch FROM finished_at - created_at)::double precision AS seconds FROM tasks
    WHERE finished_at > %(now)s - interval '1 day' AND status IN ('completed', 'partial')
    ORDER BY finished_at DESC LIMIT %(most)s
), made AS (
    SELECT f.kind, f.seconds, coalesce(c.dollars, 0)::double precision AS dollars
    FROM film f LEFT JOIN LATERAL (SELECT sum(dollars) AS dollars FROM charges WHERE task_id = f.id) c ON true
)
SELECT kind, count(*) AS n, sum(dollars) AS dollars, sum(seconds) AS seconds,
       percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY dollars) AS dollars_at,
       percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY seconds) AS seconds_at
FROM made GROUP BY kind;

-- name: stage_figures
-- How long the newest films that ended in the last day spent in each stage: waiting for a worker, being worked on, and
-- parked while their jobs were made.
WITH film AS MATERIALIZED (
    SELECT id FROM tasks
    WHERE finished_at > %(now)s - interval '1 day' AND status NOT IN ('queued', 'processing')
    ORDER BY finished_at DESC LIMIT %(most)s
), step AS (
    SELECT e.task_id, e.kind, coalesce(e.stage, lag(e.stage) OVER w) AS stage, lag(e.stage) OVER w AS stage_before,
           lag(e.kind) OVER w AS before, extract(epoch FROM e.at - lag(e.at) OVER w)::double precision AS seconds
    FROM film f JOIN events e ON e.task_id = f.id
    WHERE e.kind IN ('task_created', 'task_retried', 'stage_started', 'stage_parked', 'stage_done', 'task_failed',
                     'task_cancelled')
    WINDOW w AS (PARTITION BY e.task_id ORDER BY e.number)
), phase AS (
    SELECT task_id, CASE before WHEN 'stage_started' THEN coalesce(stage_before, stage) ELSE stage END AS stage,
           CASE before WHEN 'stage_started' THEN 'working' WHEN 'stage_parked' THEN 'parked' ELSE 'waiting' END AS phase,
           sum(greatest(seconds, 0)) AS seconds
    FROM step
    WHERE before IN ('stage_started', 'stage_parked')
       OR (before IN ('task_created', 'task_retried', 'stage_done') AND kind = 'stage_started')
    GROUP BY 1, 2, 3
)
SELECT stage, phase, count(*) AS n, sum(seconds) AS seconds,
       percentile_cont(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY seconds) AS seconds_at
FROM phase WHERE stage IS NOT NULL GROUP BY stage, phase;

-- name: film_errors
-- How the newest films that ended in the last day failed: the stage, and the code of the error.
SELECT stage, code, count(*) AS n FROM (
    SELECT coalesce(error ->> 'stage', current_step) AS stage, coalesce(error ->> 'code', 'internal') AS code, status FROM tasks
    WHERE finished_at > %(now)s - interval '1 day' AND status NOT IN ('queued', 'processing')
    ORDER BY finished_at DESC LIMIT %(most)s
) film WHERE status IN ('failed', 'partial') GROUP BY stage, code;

-- name: stage_troubles
-- Of unfinished films and the newest of those that ended in the last day, by stage: how many have it degraded, and how
-- often a run of it ended without a word or was given back.
WITH film AS MATERIALIZED (
    (SELECT id, degraded FROM tasks WHERE status IN ('queued', 'processing') LIMIT %(most)s)
    UNION ALL
    (SELECT id, degraded FROM tasks
     WHERE finished_at > %(now)s - interval '1 day' AND status NOT IN ('queued', 'processing')
     ORDER BY finished_at DESC LIMIT %(most)s)
)
SELECT s.stage, sum(s.crashes) AS crashes,
       count(*) FILTER (WHERE f.degraded @> jsonb_build_array(jsonb_build_object('stage', s.stage))) AS degraded
FROM film f JOIN stage_runs s ON s.task_id = f.id GROUP BY s.stage;

-- name: job_figures
-- The paid requests of the same films, by what became of them (the code of the error of those that failed or were lost),
-- and how often they were sent again, or made anew after they had failed there.
WITH film AS MATERIALIZED (
    (SELECT id FROM tasks WHERE status IN ('queued', 'processing') LIMIT %(most)s)
    UNION ALL
    (SELECT id FROM tasks
     WHERE finished_at > %(now)s - interval '1 day' AND status NOT IN ('queued', 'processing')
     ORDER BY finished_at DESC LIMIT %(most)s)
)
SELECT j.provider, j.kind, coalesce(j.outcome, CASE j.state WHEN 'cancelled' THEN 'cancelled' ELSE 'open' END) AS outcome,
       CASE WHEN j.outcome IN ('failed', 'lost') THEN coalesce(j.error ->> 'code', 'internal') END AS code,
       count(*) AS n, sum(greatest(cardinality(j.posts) - 1, 0)) AS sent_again, sum(j.renewals) AS renewals
FROM film f JOIN jobs j ON j.task_id = f.id
GROUP BY 1, 2, 3, 4;

-- name: cache_hits
-- The average share of Claude's input that came from its cache, by component, over the newest calls of the last day.
SELECT component, count(*) AS n, avg(cache_hit_rate)::double precision AS rate FROM (
    SELECT component, cache_hit_rate FROM charges
    WHERE created_at > %(now)s - interval '1 day' AND cache_hit_rate IS NOT NULL
    ORDER BY created_at DESC LIMIT %(most)s
) call GROUP BY component;
