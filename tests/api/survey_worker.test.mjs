// What the worker does for surveys: the facts of the clock, once whoever is first, and forgetting who took part.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done} from '../lib/client.mjs';
import {later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf} from '../lib/poll.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse();
after(() => house.stop());
await house.startServer();
const poll = await pollOf(house);

const kinds = async (id) => (await house.query("SELECT kind FROM event WHERE subject_id = $1 ORDER BY at, id", [id]))
  .map((event) => event.kind);
const told = (id, kind) => until(kind, async () => (await kinds(id)).includes(kind));
const takings = async (id) =>
  (await house.query('SELECT count(*)::int AS n FROM survey_participation WHERE survey_id = $1', [id]))[0].n;

test('a survey that opens and ends is an event each, once with two workers; then who took part is forgotten', async () => {
  const surveys = [];
  for (let i = 0; i < 20; i++) surveys.push(await poll.scheduled());
  const [survey] = surveys;
  await house.moveClock(new Date(survey.opens_at));
  await house.moveClock('1 minute');
  await told(survey.id, 'survey.opened');
  for (let i = 0; i < 12; i++) done(await poll.vote(survey.id, {agree: 'yes'}), 201);
  assert.equal(await takings(survey.id), 12);
  await house.moveClock(new Date(later(survey.closes_at, 0, 300)));
  await told(survey.id, 'survey.ended');
  assert.equal(await takings(survey.id), 12); // not before every request is over
  await house.moveClock('10 minutes');
  await until('forgetting', async () => (await takings(survey.id)) === 0);
  for (const {id} of surveys) {
    await told(id, 'survey.ended');
    assert.deepEqual(await kinds(id), ['survey.created', 'survey.scheduled', 'survey.opened', 'survey.ended']);
  }
  const [{n}] = await house.query('SELECT count(*)::int AS n FROM survey_response WHERE survey_id = $1', [survey.id]);
  assert.equal(n, 12);
});
