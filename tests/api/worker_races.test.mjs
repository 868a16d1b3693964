// The worker among others: answers that come while steps of the ladder fall due, and jobs that wait behind a great backlog of
// another one.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {caseworkOf, BODIES} from '../lib/casework.mjs';
import {clientOf, done} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const NOON = '2026-11-21T08:30:00Z';
const house = await startHouse();
after(() => house.stop());
await house.moveClock(new Date(NOON));
const work = await caseworkOf(house);

// So many complaints in progress, whose steps are `apart` (an SQL interval) from each other, the first of them `ahead`.
async function casesInProgress(count, ahead, apart) {
  const rows = await house.query(`
    WITH now AS (SELECT clock_timestamp() + shift AS at FROM clock),
    filed AS (
      INSERT INTO casefile (id, org_id, kind, number, state, subject, text, unit_code, channel, received_at,
        registered_at, updated_at, received_on, working_days, tracking_hash, request_digest, receipt_received_at)
      SELECT gen_random_uuid(), o.id, 'complaint', 'R-' || gen_random_uuid(), 'in_progress', 's ' || n, 't', 'service-units',
        'web', now.at - interval '3 days', now.at, now.at, '2026-11-18', 10, sha256(gen_random_uuid()::text::bytea), '\\x00', now.at
      FROM generate_series(1, $1) n CROSS JOIN now CROSS JOIN organisation o WHERE o.slug = 'isfahan'
      RETURNING id, org_id, kind, substr(subject, 3)::int AS n)
    INSERT INTO case_clock (case_id, org_id, kind, counted_from, counted_days, due_on, due_at, steps, moved_at)
    SELECT f.id, f.org_id, f.kind, '2026-11-18', 10, '2026-12-01', '2026-12-01T20:30:00Z', s.steps, now.at
    FROM filed f CROSS JOIN now
    CROSS JOIN LATERAL (SELECT array_agg(now.at + $2::interval * (1 + n % 40 / 40.0) + k * $3::interval ORDER BY k) AS steps
                        FROM generate_series(0, 4) k) s
    RETURNING case_id AS id`, [count, ahead, apart]);
  return rows.map(({id}) => id);
}

const stepsDue = async (ids) => (await house.query(`SELECT count(*)::int AS due FROM case_clock WHERE case_id = ANY ($1)
  AND next_step_at IS NOT NULL`, [ids]))[0].due;

test('escalation: nobody who has answered is escalated afterwards, and no clock is lost, when both happen at once', async () => {
  const second = await house.startServer();
  const [{shift_ms: shift}] = await house.query('SELECT extract(epoch FROM shift)::float8 * 1000 AS shift_ms FROM clock');
  await second.followsClock(shift / 1000);
  const {key} = await house.key(['admin']);
  const doors = [house.server, second].map(({url}) => clientOf(url, key));

  const ids = await casesInProgress(400, '400 ms', '500 ms');
  await house.query('NOTIFY mosharekat_work');
  const toAnswer = ids.slice(0, 250), answeredBy = new Map();
  const answerer = async (n) => {
    for (let id = toAnswer.pop(); id; id = toAnswer.pop()) {
      done(await work.move('complaint', id, BODIES.complaint.answered, {who: doors[n % 2]}));
      answeredBy.set(id, new Date(Date.now() + shift + 1));
    }
  };
  await Promise.all(Array.from({length: 6}, (_, n) => answerer(n)));
  await until('all steps to be taken', async () => (await stepsDue(ids)) === 0, 60000);

  const facts = await house.query(`
    SELECT c.id, c.state, c.answered_at, k.steps_done, k.next_step_at, k.is_running = (c.answered_at IS NULL) AS is_same,
      (SELECT count(*)::int FROM notification n WHERE n.case_id = c.id AND n.kind = 'escalation') AS notified,
      coalesce(array_agg((e.data ->> 'level')::int ORDER BY e.at, e.id) FILTER (WHERE e.id IS NOT NULL), '{}') AS levels,
      max(e.at) AS last_at
    FROM casefile c JOIN case_clock k ON k.case_id = c.id
    LEFT JOIN event e ON e.subject_id = c.id AND e.kind = 'case.escalated'
    WHERE c.id = ANY ($1) GROUP BY c.id, k.case_id`, [ids]);
  assert.equal(facts.length, ids.length, 'each has its clock');
  for (const fact of facts) {
    const reached = fact.levels.length;
    assert.deepEqual(fact.levels, [1, 2, 3, 4, 5].slice(0, reached), fact.id);
    assert.deepEqual([fact.notified, fact.next_step_at, fact.is_same], [reached, null, true], fact.id);
    if (answeredBy.has(fact.id)) {
      assert.equal(fact.state, 'answered');
      // A pass that began before the answer was there may tell of the step that it found due.
      assert.ok(!fact.last_at || fact.last_at <= answeredBy.get(fact.id), `${fact.last_at?.toISOString()} ${fact.id}`);
    } else {
      assert.deepEqual([fact.state, reached, fact.steps_done], ['in_progress', 5, 5]);
    }
  }
  const met = facts.filter((fact) => answeredBy.has(fact.id) && fact.levels.length > 0 && fact.levels.length < 5).length;
  assert.ok(met > 0, 'some were answered on their way up');
  await second.stop();
});

