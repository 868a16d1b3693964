-- The calendar of an organisation: what staff enter. Days and deadlines themselves are computed in C from the registry,
-- which every server loads anew when these tables change (a trigger notifies).

-- name: calendar_day_list
-- lane: read
-- $1 org uuid  $2 from date  $3 to date  $4 cursor_at timestamptz  $5 cursor_id uuid  $6 limit int4
SELECT d.id, d.date AS "date date_jalali", d.kind, d.title, d.counties, to_char(d.from_time, 'HH24:MI') AS from_time,
    d.counts, d.source, d.is_certain, d.org_id IS NULL AS is_national,
    d.date::timestamp AT TIME ZONE 'UTC' AS _cursor_at, d.id AS _cursor_id
FROM calendar_day d
WHERE (d.org_id = $1 OR d.org_id IS NULL) AND d.date >= coalesce($2, '-infinity') AND d.date <= coalesce($3, 'infinity')
  AND (d.date::timestamp AT TIME ZONE 'UTC', d.id) > (coalesce($4, '-infinity'),
      coalesce($5, '00000000-0000-0000-0000-000000000000'))
ORDER BY d.date, d.id
LIMIT $6;

-- name: calendar_day_add
-- lane: write
-- $1 id uuid (also of its event)  $2 org uuid  $3 body jsonb  $4 now timestamptz  $5 actor uuid  $6 digest bytea
-- An entry is what its request says, so a retry is answered from its own body even after the entry was taken back.
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
judged AS (
    SELECT EXISTS (SELECT FROM prior) AS is_replayed, CASE
        WHEN (SELECT request_digest FROM prior) <> $6 THEN 'idempotency_mismatch'
        WHEN $3 ->> 'kind' <> 'closure' AND ($3 ->> 'from_time' IS NOT NULL OR ($3 ->> 'counts')::boolean)
            THEN 'closures_only' END AS problem
),
made AS (
    INSERT INTO calendar_day AS d (id, org_id, date, kind, title, counties, from_time, counts, source, created_at, created_by)
    SELECT $1, $2, ($3 ->> 'date')::date, $3 ->> 'kind', $3 ->> 'title',
        ARRAY(SELECT jsonb_array_elements_text($3 -> 'counties')), ($3 ->> 'from_time')::time,
        ($3 ->> 'counts')::boolean, $3 ->> 'source', $4, $5
    FROM judged j WHERE NOT j.is_replayed AND j.problem IS NULL
    ON CONFLICT (id) DO NOTHING
    RETURNING d.id
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data, request_digest)
    SELECT $1, $2, $4, 'calendar.day_added', 'calendar_day', $1, 'staff', $5, true,
        $3, $6
    FROM made
)
SELECT coalesce(j.problem, CASE WHEN NOT j.is_replayed AND NOT EXISTS (SELECT FROM made) THEN 'retry' END) AS _problem,
    j.is_replayed AS _replayed, $1 AS id, ($3 ->> 'date')::date AS "date date_jalali", $3 ->> 'kind' AS kind,
    $3 ->> 'title' AS title, ARRAY(SELECT jsonb_array_elements_text($3 -> 'counties')) AS counties,
    $3 ->> 'from_time' AS from_time, ($3 ->> 'counts')::boolean AS counts, $3 ->> 'source' AS source,
    true AS is_certain, false AS is_national
FROM judged j;

-- name: calendar_day_remove
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 now timestamptz  $5 actor uuid
WITH gone AS (
    DELETE FROM calendar_day d WHERE d.id = $3 AND d.org_id = $2 RETURNING d
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $4, 'calendar.day_removed', 'calendar_day', $3, 'staff', $5, true,
        to_jsonb(g.d) - '{id,org_id,created_by}'::text[]
    FROM gone g
)
SELECT (g.d).id FROM gone g;

-- name: calendar_weeks_get
-- lane: read
-- $1 org uuid
SELECT weeks_tag(w.weeks) AS _etag, w.weeks FROM (SELECT weeks_shown($1) AS weeks) w;

-- name: calendar_weeks_set
-- lane: write
-- $1 event uuid  $2 org uuid  $3 body jsonb  $4 if_match text[]  $5 now timestamptz  $6 actor uuid
-- All weeks are replaced, so whoever waited for another's must begin again and see what to replace.
WITH seen AS MATERIALIZED (
    SELECT weeks_version, weeks_tag(weeks_shown(id)) AS tag FROM organisation WHERE id = $2
),
locked AS MATERIALIZED (
    SELECT weeks_version FROM organisation WHERE id = $2 FOR NO KEY UPDATE
),
asked AS (
    SELECT (w ->> 'valid_from')::date AS valid_from, (w ->> 'valid_to')::date AS valid_to,
        ARRAY(SELECT jsonb_array_elements_text(w -> 'working_days')) AS days, w ->> 'note' AS note
    FROM jsonb_array_elements($3) w
),
judged AS (
    SELECT CASE WHEN (SELECT weeks_version FROM locked) <> (SELECT weeks_version FROM seen) THEN 'retry'
        WHEN (SELECT tag FROM seen) <> ALL ($4) THEN 'precondition_failed'
        WHEN EXISTS (SELECT FROM asked a WHERE coalesce(a.valid_to, '9999-12-31') <= a.valid_from)
        OR EXISTS (SELECT FROM asked a JOIN asked b ON b.valid_from > a.valid_from
                   WHERE b.valid_from < coalesce(a.valid_to, 'infinity'))
        OR (SELECT count(*) <> count(DISTINCT valid_from) FROM asked) THEN 'weeks_overlap' END AS problem
),
turned AS (
    UPDATE organisation o SET weeks_version = o.weeks_version + 1 FROM judged j WHERE o.id = $2 AND j.problem IS NULL
),
gone AS (
    DELETE FROM working_week w USING judged j
    WHERE w.org_id = $2 AND j.problem IS NULL AND w.valid_from NOT IN (SELECT valid_from FROM asked)
),
made AS (
    INSERT INTO working_week AS w (org_id, valid_from, valid_to, days, note)
    SELECT $2, a.valid_from, a.valid_to, a.days, a.note FROM asked a CROSS JOIN judged j WHERE j.problem IS NULL
    ON CONFLICT (org_id, valid_from) DO UPDATE SET valid_to = excluded.valid_to, days = excluded.days, note = excluded.note
    RETURNING w AS week
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data)
    SELECT $1, $2, $5, 'calendar.weeks_set', 'organisation', $2, 'staff', $6, true,
        jsonb_build_object('weeks', $3)
    FROM judged j WHERE j.problem IS NULL
),
now_set AS (
    SELECT coalesce(jsonb_agg(week_shown(m.week) ORDER BY (m.week).valid_from), '[]') AS weeks FROM made m
)
SELECT j.problem AS _problem, weeks_tag(n.weeks) AS _etag, n.weeks FROM judged j CROSS JOIN now_set n;
