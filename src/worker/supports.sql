-- The worker counts supports of suggestions, so that lists can be in their order.

-- name: supports_pass
-- lane: write
-- What was given or taken back since the last pass. Two workers take different rows; a suggestion's number rises by what
-- each of them took. All rows are found by the index of what is not counted: it is small, the table is not.
WITH instant AS MATERIALIZED (
    SELECT clock_timestamp() + shift AS now FROM clock
),
due AS MATERIALIZED (
    SELECT p.case_id, p.voter, p.is_active, p.is_active::int - p.is_counted::int AS change
    FROM suggestion_support p
    WHERE p.is_active <> p.is_counted
    ORDER BY p.case_id
    LIMIT 5000
    FOR UPDATE OF p SKIP LOCKED
),
counted AS (
    UPDATE case_suggestion s SET supports = s.supports + d.change
    FROM (SELECT case_id, sum(change)::int AS change FROM due GROUP BY case_id) d
    WHERE s.case_id = d.case_id AND s.case_id = ANY (ARRAY(SELECT case_id FROM due))
),
marked AS (
    UPDATE suggestion_support p SET is_counted = d.is_active
    FROM due d
    WHERE p.case_id = d.case_id AND p.voter = d.voter AND p.is_active <> p.is_counted
      AND p.case_id = ANY (ARRAY(SELECT case_id FROM due))
    RETURNING p.case_id
)
SELECT (SELECT count(*) FROM marked) AS done, NULL::timestamptz AS next_at, i.now FROM instant i;
