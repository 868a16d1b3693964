// The worker over cases: each step of the ladder once, however many servers there are and whatever becomes of them;
// answered cases that close by themselves; deadlines that follow the calendar, both ways.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';
import {caseworkOf, BODIES} from '../lib/casework.mjs';
import {done, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const SATURDAY = '2026-11-21T06:00:00Z'; // 30 Aban 1405, half past nine; ten days end on Saturday, 5 December
const house = await startHouse();
after(() => house.stop());
const work = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const start = (at = SATURDAY) => house.moveClock(new Date(at));
before(() => start());

// Behind the end of a local day.
const endOf = (date, seconds = 1) => house.moveClock(new Date(new Date(`${date}T20:30:00Z`).getTime() + seconds * 1000));

const eventsOf = (id, kind) =>
  house.query('SELECT * FROM event WHERE subject_id = $1 AND kind = $2 ORDER BY at, id', [id, kind]);
const levelsOf = async (id) => (await eventsOf(id, 'case.escalated')).map(({data}) => data.level);

// The levels that the worker has told, once they are so many.
const told = (id, count) => until(`${count} levels of ${id}`, async () => {
  const levels = await levelsOf(id);
  return levels.length >= count && levels;
});

// The worker has looked at everything that is due now.
const settled = (at = house) => until('the worker to settle', async () => {
  const [{due}] = await at.query(`SELECT count(*)::int AS due FROM case_clock WHERE next_step_at <=
    (SELECT clock_timestamp() + shift FROM clock)`);
  return due === 0;
}, 60000);

// --- the ladder ---

test('escalation: -3, -1, 0, +2 and +5 working days, level by level, each told once', async () => {
  await start();
  const {id, tracking_code: code} = await work.filed('complaint');
  done(await work.move('complaint', id, BODIES.complaint.assigned));
  const steps = [
    ['2026-12-01', 'expert'], ['2026-12-03', 'head'], ['2026-12-05', 'inspector'], ['2026-12-07', 'deputy'],
    ['2026-12-10', 'office'],
  ];
  const [{due_on: due, steps: planned}] = await house.query(
    'SELECT due_on::text, steps FROM case_clock WHERE case_id = $1', [id]);
  assert.equal(planned.length, steps.length);
  for (const [index, instant] of planned.entries()) {
    await house.moveClock(new Date(instant.getTime() - 30000));
    await house.looked('escalate');
    assert.deepEqual(await levelsOf(id), steps.slice(0, index).map((_, i) => i + 1), 'not before its time');
    await house.moveClock(new Date(instant.getTime() + 1000));
    assert.deepEqual(await told(id, index + 1), steps.slice(0, index + 1).map((_, i) => i + 1));
    const shown = await work.shown('complaint', id);
    assert.equal(shown.escalation_level, index + 1);
    assert.equal(shown.timeline.filter(({kind}) => kind === 'case.escalated').length, index + 1);
  }
  assert.match(due, /^2026-12-0\d$/);
  const events = await eventsOf(id, 'case.escalated');
  assert.deepEqual(events.map(({data}) => data.role), steps.map(([, role]) => role));
  assert.ok(events.every(({is_public: isPublic, actor_kind: actor}) => isPublic && actor === 'system'));
  const notes = await house.query('SELECT * FROM notification WHERE case_id = $1 ORDER BY at', [id]);
  assert.deepEqual(notes.map(({role}) => role), steps.map(([, role]) => role));
  assert.deepEqual(notes.map(({at}) => at), planned);
  const tracked = await work.tracked(code);
  assert.equal(tracked.timeline.filter(({kind}) => kind === 'case.escalated').length, steps.length);
});

test('escalation: stops at a referral that ends the case, goes on over one that is followed', async () => {
  await start();
  const policy = (value) => house.query(`UPDATE case_policy SET follows_referrals = $1
    WHERE case_kind = 'complaint' AND org_id = (SELECT id FROM organisation WHERE slug = 'isfahan')`, [value]);
  const {id: ended} = await work.made('complaint', 'referred_out');
  await policy(true);
  const {id: followed} = await work.made('complaint', 'referred_out');
  await endOf('2026-12-20');
  assert.deepEqual(await told(followed, 5), [1, 2, 3, 4, 5]);
  await settled();
  assert.deepEqual(await levelsOf(ended), []);
  await policy(false);
});

test('escalation: steps that passed while no worker ran are taken in their order, all of them', async () => {
  await start();
  const {id} = await work.filed('complaint');
  await endOf('2026-12-20');
  assert.deepEqual(await told(id, 5), [1, 2, 3, 4, 5]);
  const {timeline} = await work.shown('complaint', id);
  assert.deepEqual(timeline.filter(({kind}) => kind === 'case.escalated').map(({data}) => data.level), [1, 2, 3, 4, 5]);
});

test('escalation: leaves the entity tag to what staff change', async () => {
  await start();
  const {id} = await work.filed('complaint');
  const versionOf = async () => (await house.query('SELECT row_version FROM casefile WHERE id = $1', [id]))[0].row_version;
  const version = await versionOf();
  await endOf('2026-12-20');
  await told(id, 5);
  assert.equal(await versionOf(), version);
});

test('escalation: stops at the answer', async () => {
  await start();
  const {id} = await work.filed('complaint');
  for (const state of ['assigned', 'in_progress']) done(await work.move('complaint', id, BODIES.complaint[state]));
  const [{steps}] = await house.query('SELECT steps FROM case_clock WHERE case_id = $1', [id]);
  await house.moveClock(new Date(steps[0].getTime() + 1000));
  assert.deepEqual(await told(id, 1), [1]);
  done(await work.move('complaint', id, BODIES.complaint.answered));
  await house.moveClock(new Date(steps[4].getTime() + 1000));
  await settled();
  await house.looked('escalate');
  assert.deepEqual(await levelsOf(id), [1]);
  assert.equal((await work.shown('complaint', id)).escalation_level, 0);
});

// --- many servers, and some that die ---

// So many cases, all of whose steps are due, as they would be after a power cut of a month.
async function dueCases(count, at = house) {
  const rows = await at.query(`
    WITH now AS (SELECT clock_timestamp() + shift AS at FROM clock),
    filed AS (
      INSERT INTO casefile (id, org_id, kind, number, state, subject, text, unit_code, channel, received_at,
        registered_at, updated_at, received_on, working_days, tracking_hash, request_digest, receipt_received_at)
      SELECT gen_random_uuid(), o.id, 'complaint', 'D-' || gen_random_uuid(), 'registered', 's', 't', 'service-units',
        'web', now.at - interval '40 days', now.at, now.at, '2026-10-10', 10, sha256(gen_random_uuid()::text::bytea), '\\x00', now.at
      FROM generate_series(1, $1) n CROSS JOIN now CROSS JOIN organisation o WHERE o.slug = 'isfahan'
      RETURNING id, org_id, kind)
    INSERT INTO case_clock (case_id, org_id, kind, counted_from, counted_days, due_on, due_at, steps, moved_at)
    SELECT f.id, f.org_id, f.kind, '2026-10-10', 10, '2026-10-24', now.at - interval '20 days', s.steps, now.at
    FROM filed f CROSS JOIN now
    CROSS JOIN LATERAL (SELECT array_agg(now.at - k * interval '1 day' ORDER BY k DESC) AS steps
                        FROM generate_series(1, 5) k) s
    RETURNING case_id AS id`, [count]);
  return rows.map(({id}) => id);
}

// Every step of each of them once, as event and as notification, and none missing.
async function assertEachOnce(ids, at = house) {
  const counted = (table, id, level) => at.query(`
    SELECT count(*)::int AS rows, count(DISTINCT (${id}, ${level}))::int AS steps, count(DISTINCT ${id})::int AS cases
    FROM ${table} WHERE ${id} = ANY ($1) AND kind IN ('case.escalated', 'escalation')`, [ids]);
  const whole = [{rows: ids.length * 5, steps: ids.length * 5, cases: ids.length}];
  assert.deepEqual(await counted('event', 'subject_id', "data ->> 'level'"), whole);
  assert.deepEqual(await counted('notification', 'case_id', 'at'), whole);
  const left = await at.query(
    'SELECT case_id FROM case_clock WHERE case_id = ANY ($1) AND (steps_done <> 5 OR next_step_at IS NOT NULL)', [ids]);
  assert.deepEqual(left, []);
}

test('escalation: two servers on one database take every step of 10 000 due cases exactly once', async () => {
  const second = await house.startServer();
  const ids = await dueCases(10000);
  await house.query('NOTIFY mosharekat_work');
  await settled();
  await assertEachOnce(ids);
  const shares = await Promise.all([house.server, second].map((server) =>
    server.metric('worker_done_total', '{job="escalate"}')));
  assert.ok(shares.every((share) => share >= 0), shares.join(' '));
  await second.stop();
});

test('escalation: servers killed in the middle of passes leave no step out and tell none twice', async () => {
  const quiet = await startHouse({settings: {worker: 'off'}});
  try {
    const ids = await dueCases(10000, quiet);
    const progress = async () => (await quiet.query('SELECT count(*)::int AS taken FROM case_clock WHERE steps_done = 5'))[0].taken;
    for (let kills = 0; kills < 4; kills++) {
      const before = await progress();
      const victim = await quiet.startServer();
      if (kills > 0) await until('a pass', async () => (await progress()) > before);
      await victim.kill();
      assert.ok((await progress()) < ids.length, 'killed before the end');
      ids.push(...await dueCases(4000, quiet));
    }
    await quiet.startServer();
    await settled(quiet);
    await assertEachOnce(ids, quiet);
  } finally {
    await quiet.stop();
  }
});

test('escalation: a case that comes with steps already past is taken up at once', async () => {
  await start();
  const {id} = await work.filed('complaint', {channel: 'letter', received_at: '2026-10-01T06:00:00Z'}, {who: work.clerk});
  const began = Date.now();
  assert.deepEqual(await told(id, 5), [1, 2, 3, 4, 5]);
  assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
});

// --- closing ---

test('closing: an answered case closes by itself after the working days of the policy, once', async () => {
  await start('2027-02-06T06:00:00Z');
  const {id} = await work.made('complaint', 'answered');
  const [{closes_on: last, row_version: version}] = await house.query(
    'SELECT closes_on::text, row_version FROM casefile WHERE id = $1', [id]);
  await endOf(last, -30);
  await house.looked('close_answered');
  assert.equal((await work.shown('complaint', id)).state, 'answered');
  await endOf(last);
  const closed = await until('the case to close', async () => {
    const shown = await work.shown('complaint', id);
    return shown.state === 'closed' && shown;
  });
  assert.ok(closed.closed_at);
  assert.deepEqual(await house.query('SELECT row_version, closes_on FROM casefile WHERE id = $1', [id]),
    [{row_version: version + 1, closes_on: null}]);
  assert.deepEqual((await eventsOf(id, 'case.closed')).map(({actor_kind: actor, data}) => [actor, data]), [['system', {round: 1}]]);
});

test('closing: a case that the citizen reopened stays open', async () => {
  await start('2027-02-06T06:00:00Z');
  const {id, tracking_code: code} = await work.made('complaint', 'answered');
  const [{closes_on: last}] = await house.query('SELECT closes_on::text FROM casefile WHERE id = $1', [id]);
  done(await work.citizen('reopen', code, {text: 'نه'}));
  await endOf(last);
  await house.looked('close_answered');
  assert.equal((await work.shown('complaint', id)).state, 'in_progress');
});

// --- the calendar changes ---

const closure = (date, more = {}) => ({date, kind: 'closure', title: 'آلودگی هوا', counties: [], from_time: null, counts: false, ...more});

async function close(at, date, more) {
  return done(await at.admin.POST('/v1/orgs/{org}/calendar/days', {params: at.at(), body: closure(date, more)}), 201).id;
}

async function reopenDay(at, id) {
  assert.equal((await at.admin.DELETE('/v1/orgs/{org}/calendar/days/{id}', {params: at.at(id)})).response.status, 204);
}

const deadlineOf = async (id) => (await house.query(
  `SELECT due_on::text AS due, due_at, steps, steps_done, deadline_version AS version, next_step_at
   FROM case_clock WHERE case_id = $1`, [id]))[0];

const moved = (id, version) => until(`version ${version} of the deadline`, async () => {
  const deadline = await deadlineOf(id);
  return deadline.version === version && deadline;
});

// The worker knows the calendar as it is.
const seen = () => until('the calendar to be seen', async () => (await house.query(`
  SELECT FROM calendar_digests() d LEFT JOIN calendar_seen s USING (org_id)
  WHERE s.digest IS DISTINCT FROM d.digest`)).length === 0);

beforeEach(() => house.query('DELETE FROM calendar_day WHERE org_id IS NOT NULL'));

test('recompute: a closure moves the open deadlines of its organisation, and its end moves them back', async () => {
  await start('2027-01-02T06:00:00Z');
  const mine = await work.filed('complaint');
  const other = await semnan.filed('complaint');
  const answered = await work.made('complaint', 'answered');
  const [before, others, settledOne] = await Promise.all([mine, other, answered].map(({id}) => deadlineOf(id)));

  const day = await close(work, '2027-01-05');
  const longer = await moved(mine.id, before.version + 1);
  assert.ok(longer.due > before.due, `${before.due} ${longer.due}`);
  assert.equal(longer.due_at.toISOString(), `${longer.due}T20:30:00.000Z`);
  assert.ok(longer.steps.every((step, i) => step > before.steps[i] || i > 4));
  assert.deepEqual(longer.next_step_at, longer.steps[0]);

  await reopenDay(work, day);
  assert.deepEqual(await moved(mine.id, before.version + 2), {...before, version: before.version + 2});
  assert.deepEqual((await eventsOf(mine.id, 'case.deadline_moved')).map(({data, is_public: isPublic}) =>
    [data.from, data.to, isPublic]), [[before.due, longer.due, true], [longer.due, before.due, true]]);
  assert.deepEqual(await deadlineOf(other.id), others);
  assert.deepEqual(await deadlineOf(answered.id), settledOne);
});

test('recompute: a moved deadline is a change of the case: its tag, its list of changes, and writes on what was before', async () => {
  await start('2027-01-02T06:00:00Z');
  const {id} = await work.filed('complaint');
  const [tag, {version}, {row_version: row}] = [await work.tagOf('complaint', id), await deadlineOf(id),
    (await house.query('SELECT row_version FROM casefile WHERE id = $1', [id]))[0]];
  await house.moveClock(new Date('2027-01-03T06:00:00Z'));
  await close(work, '2027-01-05');
  await moved(id, version + 1);
  assert.deepEqual(await house.query('SELECT row_version FROM casefile WHERE id = $1', [id]), [{row_version: row}]);
  const header = {'If-Match': tag};
  refused(await work.move('complaint', id, BODIES.complaint.assigned, {header}), 412, 'precondition_failed');
  refused(await work.patch('complaint', id, {unit_code: 'inspection'}, {header}), 412, 'precondition_failed');
  const shown = await work.shown('complaint', id);
  assert.equal(shown.updated_at.slice(0, 10), '2027-01-03');
  const {items} = done(await work.list('complaint', {updated_since: '2027-01-03T06:00:00Z', limit: 100}));
  assert.ok(items.some((item) => item.id === id && item.updated_at === shown.updated_at));
  done(await work.move('complaint', id, BODIES.complaint.assigned, {header: {'If-Match': await work.tagOf('complaint', id)}}));
});

test('recompute: a closure of one county moves the cases of that county alone', async () => {
  await start('2027-01-02T06:00:00Z');
  const [here, elsewhere] = [await work.filed('complaint', {county: '1001'}), await work.filed('complaint', {county: '1002'})];
  const before = await deadlineOf(elsewhere.id);
  await close(work, '2027-01-05', {counties: ['1001']});
  assert.ok((await moved(here.id, before.version + 1)).due > before.due);
  assert.deepEqual(await deadlineOf(elsewhere.id), before);
});

test('recompute: never to before the end of the next working day', async () => {
  await start('2027-01-02T06:00:00Z');
  const {id} = await work.filed('complaint');
  const promised = (await deadlineOf(id)).due;
  const days = [];
  for (const date of ['2027-01-05', '2027-01-06', '2027-01-09']) days.push(await close(work, date));
  await seen();
  const extended = (await deadlineOf(id)).due;

  // On the morning of the day first promised the closures are taken back.
  await house.moveClock(new Date(`${promised}T06:00:00Z`));
  await house.query('DELETE FROM calendar_day WHERE id = ANY ($1)', [days]);
  await seen();
  const {due} = await deadlineOf(id);
  const {due_on: next} = done(await work.anyone.POST('/v1/orgs/{org}/calendar/deadline',
    {params: work.at(), body: {received_on: promised, working_days: 1}}));
  assert.ok(promised < due && due < extended, `${promised} ${due} ${extended}`);
  assert.equal(due, next);
});

test('recompute: steps that were taken stay taken, but those from which the deadline moved away are ahead again', async () => {
  await start('2027-01-02T06:00:00Z');
  const {id} = await work.filed('complaint');
  const before = await deadlineOf(id);
  await house.moveClock(new Date(before.steps[0].getTime() + 1000));
  await told(id, 1);

  // A closure behind the first step leaves that step where it was; one declared late, on its very day, does not.
  await close(work, before.due);
  const longer = await moved(id, before.version + 1);
  assert.deepEqual([longer.steps_done, longer.steps[0], longer.next_step_at], [1, before.steps[0], longer.steps[1]]);
  const late = await close(work, before.steps[0].toISOString().slice(0, 10));
  const longest = await moved(id, before.version + 2);
  assert.deepEqual([longest.steps_done, longest.next_step_at], [0, longest.steps[0]]);
  assert.ok(longest.steps[0] > before.steps[0]);
  await house.moveClock(new Date(longest.steps[0].getTime() + 1000));
  assert.deepEqual(await told(id, 2), [1, 1]);

  await reopenDay(work, late);
  const shorter = await moved(id, before.version + 3);
  assert.ok(shorter.due < longest.due && shorter.steps_done >= 1);
  await settled();
  const first = (await eventsOf(id, 'case.escalated')).filter(({data}) => data.level === 1);
  assert.deepEqual(first.map(({data}) => data.deadline_version), [before.version, before.version + 2]);
});

test('recompute: a closure behind the due date moves the steps behind it, and not the deadline', async () => {
  await start('2027-01-02T06:00:00Z');
  const mine = await work.filed('complaint');
  const before = await deadlineOf(mine.id);
  const dayOf = (step) => new Date(step.getTime() - 1000 + 3.5 * 3600 * 1000).toISOString().slice(0, 10);

  const day = await close(work, dayOf(before.steps[3]));
  const longer = await moved(mine.id, before.version + 1);
  assert.deepEqual([longer.due, longer.due_at, longer.steps.slice(0, 3)], [before.due, before.due_at, before.steps.slice(0, 3)]);
  assert.ok(longer.steps[3] > before.steps[3] && longer.steps[4] > before.steps[4], longer.steps.join(' '));
  const events = await eventsOf(mine.id, 'case.steps_moved');
  assert.deepEqual(events.map(({is_public: isPublic, data}) => [isPublic, data.deadline_version]), [[false, before.version + 1]]);
  assert.deepEqual(await eventsOf(mine.id, 'case.deadline_moved'), []);

  await reopenDay(work, day);
  assert.deepEqual(await moved(mine.id, before.version + 2), {...before, version: before.version + 2});
});
