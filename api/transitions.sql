-- A draft moves on. One statement judges the move under a lock, makes it, freezes the text where it becomes public,
-- and records the event.

-- name: draft_transition
-- lane: write
-- $1 event uuid  $2 org uuid  $3 id uuid  $4 body jsonb  $5 if_match text[]  $6 now timestamptz  $7 actor uuid
-- $8 digest bytea  $9 known jsonb  $10 permitted jsonb  $11 reasons jsonb
-- $12 least_ends jsonb (kind -> earliest end that the promise allows, null: no promise)
WITH prior AS (
    SELECT request_digest FROM event WHERE id = $1
),
seen AS (
    SELECT row_version FROM draft WHERE id = $3 AND org_id = $2
),
old AS (
    SELECT d FROM draft d WHERE d.id = $3 AND d.org_id = $2 FOR UPDATE
),
asked AS (
    SELECT o.d, (o.d).state AS state, $4 ->> 'to' AS target, EXISTS (SELECT FROM prior) AS is_replayed,
        $4 ->> 'to' = 'published' AND (o.d).state <> 'published' AS is_opening,
        $4 ->> 'to' = 'published' AND (o.d).state = 'published' AS is_extending,
        draft_state((o.d).state, (o.d).opens_at, (o.d).closes_at, $6) AS shown_state,
        coalesce(($4 ->> 'opens_at')::timestamptz, $6) AS opens_at,
        coalesce(($4 ->> 'closes_at')::timestamptz, ($12 ->> (o.d).kind)::timestamptz) AS closes_at,
        ($12 ->> (o.d).kind)::timestamptz AS least_end
    FROM old o
),
counted AS (
    SELECT a.*, CASE WHEN a.target = 'approved' AND a.state = 'reviewing' THEN
        (SELECT count(*) FROM comment c
         WHERE c.draft_id = (a.d).id AND c.state = 'published' AND c.confirmed_at IS NULL) END AS undisposed,
        CASE WHEN a.is_opening THEN jsonb_build_object('unit', w.unit, 'length', w.length, 'promise', w.promise_code,
            'least_closes_at', json_instant(a.least_end)) END AS promised
    FROM asked a LEFT JOIN window_policy w ON w.org_id = $2 AND w.draft_kind = (a.d).kind
),
judged AS (
    SELECT c.*, CASE
        WHEN (SELECT request_digest FROM prior) <> $8 THEN 'idempotency_mismatch'
        WHEN c.is_replayed THEN NULL
        WHEN (SELECT row_version FROM seen) <> (c.d).row_version THEN 'retry'
        WHEN (c.d).row_version::text <> ALL ($5) THEN 'precondition_failed'
        WHEN c.target IN ('promulgated', 'sent')
            AND (c.target = 'sent') <> ((c.d).kind IN ('bill', 'tariff')) THEN 'ends_otherwise'
        WHEN NOT coalesce($9 -> c.state ? c.target, false) THEN 'state_conflict'
        WHEN NOT coalesce($10 -> c.state ? c.target, false) THEN 'forbidden'
        WHEN coalesce($11 -> c.state ? c.target, false) AND $4 ->> 'reason' IS NULL THEN 'reason_needed'
        WHEN c.is_opening AND c.opens_at < $6 THEN 'window_in_past'
        WHEN (c.is_opening AND c.closes_at IS NULL) OR (c.is_extending AND $4 ->> 'closes_at' IS NULL)
            THEN 'window_end_needed'
        WHEN c.is_opening AND (c.closes_at < c.least_end OR c.closes_at <= c.opens_at) THEN 'window_too_short'
        WHEN c.is_extending AND c.shown_state = 'closed' THEN 'window_closed'
        WHEN c.is_extending AND (c.closes_at <= (c.d).closes_at OR $4 ? 'opens_at') THEN 'window_only_later'
        WHEN c.target = 'reviewing' AND c.shown_state <> 'closed' THEN 'window_still_open'
        WHEN c.undisposed > 0 THEN 'comments_without_disposition'
        END AS problem
    FROM counted c
),
made AS (
    UPDATE draft made SET
        state = j.target, row_version = made.row_version + 1, updated_at = $6,
        round = made.round + j.is_opening::int,
        opened_told = CASE WHEN j.target IN ('reviewing', 'withdrawn') THEN made.round ELSE made.opened_told END,
        closed_told = CASE WHEN j.target IN ('reviewing', 'withdrawn') THEN made.round ELSE made.closed_told END,
        opens_at = CASE WHEN j.is_opening THEN j.opens_at ELSE made.opens_at END,
        closes_at = CASE WHEN j.is_opening OR j.is_extending THEN j.closes_at ELSE made.closes_at END,
        promised = coalesce(j.promised, made.promised),
        public_version = CASE WHEN j.is_opening OR (j.target = 'approved' AND j.state = 'reviewing') THEN made.version
                              ELSE made.public_version END,
        published_at = CASE WHEN j.is_opening THEN coalesce(made.published_at, $6) ELSE made.published_at END,
        approved_at = CASE WHEN j.target = 'approved' THEN $6 ELSE made.approved_at END,
        issued_at = CASE WHEN j.target IN ('promulgated', 'sent') THEN $6 ELSE made.issued_at END,
        promulgation_number = CASE WHEN j.target = 'promulgated' THEN $4 ->> 'number' ELSE made.promulgation_number END,
        promulgation_date = CASE WHEN j.target = 'promulgated' THEN ($4 ->> 'date')::date
                                 ELSE made.promulgation_date END,
        sent_authority = CASE WHEN j.target = 'sent' THEN $4 ->> 'authority' ELSE made.sent_authority END,
        sent_letter_number = CASE WHEN j.target = 'sent' THEN $4 ->> 'letter_number' ELSE made.sent_letter_number END,
        exemption_code = CASE WHEN j.target = 'exempted' THEN $4 ->> 'reason_code' ELSE made.exemption_code END,
        exemption_reason = CASE WHEN j.target = 'exempted' THEN $4 ->> 'reason' ELSE made.exemption_reason END,
        withdrawal_reason = CASE WHEN j.target = 'withdrawn' THEN $4 ->> 'reason' ELSE made.withdrawal_reason END
    FROM judged j WHERE made.id = (j.d).id AND j.problem IS NULL AND NOT j.is_replayed
    RETURNING made AS d
),
frozen AS (
    UPDATE draft_version v SET frozen_at = $6
    FROM made m WHERE v.draft_id = (m.d).id AND v.n = (m.d).public_version AND v.frozen_at IS NULL
),
happened AS (
    INSERT INTO event (id, org_id, at, kind, subject_kind, subject_id, actor_kind, actor_id, is_public, data,
        request_digest)
    SELECT $1, $2, $6, CASE WHEN j.is_extending THEN 'draft.extended' WHEN j.is_opening AND j.state = 'reviewing'
            THEN 'draft.reopened' ELSE 'draft.' || j.target END,
        'draft', (m.d).id, 'staff', $7, (m.d).public_version > 0 OR (m.d).exemption_code IS NOT NULL,
        $4 - 'to' || CASE WHEN j.is_opening THEN jsonb_build_object('opens_at', json_instant(j.opens_at),
            'closes_at', json_instant(j.closes_at),
            'round', (m.d).round, 'version', (m.d).version) ELSE '{}' END, $8
    FROM made m CROSS JOIN judged j
),
-- what the worker has not recorded yet is recorded before the draft goes on
told AS MATERIALIZED (
    SELECT count(draft_window_tell(j.d, w.what, $6 - w.before)) AS events
    FROM judged j CROSS JOIN (VALUES ('opened', interval '2 us'), ('closed', '1 us')) w(what, before)
    WHERE j.target IN ('reviewing', 'withdrawn') AND j.problem IS NULL AND NOT j.is_replayed AND (j.d).round > 0
      AND CASE w.what WHEN 'opened' THEN (j.d).opens_at ELSE (j.d).closes_at END <= $6
)
SELECT j.problem AS _problem, j.is_replayed AS _replayed, draft_tag(n.d, n.at) AS _etag,
    CASE j.problem
        WHEN 'state_conflict' THEN jsonb_build_object('state', j.shown_state,
            'allowed', coalesce($10 -> j.state, '[]'))
        WHEN 'ends_otherwise' THEN jsonb_build_object('kind', (j.d).kind,
            'ends', CASE WHEN (j.d).kind IN ('bill', 'tariff') THEN 'sent' ELSE 'promulgated' END)
        WHEN 'window_too_short' THEN jsonb_build_object('promised', j.promised, 'least_closes_at', json_instant(j.least_end))
        WHEN 'window_still_open' THEN jsonb_build_object('closes_at', json_instant((j.d).closes_at))
        WHEN 'window_closed' THEN jsonb_build_object('closes_at', json_instant((j.d).closes_at))
        WHEN 'window_only_later' THEN jsonb_build_object('closes_at', json_instant((j.d).closes_at))
        WHEN 'comments_without_disposition' THEN jsonb_build_object('comments', j.undisposed)
    END AS _detail,
    s.*, v.n AS shown_version, v.clauses, v.changelog, coalesce($10 -> (n.d).state, '[]') AS allowed_transitions
FROM judged j
LEFT JOIN (SELECT d, $6 AS at FROM made
           UNION ALL -- a repetition that another server dated before what it repeats
           SELECT j.d, greatest($6, (j.d).updated_at) FROM judged j WHERE j.is_replayed) n ON true
LEFT JOIN LATERAL draft_shown(n.d, n.at) s ON true
LEFT JOIN draft_version v ON v.draft_id = (n.d).id AND v.n = (n.d).version
CROSS JOIN told;
