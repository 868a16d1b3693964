-- What is kept counted is counted anew: `mosharekat rebuild stats`, `mosharekat rebuild survey`.

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

-- name: rebuild_survey
-- lane: write
-- $1 survey uuid
SELECT survey_rebuild(r.survey_id) AS wrong FROM survey_result r WHERE r.survey_id = $1;
