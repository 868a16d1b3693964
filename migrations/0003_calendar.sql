-- The calendar: Jalali months, what is special about a day, and how long a case of each kind may take.

-- The Jalali calendar ------------------------------------------------------------------------------

-- As src/base/jalali.c: eight leap years in 33, days since 1 Farvardin of year 1.
CREATE FUNCTION jalali_days_before(year int) RETURNS int
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN 365 * (year - 1) + (8 * year + 21) / 33;
COMMENT ON FUNCTION jalali_days_before IS 'Days from 1 Farvardin of year 1 to 1 Farvardin of a Jalali year.';

-- The year is the greatest one that begins no later: jalali_days_before() solved for it.
CREATE FUNCTION jalali_month(day date) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    days CONSTANT int := day - date '1970-01-01' + 492268;
    year CONSTANT int := (days * 33::bigint + 12056) / 12053;
    of_year CONSTANT int := days - jalali_days_before(year);
BEGIN
    RETURN year * 100 + CASE WHEN of_year < 186 THEN of_year / 31 ELSE (of_year - 6) / 30 END + 1;
END $$;
COMMENT ON FUNCTION jalali_month IS 'The Jalali month of a day as a number: 140508 is Aban 1405.';

CREATE FUNCTION jalali_month_start(month int) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN date '1970-01-01' - 492268 + jalali_days_before(month / 100) + 30 * (month % 100 - 1) + least(month % 100 - 1, 6);
COMMENT ON FUNCTION jalali_month_start IS 'The first day of a Jalali month.';

CREATE FUNCTION jalali_month_text(month int) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN (month / 100) || '-' || lpad((month % 100)::text, 2, '0');
COMMENT ON FUNCTION jalali_month_text IS 'A Jalali month as people write it: 1405-08.';

-- For dates inside JSON; those that are columns get their twin from the engine (include/db/rows.h).
CREATE FUNCTION jalali_on(at timestamptz) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    days CONSTANT int := (at AT TIME ZONE 'Asia/Tehran')::date - date '1970-01-01' + 492268;
    year CONSTANT int := (days * 33::bigint + 12056) / 12053;
    of_year CONSTANT int := days - jalali_days_before(year);
    month CONSTANT int := CASE WHEN of_year < 186 THEN of_year / 31 ELSE (of_year - 6) / 30 END;
BEGIN
    RETURN to_char(year * 10000 + month * 100 + of_year - month * 30 - least(month, 6) + 101, 'FM0000-00-00');
END $$;
COMMENT ON FUNCTION jalali_on IS 'The Jalali local date of an instant: 1405-08-30.';

CREATE FUNCTION jalali_day(day date) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN jalali_on((day + time '12:00') AT TIME ZONE 'Asia/Tehran');
COMMENT ON FUNCTION jalali_day IS 'The Jalali date of a day: 1405-08-30.';

-- Weeks and days -----------------------------------------------------------------------------------

CREATE FUNCTION week_shown(w working_week) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('valid_from', w.valid_from, 'valid_from_jalali', jalali_day(w.valid_from),
        'valid_to', w.valid_to, 'valid_to_jalali', jalali_day(w.valid_to), 'working_days', w.days, 'note', w.note)
$$;
COMMENT ON FUNCTION week_shown IS 'A working week as people see it.';

CREATE FUNCTION weeks_shown(org uuid) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(week_shown(w) ORDER BY w.valid_from), '[]') FROM working_week w WHERE w.org_id = org
$$;
COMMENT ON FUNCTION weeks_shown IS 'The working weeks of an organisation, by their first day.';

