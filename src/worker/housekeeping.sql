-- What grows without bound and is of no more use. Events, cases and what was said about them stay: they are the record.

-- name: housekeeping_pass
-- lane: write
-- $1 notification_days int4
-- Notifications are for whoever delivers them; what they tell of is an event as well.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
old AS (
    SELECT n.org_id, n.at, n.id FROM organisation o CROSS JOIN LATERAL (
        SELECT n.org_id, n.at, n.id FROM notification n
        WHERE n.org_id = o.id AND n.at < (SELECT now FROM instant) - make_interval(days => $1)
        ORDER BY n.at, n.id
        LIMIT 2000
        FOR UPDATE SKIP LOCKED) n
),
gone AS (
    DELETE FROM notification n USING old o WHERE n.org_id = o.org_id AND n.at = o.at AND n.id = o.id RETURNING n.id
)
SELECT (SELECT count(*) FROM gone) AS done, i.now + interval '1 hour' AS next_at, i.now FROM instant i;