test('jobs: a case that falls due is escalated while many deadlines are still being moved', async () => {
  const many = await casesInProgress(24000, '20 days', '1 day');
  done(await work.admin.POST('/v1/orgs/{org}/calendar/days', {params: work.at(),
    body: {date: '2026-11-24', kind: 'closure', title: 'آلودگی هوا', counties: [], from_time: null, counts: false}}), 201);
  const moved = async () => (await house.query(`SELECT count(*)::int AS n FROM case_clock
    WHERE case_id = ANY ($1) AND deadline_version > 1`, [many]))[0].n;
  await until('the first batch', async () => (await moved()) > 0, 30000);
  const [id] = await casesInProgress(1, '0 s', '0 s');
  await house.query('NOTIFY mosharekat_work');
  await until('every deadline to be moved', async () => (await moved()) === many.length, 60000);
  const [{escalated, last}] = await house.query(`
    SELECT (SELECT max(at) FROM event WHERE subject_id = $1 AND kind = 'case.escalated') AS escalated,
      (SELECT max(moved_at) FROM case_clock WHERE case_id = ANY ($2)) AS last`, [id, many]);
  assert.ok(escalated && escalated < last, `${escalated?.toISOString()} ${last.toISOString()}`);
  assert.equal(Number((await house.query('SELECT stat_rebuild() AS wrong'))[0].wrong), 0);
});

test('recompute: cases that change while their deadlines move lose neither, and figures stay what a direct count says', async () => {
  const {key} = await house.key(['admin']);
  const second = await house.startServer();
  const [{shift_s: shift}] = await house.query('SELECT extract(epoch FROM shift)::float8 AS shift_s FROM clock');
  await second.followsClock(shift);
  const ids = await casesInProgress(6000, '20 days', '1 day');
  const changes = ids.slice(0, 240), refused = [], doors = [house.server, second].map(({url}) => clientOf(url, key));
  done(await work.admin.POST('/v1/orgs/{org}/calendar/days', {params: work.at(),
    body: {date: '2026-11-25', kind: 'closure', title: 'آلودگی هوا', counties: [], from_time: null, counts: false}}), 201);
  const changer = async (n) => {
    for (let id = changes.pop(); id; id = changes.pop()) {
      const who = doors[n % 2];
      const turn = changes.length % 3;
      const change = () => (turn === 0 ? work.move('complaint', id, BODIES.complaint.answered, {who})
        : work.patch('complaint', id, turn === 1 ? {unit_code: 'inspection'} : {county: '1001'}, {who}));
      let {response} = await change();
      for (let again = 0; response.status === 503 && again < 20; again++) // a slow machine: the clock is locked for too long
        ({response} = await change());
      if (!response.ok) refused.push(response.status);
    }
  };
  await Promise.all(Array.from({length: 6}, (_, n) => changer(n)));
  await until('the calendar to be seen', async () => (await house.query(`SELECT FROM calendar_digests() d
    LEFT JOIN calendar_seen s USING (org_id) WHERE s.digest IS DISTINCT FROM d.digest`)).length === 0, 60000);
  assert.deepEqual(refused, []);
  const [facts] = await house.query(`
    SELECT count(*) FILTER (WHERE c.answered_at IS NULL AND k.deadline_version = 1)::int AS left_out,
      count(*) FILTER (WHERE c.answered_at IS NOT NULL AND k.is_open)::int AS left_open,
      count(DISTINCT k.due_on) FILTER (WHERE c.answered_at IS NULL)::int AS due_days,
      count(*) FILTER (WHERE c.unit_code = 'inspection')::int AS inspected, count(c.county)::int AS of_county
    FROM casefile c JOIN case_clock k ON k.case_id = c.id WHERE c.id = ANY ($1)`, [ids]);
  assert.deepEqual(facts, {left_out: 0, left_open: 0, due_days: 1, inspected: 80, of_county: 80});
  const [{events, versions}] = await house.query(`SELECT
    (SELECT count(*)::int FROM event WHERE subject_id = ANY ($1) AND kind = 'case.deadline_moved') AS events,
    (SELECT count(*)::int FROM case_clock WHERE case_id = ANY ($1) AND deadline_version > 1) AS versions`, [ids]);
  assert.ok(events <= versions && versions >= ids.length - 80, `${events} ${versions}`);
  assert.equal(Number((await house.query('SELECT stat_rebuild() AS wrong'))[0].wrong), 0);
  await second.stop();
});
