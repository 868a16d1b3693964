-- What is kept counted is counted anew: `mosharekat rebuild stats`.

-- name: rebuild_alone
-- lane: write
-- The lock is the session's, taken before the snapshot of what follows: two at once would both add the same difference.
SELECT pg_try_advisory_lock(hashtext('mosharekat rebuild stats')) AS is_alone;

-- name: rebuild_stats
-- lane: write
SELECT stat_rebuild() + stat_rebuild_subjects() AS wrong;

-- name: rebuild_sweep
-- lane: write
-- What came back to nothing.
WITH subjects AS (
    DELETE FROM stat_subject WHERE n = 0
)
DELETE FROM stat_cell WHERE n = 0;
