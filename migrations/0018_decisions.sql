-- What a committee's sessions decide about suggestions: the guards of suggestion_move_fault() and case_move.

-- The newest session that has had a suggestion on its agenda since it last came before the committee; those that were
-- cancelled do not count. After an appeal or another review it comes anew, so what was judged before no longer counts.
CREATE FUNCTION suggestion_sitting(suggestion uuid) RETURNS TABLE (i session_item, s committee_session)
LANGUAGE sql STABLE AS $$
    SELECT i, s FROM session_item i JOIN committee_session s ON s.id = i.session_id
    WHERE i.suggestion_id = suggestion AND s.state <> 'cancelled'
      AND i.added_at >= coalesce((SELECT max(e.at) FROM event e WHERE e.subject_id = suggestion
                                  AND e.kind = 'suggestion.committee'), '-infinity')
    ORDER BY i.added_at DESC, s.created_at DESC
    LIMIT 1
$$;
COMMENT ON FUNCTION suggestion_sitting IS 'The session that judges a suggestion, since it last came before the committee.';

-- The chair, or the deputy where the chair is away or recused.
CREATE FUNCTION session_presiding(i session_item) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT m.key_id FROM committee_member m
    WHERE m.id = ANY (i.voters) AND m.office IN ('chair', 'deputy')
    ORDER BY m.office
    LIMIT 1
$$;
COMMENT ON FUNCTION session_presiding IS 'The key of whoever presides over a suggestion in a session; NULL: nobody.';

CREATE FUNCTION members_keys(members uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(m.key_id), '{}') FROM committee_member m WHERE m.id = ANY (members)
$$;
COMMENT ON FUNCTION members_keys IS 'Who these members are, whatever their terms.';

-- An appeal goes to others: another chair, or at least one who did not judge before.
CREATE FUNCTION suggestion_same_judges(suggestion uuid, i session_item) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT session_presiding(b) = session_presiding(suggestion_same_judges.i)
           AND members_keys(suggestion_same_judges.i.voters) <@ members_keys(b.voters)
        FROM session_item b
        WHERE b.suggestion_id = suggestion AND b.is_quorate
          AND b.added_at < (SELECT max(e.at) FROM event e WHERE e.subject_id = suggestion AND e.kind = 'suggestion.appealed')
        ORDER BY b.added_at DESC
        LIMIT 1), false)
$$;
COMMENT ON FUNCTION suggestion_same_judges IS 'Whether those who judge an appeal are all the same as before.';

-- Back to the experts it may go without scores.
CREATE OR REPLACE FUNCTION suggestion_decision_fault(suggestion uuid, target text, now timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN (t.s).state = 'open' AND (t.s).minutes IS NULL THEN 'minutes_missing'
        WHEN (t.s).state IS DISTINCT FROM 'closed' THEN 'session_needed'
        WHEN NOT (t.i).is_quorate THEN 'under_quorum'
        WHEN session_presiding(t.i) IS NULL THEN 'chair_missing'
        WHEN target = 'expert_review' THEN NULL
        WHEN NOT (t.i).is_complete OR (t.i).scored = 0 THEN 'scores_missing'
        WHEN suggestion_same_judges(suggestion, t.i) THEN 'same_members'
        END
    FROM (SELECT 1) one LEFT JOIN suggestion_sitting(suggestion) t ON true
$$;

-- Whoever decides is whoever presided.
CREATE FUNCTION suggestion_chair_fault(suggestion uuid, actor uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN session_presiding(t.i) IS DISTINCT FROM actor THEN 'not_the_chair' END
    FROM suggestion_sitting(suggestion) t
$$;
COMMENT ON FUNCTION suggestion_chair_fault IS 'NULL: this key presided when the suggestion was judged; else the problem.';