-- By what they are, so that it is another one whoever changed them: staff, or a strategy file.
CREATE FUNCTION weeks_tag(weeks jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ('x' || left(md5(weeks::text), 7))::bit(28)::int::text;
COMMENT ON FUNCTION weeks_tag IS 'The entity tag of working weeks: a number.';

CREATE TABLE calendar_day (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id uuid REFERENCES organisation,
    date date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('holiday', 'closure', 'extra_working')),
    title text NOT NULL,
    counties text[] NOT NULL DEFAULT '{}',
    from_time time,
    counts boolean NOT NULL DEFAULT false,
    source text,
    is_certain boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid,
    CHECK (from_time IS NULL OR kind = 'closure'),
    CHECK (NOT counts OR kind = 'closure')
);
CREATE INDEX calendar_day_by_date ON calendar_day (date);
COMMENT ON TABLE calendar_day IS 'National holidays, closures announced for an organisation or some counties, extra working days.';
COMMENT ON COLUMN calendar_day.id IS 'Id in addresses.';
COMMENT ON COLUMN calendar_day.org_id IS 'Organisation; NULL: the whole country.';
COMMENT ON COLUMN calendar_day.date IS 'Local date.';
COMMENT ON COLUMN calendar_day.kind IS 'holiday, closure or extra_working.';
COMMENT ON COLUMN calendar_day.title IS 'What for, in Persian.';
COMMENT ON COLUMN calendar_day.counties IS 'Codes of the counties concerned; empty: the whole organisation.';
COMMENT ON COLUMN calendar_day.from_time IS 'A closure from this local time on.';
COMMENT ON COLUMN calendar_day.counts IS 'Whether a day of closure still counts as worked (remote work, or part of the day).';
COMMENT ON COLUMN calendar_day.source IS 'Where it is known from.';
COMMENT ON COLUMN calendar_day.is_certain IS 'false for lunar holidays that may still move by a day.';
COMMENT ON COLUMN calendar_day.created_at IS 'When it was entered.';
COMMENT ON COLUMN calendar_day.created_by IS 'API key of who entered it; NULL: came with the server.';

-- The calendar of an organisation as calendar_parse() reads it, in one order wherever it is asked for.
CREATE FUNCTION calendar_document(org uuid) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'weeks', (SELECT coalesce(json_agg(json_build_object('valid_from', w.valid_from, 'valid_to', w.valid_to,
                      'working_days', w.days) ORDER BY w.valid_from), '[]')
                  FROM working_week w WHERE w.org_id = org),
        'days', (SELECT coalesce(json_agg(json_build_object('date', d.date, 'kind', d.kind, 'title', d.title,
                     'counties', d.counties, 'from_time', to_char(d.from_time, 'HH24:MI'), 'counts', d.counts,
                     'source', d.source, 'is_certain', d.is_certain) ORDER BY d.date, d.kind, d.created_at, d.title, d.id), '[]')
                 FROM calendar_day d WHERE d.org_id = org OR d.org_id IS NULL))
$$;
COMMENT ON FUNCTION calendar_document IS 'The calendar of an organisation as JSON.';

-- Servers hold the calendars in memory, and the worker recomputes deadlines: both are told of every change.
CREATE FUNCTION calendar_changed() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN NOTIFY mosharekat_policy; NOTIFY mosharekat_work; RETURN NULL; END $$;
COMMENT ON FUNCTION calendar_changed IS 'Tells servers and workers that a calendar changed.';
CREATE TRIGGER calendar_day_changed AFTER INSERT OR UPDATE OR DELETE ON calendar_day
    FOR EACH STATEMENT EXECUTE FUNCTION calendar_changed();
CREATE TRIGGER working_week_changed AFTER INSERT OR UPDATE OR DELETE ON working_week
    FOR EACH STATEMENT EXECUTE FUNCTION calendar_changed();

