-- Measures as open data; the other views open_… stand in the migration of results.

CREATE VIEW open_measure AS
SELECT m.org_id, m.created_at, m.id, m.title, m.text, m.state, m.reason, m.unit_code, m.started_on, m.finished_on
FROM measure m;
COMMENT ON VIEW open_measure IS 'What is done about what was said, as open data.';
