-- name: lock_campaigns
-- Names are unique whatever their letter case, in any alphabet: whoever gives one looks at the others first, alone.
SELECT pg_advisory_xact_lock(hashtextextended('campaigns' || chr(10) || %(tenant_id)s || chr(10) || %(user_id)s, 0));

-- name: add_campaign
-- A new campaign, open.
INSERT INTO campaigns (id, tenant_id, user_id, name, guidelines, settings, created_at, updated_at)
VALUES (%(id)s, %(tenant_id)s, %(user_id)s, %(name)s, %(guidelines)s, %(settings)s, %(now)s, %(now)s);

-- name: list_campaigns
-- A user's campaigns, the newest first.
SELECT * FROM campaigns
WHERE tenant_id = %(tenant_id)s AND user_id = %(user_id)s AND (archived_at IS NULL OR %(archived)s)
ORDER BY created_at DESC, id;

-- name: find_campaign
-- One campaign of one user.
SELECT * FROM campaigns WHERE id = %(id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s;

-- name: hold_campaign
-- One campaign of one user, which stays as it is until something was written that counts on it.
SELECT * FROM campaigns WHERE id = %(id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s FOR SHARE;

-- name: has_campaign
-- Whether there is such a campaign, whosever it is and archived or not: a ceiling is set by whoever runs the service.
SELECT EXISTS (SELECT 1 FROM campaigns WHERE id = %(id)s AND tenant_id = %(tenant_id)s) AS found;

-- name: update_campaign
-- What its user changed; null for archived_at opens it again.
UPDATE campaigns
SET name = %(name)s, guidelines = %(guidelines)s, settings = %(settings)s, archived_at = %(archived_at)s, updated_at = %(now)s
WHERE id = %(id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s;

-- name: link_project
-- This project's films belong to the campaign; twice is once.
INSERT INTO project_campaigns (project_id, campaign_id, tenant_id, user_id, added_at)
VALUES (%(project_id)s, %(campaign_id)s, %(tenant_id)s, %(user_id)s, %(now)s) ON CONFLICT DO NOTHING;

-- name: set_task_campaign
-- The campaign that a task's message named, for its status and its refinements.
UPDATE tasks SET campaign_id = %(campaign_id)s, updated_at = %(now)s
WHERE id = %(task_id)s AND tenant_id = %(tenant_id)s AND user_id = %(user_id)s;

-- name: list_campaign_films
-- The finished films of a campaign, the newest first, and what is counted of them; never more than can be counted soon.
SELECT p.id, p.title, p.finished_at, p.brief -> 'style' AS style, p.brief -> 'duration_seconds' AS seconds
FROM project_campaigns c JOIN projects p ON p.id = c.project_id
WHERE c.campaign_id = %(campaign_id)s AND c.tenant_id = %(tenant_id)s AND c.user_id = %(user_id)s
  AND p.tenant_id = %(tenant_id)s AND p.user_id = %(user_id)s
  AND p.film_key IS NOT NULL AND p.finished_at IS NOT NULL AND p.forgotten_at IS NULL
ORDER BY p.finished_at DESC, p.id LIMIT 1000;

-- name: list_unread_campaigns
-- Open campaigns that this embedder has not read as they are now; a vector is dated like the text it was made of.
SELECT c.* FROM campaigns c
WHERE c.tenant_id = %(tenant_id)s AND c.user_id = %(user_id)s AND c.archived_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM memory_vectors v
    WHERE v.kind = 'campaign' AND v.item_id = c.id AND v.embedder = %(embedder)s AND v.updated_at >= c.updated_at)
ORDER BY c.created_at DESC, c.id LIMIT %(limit)s;
