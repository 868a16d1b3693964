// The worker's reminders of what falls due next, and what it clears away.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {caseworkOf, BODIES} from '../lib/casework.mjs';
import {done} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const SATURDAY = '2026-11-21T06:00:00Z'; // 30 Aban 1405, half past nine; ten days end on Saturday, 5 December
const house = await startHouse();
after(() => house.stop());
const work = await caseworkOf(house);

const start = () => house.moveClock(new Date(SATURDAY));

const levelsOf = async (id) => (await house.query(
  "SELECT data FROM event WHERE subject_id = $1 AND kind = 'case.escalated' ORDER BY at, id", [id])).map(({data}) => data.level);

// --- reminders ---

// In isfahan the ladder tells expert and head before the due day.
const remindersOf = async (at = house) => (await at.query(`
  SELECT n.role, n.unit_code AS unit, n.data, n.at, n.case_id FROM notification n JOIN organisation o ON o.id = n.org_id
  WHERE n.kind = 'reminder' AND o.slug = 'isfahan' ORDER BY n.at, n.unit_code NULLS LAST, n.role`));

const reminded = (day, at = house) => until(`the reminders of ${day}`, async () => (await at.query(`
  SELECT FROM organisation o LEFT JOIN reminder_seen s ON s.org_id = o.id
  WHERE coalesce(s.day < $1, true)`, [day])).length === 0);

const forget = (at = house) => at.query(`WITH seen AS (DELETE FROM reminder_seen), answered AS (
  UPDATE casefile SET answered_at = registered_at WHERE answered_at IS NULL)
  DELETE FROM notification WHERE kind = 'reminder'`);

test('reminders: each unit is told in the morning how many of its cases fall due by the next working day, once', async () => {
  await start();
  await forget();
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push((await work.filed('complaint')).id);
  for (const id of ids.slice(0, 2)) done(await work.move('complaint', id, BODIES.complaint.assigned));
  const late = (await house.query('SELECT due_on::text AS due FROM case_clock WHERE case_id = $1', [ids[0]]))[0].due;
  assert.equal(late, '2026-12-05'); // a Saturday: the working day before is Wednesday

  await house.moveClock(new Date('2026-12-02T03:29:00Z')); // one minute to seven
  await reminded('2026-12-01');
  assert.deepEqual(await remindersOf(), []);
  await house.moveClock(new Date('2026-12-02T03:30:01Z'));
  await reminded('2026-12-02');
  const at = new Date('2026-12-02T03:30:00Z');
  const data = (cases) => ({cases, due_by: '2026-12-05'});
  const expected = [['expert', 'service-units', 2], ['head', 'service-units', 2], ['expert', null, 1], ['head', null, 1]]
    .map(([role, unit, cases]) => ({role, unit, data: data(cases), at, case_id: null}));
  assert.deepEqual(await remindersOf(), expected);

  // Thursday and Friday are not worked, and on Saturday nothing more falls due.
  for (const day of ['2026-12-03', '2026-12-04', '2026-12-05']) {
    await house.moveClock(new Date(`${day}T06:00:00Z`));
    await reminded(day);
  }
  assert.deepEqual(await remindersOf(), expected);
});

test('reminders: what was answered or waits for the citizen is not told of', async () => {
  await start();
  await forget();
  await work.made('complaint', 'answered');
  await house.moveClock(new Date('2026-12-02T06:00:00Z'));
  await reminded('2026-12-02');
  assert.deepEqual(await remindersOf(), []);
});

test('reminders: four servers, some killed, remind once each day', async () => {
  const quiet = await startHouse({settings: {worker: 'off'}});
  try {
    const desk = await caseworkOf(quiet);
    await quiet.moveClock(new Date(SATURDAY));
    for (let n = 0; n < 5; n++) await desk.filed('complaint');
    const servers = [];
    for (const day of ['2026-12-02', '2026-12-05', '2026-12-06']) {
      await quiet.moveClock(new Date(`${day}T06:00:00Z`));
      for (let n = 0; n < 2; n++) servers.push(await quiet.startServer());
      await quiet.query('NOTIFY mosharekat_work');
      await servers.shift().kill();
    }
    await reminded('2026-12-06', quiet);
    assert.deepEqual((await remindersOf(quiet)).map(({role, data}) => [role, data.cases]), [['expert', 5], ['head', 5]]);
  } finally {
    await quiet.stop();
  }
});

// --- housekeeping ---

test('housekeeping: notifications go after their days, and the events behind them stay', async () => {
  await start();
  const {id} = await work.filed('complaint');
  await house.moveClock(new Date('2026-12-20T20:30:01Z'));
  await until('five levels', async () => (await levelsOf(id)).length === 5);
  const kept = async () => (await house.query('SELECT at FROM notification WHERE case_id = $1', [id])).length;
  await house.moveClock(new Date('2027-12-20T06:00:00Z'));
  await house.looked('housekeeping');
  assert.equal(await kept(), 5);
  await house.moveClock(new Date('2028-02-20T06:00:00Z'));
  await until('the notifications to go', async () => (await kept()) === 0);
  assert.deepEqual(await levelsOf(id), [1, 2, 3, 4, 5]);
});
