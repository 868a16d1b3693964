-- What the worker remembers: by which calendars the open deadlines were computed, and until when it reminded.

CREATE TABLE calendar_seen (
    org_id uuid PRIMARY KEY REFERENCES organisation,
    digest text NOT NULL,
    again_at timestamptz
);
COMMENT ON TABLE calendar_seen IS 'By which calendar the open deadlines of an organisation were last computed.';
COMMENT ON COLUMN calendar_seen.org_id IS 'Organisation.';
COMMENT ON COLUMN calendar_seen.digest IS 'The calendar, as calendar_digests() has it; empty: deadlines are being moved.';
COMMENT ON COLUMN calendar_seen.again_at IS 'When to look once more, for cases filed by a server that had not heard yet.';

CREATE TABLE reminder_seen (
    org_id uuid PRIMARY KEY REFERENCES organisation,
    day date NOT NULL
);
COMMENT ON TABLE reminder_seen IS 'Until which day the units of an organisation were reminded.';
COMMENT ON COLUMN reminder_seen.org_id IS 'Organisation.';
COMMENT ON COLUMN reminder_seen.day IS 'The last local day on which the worker reminded, or found nothing to remind of.';

-- What decides whether a day is worked, no titles. Dates as numbers: their text depends on the session.
CREATE FUNCTION calendar_digests() RETURNS TABLE (org_id uuid, digest text)
LANGUAGE sql STABLE AS $$
    WITH days AS MATERIALIZED (
        SELECT d.org_id, md5(string_agg(concat_ws('|', d.date - date '2000-01-01', d.kind, d.counties, d.counts), ' '
            ORDER BY d.date, d.kind, d.counties, d.counts)) AS digest
        FROM calendar_day d GROUP BY d.org_id
    ),
    weeks AS MATERIALIZED (
        SELECT w.org_id, md5(string_agg(concat_ws('|', w.valid_from - date '2000-01-01', w.days,
            w.valid_to - date '2000-01-01'), ' ' ORDER BY w.valid_from)) AS digest
        FROM working_week w GROUP BY w.org_id
    )
    SELECT o.id, concat_ws(' ', coalesce(n.digest, '-'), coalesce(d.digest, '-'), coalesce(w.digest, '-'))
    FROM organisation o
    LEFT JOIN days n ON n.org_id IS NULL
    LEFT JOIN days d ON d.org_id = o.id
    LEFT JOIN weeks w ON w.org_id = o.id
$$;
COMMENT ON FUNCTION calendar_digests IS 'The present calendar of each organisation in few characters, to tell whether it changed.';