-- From data/iran-holidays.csv and the national rows of data/iran-extraordinary-closures.csv.
INSERT INTO calendar_day (date, kind, title, source, is_certain) VALUES
    ('2025-03-21', 'holiday', 'آغاز نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-03-22', 'holiday', 'شهادت حضرت علی',
     '1446-09-21 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-03-22', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-03-23', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-03-24', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-03-31', 'holiday', 'عید سعید فطر',
     '1446-10-01 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-04-01', 'holiday', 'تعطیل به مناسبت عید سعید فطر',
     '1446-10-02 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-04-01', 'holiday', 'روز جمهوری اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-04-02', 'holiday', 'روز طبیعت',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-04-24', 'holiday', 'شهادت امام جعفر صادق',
     '1446-10-25 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-06-04', 'holiday', 'رحلت حضرت امام خمینی',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-06-05', 'holiday', 'قیام ۱۵ خرداد',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2025-06-06', 'holiday', 'عید سعید قربان',
     '1446-12-10 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-06-14', 'holiday', 'عید سعید غدیر خم',
     '1446-12-18 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-07-05', 'holiday', 'تاسوعای حسینی',
     '1447-01-09 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-07-06', 'holiday', 'عاشورای حسینی',
     '1447-01-10 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-08-14', 'holiday', 'اربعین حسینی',
     '1447-02-20 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-08-22', 'holiday', 'رحلت حضرت رسول اکرم و شهادت امام حسن مجتبی',
     '1447-02-28 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-08-24', 'holiday', 'شهادت امام رضا',
     '1447-02-30 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-09-01', 'holiday', 'شهادت امام حسن عسکری',
     '1447-03-08 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-09-10', 'holiday', 'ولادت حضرت رسول اکرم و امام جعفر صادق',
     '1447-03-17 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2025-11-24', 'holiday', 'شهادت حضرت فاطمه زهرا',
     '1447-06-03 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2026-01-03', 'holiday', 'ولادت امام علی',
     '1447-07-13 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2026-01-17', 'holiday', 'مبعث حضرت رسول اکرم',
     '1447-07-27 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2026-02-04', 'holiday', 'ولادت حضرت قائم (نیمه شعبان)',
     '1447-08-15 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2026-02-11', 'holiday', 'پیروزی انقلاب اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-03-01', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-02', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-03', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-04', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-05', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-06', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-07', 'closure', 'هفت روز تعطیل عمومی (عزای عمومی)',
     'vacanza/holidays iran.py (2026-07) citing abanonline, tasnim 2026-03-01', true),
    ('2026-03-11', 'holiday', 'شهادت حضرت علی',
     '1447-09-21 AH; OFFICIAL: Calendar Center month starts via roozbehp/qamari (CC0)', true),
    ('2026-03-20', 'holiday', 'روز ملی شدن صنعت نفت ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-03-21', 'holiday', 'آغاز نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-03-21', 'holiday', 'عید سعید فطر',
     '1447-10-01 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-03-22', 'holiday', 'تعطیل به مناسبت عید سعید فطر',
     '1447-10-02 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-03-22', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-03-23', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-03-24', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-04-01', 'holiday', 'روز جمهوری اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-04-02', 'holiday', 'روز طبیعت',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-04-14', 'holiday', 'شهادت امام جعفر صادق',
     '1447-10-25 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); ILNA 2025-10-30 list of 25 omits it', true),
    ('2026-05-27', 'holiday', 'عید سعید قربان',
     '1447-12-10 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-06-04', 'holiday', 'رحلت حضرت امام خمینی',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-06-04', 'holiday', 'عید سعید غدیر خم',
     '1447-12-18 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-06-05', 'holiday', 'قیام ۱۵ خرداد',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2026-06-24', 'holiday', 'تاسوعای حسینی',
     '1448-01-09 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-06-25', 'holiday', 'عاشورای حسینی',
     '1448-01-10 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-08-04', 'holiday', 'اربعین حسینی',
     '1448-02-20 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-08-12', 'holiday', 'رحلت حضرت رسول اکرم و شهادت امام حسن مجتبی',
     '1448-02-28 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-08-13', 'holiday', 'شهادت امام رضا',
     '1448-02-29 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-08-21', 'holiday', 'شهادت امام حسن عسکری',
     '1448-03-08 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-08-30', 'holiday', 'ولادت حضرت رسول اکرم و امام جعفر صادق',
     '1448-03-17 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-11-13', 'holiday', 'شهادت حضرت فاطمه زهرا',
     '1448-06-03 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings)', true),
    ('2026-12-23', 'holiday', 'ولادت امام علی',
     '1448-07-13 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); may still move +-1 day by announcement', false),
    ('2027-01-06', 'holiday', 'مبعث حضرت رسول اکرم',
     '1448-07-27 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); may still move +-1 day by announcement', false),
    ('2027-01-24', 'holiday', 'ولادت حضرت قائم (نیمه شعبان)',
     '1448-08-15 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); may still move +-1 day by announcement', false),
    ('2027-02-11', 'holiday', 'پیروزی انقلاب اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-02-28', 'holiday', 'شهادت حضرت علی',
     '1448-09-21 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); may still move +-1 day by announcement', false),
    ('2027-03-10', 'holiday', 'عید سعید فطر',
     '1448-10-01 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); UNCERTAIN +-1 day: Eid al-Fitr is fixed by moon sighting', false),
    ('2027-03-11', 'holiday', 'تعطیل به مناسبت عید سعید فطر',
     '1448-10-02 AH; OFFICIAL printed 1405 calendar (26 dates, agrees with 3 independent readings); UNCERTAIN +-1 day: Eid al-Fitr is fixed by moon sighting', false),
    ('2027-03-20', 'holiday', 'روز ملی شدن صنعت نفت ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-03-21', 'holiday', 'آغاز نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-03-22', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-03-23', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-03-24', 'holiday', 'عید نوروز',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-04-01', 'holiday', 'روز جمهوری اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-04-02', 'holiday', 'روز طبیعت',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-04-03', 'holiday', 'شهادت امام جعفر صادق',
     '1448-10-25 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-05-17', 'holiday', 'عید سعید قربان',
     '1448-12-10 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-05-25', 'holiday', 'عید سعید غدیر خم',
     '1448-12-18 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-06-04', 'holiday', 'رحلت حضرت امام خمینی',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-06-05', 'holiday', 'قیام ۱۵ خرداد',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2027-06-14', 'holiday', 'تاسوعای حسینی',
     '1449-01-09 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-06-15', 'holiday', 'عاشورای حسینی',
     '1449-01-10 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-07-25', 'holiday', 'اربعین حسینی',
     '1449-02-20 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-08-02', 'holiday', 'رحلت حضرت رسول اکرم و شهادت امام حسن مجتبی',
     '1449-02-28 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-08-03', 'holiday', 'شهادت امام رضا',
     '1449-02-29 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-08-11', 'holiday', 'شهادت امام حسن عسکری',
     '1449-03-08 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-08-20', 'holiday', 'ولادت حضرت رسول اکرم و امام جعفر صادق',
     '1449-03-17 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-11-02', 'holiday', 'شهادت حضرت فاطمه زهرا',
     '1449-06-03 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-12-12', 'holiday', 'ولادت امام علی',
     '1449-07-13 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2027-12-26', 'holiday', 'مبعث حضرت رسول اکرم',
     '1449-07-27 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2028-01-12', 'holiday', 'ولادت حضرت قائم (نیمه شعبان)',
     '1449-08-15 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2028-02-11', 'holiday', 'پیروزی انقلاب اسلامی ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true),
    ('2028-02-17', 'holiday', 'شهادت حضرت علی',
     '1449-09-21 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2028-02-27', 'holiday', 'عید سعید فطر',
     '1449-10-01 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2028-02-28', 'holiday', 'تعطیل به مناسبت عید سعید فطر',
     '1449-10-02 AH; UNCERTAIN +-1 day: PREDICTED from IranianIslamicDateConverter/qamari-perdictions (R. Pournader); official 1406 calendar not found', false),
    ('2028-03-19', 'holiday', 'روز ملی شدن صنعت نفت ایران',
     'fixed solar holiday (official; persian-calendar/events citing Calendar-1405.pdf)', true);

-- What a strategy promises about cases --------------------------------------------------------------

CREATE TABLE case_policy (
    org_id uuid NOT NULL REFERENCES organisation,
    case_kind text NOT NULL CHECK (case_kind IN ('complaint', 'message', 'info_request', 'suggestion')),
    working_days int CHECK (working_days BETWEEN 1 AND 1000),
    promise_code text,
    may_pause boolean NOT NULL DEFAULT false,
    follows_referrals boolean NOT NULL DEFAULT false,
    reopen_days int NOT NULL DEFAULT 30,
    close_after_days int NOT NULL DEFAULT 10,
    followup_days int,
    note text,
    PRIMARY KEY (org_id, case_kind),
    FOREIGN KEY (org_id, promise_code) REFERENCES promise (org_id, code)
);
COMMENT ON TABLE case_policy IS 'How long a case of a kind may take, and what follows.';
COMMENT ON COLUMN case_policy.org_id IS 'Organisation.';
COMMENT ON COLUMN case_policy.case_kind IS 'complaint, message, info_request or suggestion.';
COMMENT ON COLUMN case_policy.working_days IS 'Working days to the answer; NULL: no promise.';
COMMENT ON COLUMN case_policy.promise_code IS 'The promise that says so; NULL: the law, or nobody (see note).';
COMMENT ON COLUMN case_policy.may_pause IS 'Whether waiting for the citizen stops the clock.';
COMMENT ON COLUMN case_policy.follows_referrals IS 'Whether a complaint that was referred to another agency stays open, and its clock goes on; else the referral ends it.';
COMMENT ON COLUMN case_policy.reopen_days IS 'Days after an answer in which the citizen may reopen.';
COMMENT ON COLUMN case_policy.close_after_days IS 'Working days after which an answered case closes by itself.';
COMMENT ON COLUMN case_policy.followup_days IS 'Days after which the citizen is told to follow up (S9).';
COMMENT ON COLUMN case_policy.note IS 'Where a figure comes from that is no promise.';
