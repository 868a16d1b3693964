-- What is kept counted is counted anew: `mosharekat rebuild stats`.

-- name: rebuild_alone
-- lane: write
-- The lock is the session's, taken before the snapshot of what follows: two at once would both add the same difference.
SELECT pg_try_advisory_lock(hashtext('mosharekat rebuild stats')) AS is_alone;

-- name: rebuild_stats
-- lane: write
SELECT stat_rebuild() AS wrong;

-- name: rebuild_sweep
-- lane: write
-- Cells that came back to nothing.
DELETE FROM stat_cell WHERE n = 0;
