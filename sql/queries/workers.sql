-- name: put_worker
-- A worker says that it lives and what it serves.
INSERT INTO worker_heartbeats (owner, node, queues, slots, at)
VALUES (%(owner)s, %(node)s, %(queues)s, %(slots)s, %(now)s)
ON CONFLICT (owner) DO UPDATE
SET node = excluded.node, queues = excluded.queues, slots = excluded.slots, at = excluded.at;

-- name: remove_worker
-- A worker ends in good order.
DELETE FROM worker_heartbeats WHERE owner = %(owner)s;

-- name: forget_workers
-- Those that ended without a word, a day later.
DELETE FROM worker_heartbeats WHERE at < %(now)s - interval '1 day';

-- name: count_workers
-- The workers that were heard of lately, and their slots, by the queue that they serve.
SELECT queue, count(*) AS workers, sum(slots) AS slots
FROM worker_heartbeats CROSS JOIN LATERAL unnest(queues) AS queue
WHERE at > %(now)s - %(patience)s * interval '1 second'
GROUP BY queue;
