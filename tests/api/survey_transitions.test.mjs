// Every pair of states of a survey, drawn from the table in src/domain/lifecycle.c: what has a row succeeds for whoever
// holds its permission and for nobody else, all the rest is a conflict that names what would be possible. A new row
// fails here until it has a way to be reached. Scheduled becomes running, and running ended, by the clock alone.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done, refused} from '../lib/client.mjs';
import {later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {holderOf, permissionsOf, ROWS, rowOf, rowsOf} from '../lib/lifecycle.mjs';
import {newSurvey, pollOf} from '../lib/poll.mjs';

const ONLOOKER = 'inspector'; // reads and may do nothing here

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const poll = await pollOf(house);

const REASON = {reason: 'به دلیلی که همه می‌خوانند'};
const BODIES = {
  scheduled: () => ({to: 'scheduled', closes_at: later(new Date(), 3650)}),
  running: () => ({to: 'running'}),
  paused: () => ({to: 'paused', ...REASON}),
  results_published: () => ({to: 'results_published'}),
  archived: () => ({to: 'archived'}),
  cancelled: () => ({to: 'cancelled', ...REASON}),
};
const then = (before, to, who) => async () => {
  const {id} = await STATES[before]();
  return done(await poll.move(id, BODIES[to](), {who: poll[who]}));
};
// How a survey comes to be in each state that a reader sees.
const STATES = {
  drafting: () => poll.begun(),
  scheduled: () => poll.scheduled(),
  running: () => poll.running(),
  paused: then('running', 'paused', 'head'),
  ended: async () => done(await poll.get((await poll.ended()).id, poll.admin)),
  results_published: then('ended', 'results_published', 'moderator'),
  archived: then('results_published', 'archived', 'moderator'),
  cancelled: then('drafting', 'cancelled', 'head'),
};

test('the table of transitions of surveys has no state and no target that is not tried', () => {
  const rows = ROWS.filter((row) => row.thing === 'SURVEY');
  assert.ok(rows.length >= 9);
  const states = new Set(rows.flatMap(({from, to}) => [from, to]));
  assert.deepEqual([...states].filter((state) => !(state in STATES)), []);
  assert.deepEqual(rows.filter(({to}) => !(to in BODIES)), []);
});

for (const {from, to, permission, needsReason} of ROWS.filter((row) => row.thing === 'SURVEY'))
  test(`transitionSurvey: ${from} → ${to} is for whoever holds ${permission}`, async () => {
    const {id} = await STATES[from]();
    const who = poll[holderOf(permission)];
    refused(await poll.move(id, BODIES[to](), {who: poll[ONLOOKER]}), 403, 'forbidden');
    refused(await poll.move(id, BODIES[to](), {who: poll.anyone}), 401, 'unauthorized');
    if (needsReason)
      refused(await poll.move(id, {...BODIES[to](), reason: undefined}, {who}), 422, 'reason_needed');
    const moved = done(await poll.move(id, BODIES[to](), {who}));
    const seen = to === 'scheduled' ? 'running' : to; // it opens at once
    assert.equal(moved.state, seen);
    assert.equal(moved.reason, BODIES[to]().reason ?? null);
    assert.deepEqual(moved.allowed_transitions, rowsOf('SURVEY', seen)
      .filter((row) => permissionsOf(holderOf(permission)).includes(row.permission))
      .map((row) => row.to));
    const [event] = await house.query('SELECT kind FROM event WHERE subject_id = $1 ORDER BY at DESC LIMIT 1', [id]);
    assert.equal(event.kind, to === 'running' ? 'survey.resumed' : `survey.${to}`);
  });

for (const from of Object.keys(STATES))
  test(`transitionSurvey: from ${from} there is no other way, and the answer names those that there are`, async () => {
    const {id, updated_at} = await STATES[from]();
    const allowed = rowsOf('SURVEY', from).map((row) => row.to);
    assert.deepEqual(done(await poll.get(id, poll.admin)).allowed_transitions, allowed);
    for (const [to, body] of Object.entries(BODIES).filter(([target]) => !rowOf('SURVEY', from, target))) {
      refused(await poll.move(id, body(), {who: poll.admin}), 409, 'state_conflict', {state: from, allowed});
      refused(await poll.move(id, body(), {who: poll[ONLOOKER]}), 409, 'state_conflict', {state: from, allowed: []});
    }
    assert.equal(done(await poll.get(id, poll.admin)).updated_at, updated_at);
  });

test('transitionSurvey: the window must begin now or later and end after that', async () => {
  const {id} = await poll.begun();
  const now = await house.now();
  const move = (body) => poll.move(id, {to: 'scheduled', ...body});
  refused(await move({}), 422, 'survey_window_wrong');
  refused(await move({opens_at: later(now, -1), closes_at: later(now, 1)}), 422, 'window_in_past');
  refused(await move({opens_at: later(now, 2), closes_at: later(now, 1)}), 422, 'survey_window_wrong');
  refused(await poll.move(id, {to: 'scheduled', closes_at: later(now, 1)}, {header: {}}), 428, 'precondition_required');
  const header = {'If-Match': '"1-drafting"', 'Idempotency-Key': 'a-key-of-some-length-moving'};
  const body = {to: 'scheduled', opens_at: later(now, 1), closes_at: later(now, 2)};
  const moved = done(await poll.move(id, body, {header}));
  assert.deepEqual([moved.state, moved.row_version], ['scheduled', undefined]);
  const again = await poll.move(id, body, {header});
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  assert.deepEqual(done(again), moved);
  refused(await poll.move(id, {to: 'cancelled', ...REASON}, {header: {'If-Match': '"1-drafting"'}}), 412, 'precondition_failed');
});

test('transitionSurvey: what was set while drafting holds when it is scheduled', async () => {
  const now = await house.now();
  const opens_at = later(now, 5), closes_at = later(now, 6);
  const {id} = done(await poll.create(newSurvey({opens_at, closes_at})), 201);
  const moved = done(await poll.move(id, {to: 'scheduled'}));
  assert.deepEqual([Date.parse(moved.opens_at), Date.parse(moved.closes_at)], [Date.parse(opens_at), Date.parse(closes_at)]);
});

test('transitionSurvey: of 50 who pause at once one does', async () => {
  const survey = await poll.running();
  const results = await Promise.all(Array.from({length: 50}, () =>
    poll.move(survey.id, BODIES.paused(), {header: {'If-Match': '"2-running"'}})));
  assert.equal(results.filter((result) => result.response.status === 200).length, 1);
});

test('transitionSurvey: the end is recorded before the results are published, worker or not', async () => {
  const survey = await poll.running();
  await house.moveClock(new Date(survey.closes_at));
  done(await poll.move(survey.id, {to: 'results_published'}, {who: poll.moderator}));
  const events = await house.query("SELECT kind FROM event WHERE subject_id = $1 ORDER BY at, id", [survey.id]);
  assert.deepEqual(events.map((event) => event.kind), ['survey.created', 'survey.scheduled', 'survey.opened', 'survey.ended',
    'survey.results_published']);
});
