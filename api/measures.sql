-- Measures: what an organisation does about what it was told. Every change is an event that keeps the whole version.

-- name: measure_list
-- lane: read
-- $1 org uuid  $2 state text  $3 unit text  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4  $7 count bool
WITH chosen AS NOT MATERIALIZED (
    SELECT m FROM measure m
    WHERE m.org_id = $1 AND ($2 IS NULL OR m.state = $2) AND ($3 IS NULL OR m.unit_code = $3))
SELECT v.*, (c.m).created_at AS _cursor_at, (c.m).id AS _cursor_id,
    CASE WHEN $7 THEN (SELECT count(*) FROM chosen) END AS _total
FROM chosen c CROSS JOIN LATERAL measure_shown(c.m) v
WHERE ((c.m).created_at, (c.m).id) < (coalesce($4, 'infinity'), coalesce($5, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY (c.m).created_at DESC, (c.m).id DESC
LIMIT $6;

-- name: measure_get
-- lane: read
-- $1 org uuid  $2 id uuid  $3 now timestamptz  $4 is_exact bool
SELECT v.*, l.links, history_of(m.id) AS history, m.row_version || '-' || left(md5(l.links::text), 12) AS _etag
FROM measure m CROSS JOIN LATERAL measure_shown(m) v
CROSS JOIN LATERAL (SELECT measure_links_shown(m, $3, $4) AS links) l
WHERE m.id = $2 AND m.org_id = $1;

-- name: measure_create
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
-- $7 today date
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
        WHEN EXISTS (SELECT FROM prior) THEN NULL
        WHEN NOT unit_is_there($2, $3 ->> 'unit_code') THEN 'unknown_unit'
        WHEN NOT measure_links_are_there($2, $3 -> 'links') THEN 'unknown_link'
        WHEN $3 ->> 'state' = 'dropped' AND $3 ->> 'reason' IS NULL THEN 'reason_needed'
        WHEN r.finished_on < r.started_on THEN 'ends_before_it_begins' END AS problem
    FROM jsonb_populate_record(NULL::measure, $3) r
),
made AS (
    INSERT INTO measure AS m (id, org_id, title, text, state, reason, unit_code, started_on, finished_on, links,
        created_at, updated_at)
    SELECT $1, $2, r.title, r.text, r.state, r.reason, r.unit_code,
        coalesce(r.started_on, CASE WHEN r.state = 'under_way' THEN $7 END),
        coalesce(r.finished_on, CASE WHEN r.state IN ('done', 'dropped') THEN $7 END), coalesce(r.links, '{}'), $4, $4
    FROM judged j CROSS JOIN jsonb_populate_record(NULL::measure, $3) r
    WHERE j.problem IS NULL AND NOT j.is_replayed
    ON CONFLICT (id) DO NOTHING
    RETURNING m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $4, 'measure.created', 'measure', $1, 'staff', $5, true, measure_version(d.m), $6 FROM made d
)
SELECT coalesce(j.problem, CASE WHEN n.m IS NULL THEN 'retry' END) AS _problem, j.is_replayed AS _replayed,
    (n.m).row_version::text AS _etag, v.*
FROM judged j
LEFT JOIN (SELECT m FROM made UNION ALL SELECT m FROM measure m WHERE m.id = $1) n ON true
LEFT JOIN LATERAL measure_shown(n.m) v ON true;

-- name: measure_change
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 patch jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 today date
-- Of links, the kinds that the patch names are set anew, the others stay.
WITH old AS (
    SELECT m FROM measure m WHERE m.id = $3 AND m.org_id = $2 FOR UPDATE
),
wanted AS (
    SELECT o.m, jsonb_populate_record(o.m, $4 || jsonb_build_object('links',
        jsonb_strip_nulls((o.m).links || coalesce($4 -> 'links', '{}')))) AS r
    FROM old o
),
judged AS (
    SELECT w.m, w.r, CASE
        WHEN (w.m).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN NOT unit_is_there($2, $4 ->> 'unit_code') THEN 'unknown_unit'
        WHEN NOT measure_links_are_there($2, $4 -> 'links') THEN 'unknown_link'
        WHEN (w.r).state = 'dropped' AND (w.r).reason IS NULL THEN 'reason_needed'
        WHEN (w.r).finished_on < (w.r).started_on THEN 'ends_before_it_begins' END AS problem
    FROM wanted w
),
made AS (
    UPDATE measure made SET title = (j.r).title, text = (j.r).text, state = (j.r).state, reason = (j.r).reason,
        unit_code = (j.r).unit_code, links = (j.r).links,
        started_on = coalesce((j.r).started_on, CASE WHEN (j.r).state = 'under_way' THEN $8 END),
        finished_on = CASE WHEN (j.r).state IN ('done', 'dropped')
            THEN coalesce((j.r).finished_on, greatest($8, (j.r).started_on)) END,
        row_version = made.row_version + 1, updated_at = $6
    FROM judged j WHERE made.id = (j.m).id AND j.problem IS NULL
    RETURNING made AS m
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $6, 'measure.changed', 'measure', (d.m).id, 'staff', $7, true, measure_version(d.m) FROM made d
)
SELECT j.problem AS _problem, (d.m).row_version::text AS _etag, v.*
FROM judged j LEFT JOIN made d ON true LEFT JOIN LATERAL measure_shown(d.m) v ON true;
