// Events: what happened to a draft, and the opening and closing of windows, recorded exactly once whoever comes first.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse();
const second = await house.startServer();
after(() => house.stop());
const desk = await deskOf(house);

const eventsOf = (id, who = desk.anyone, query = {}) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/events', {params: {...desk.at(id), query}});
const kindsOf = async (id, who) => done(await eventsOf(id, who, {limit: 100})).items.map((event) => event.kind);
const recorded = async (id, kind) => Number((await house.query(
  'SELECT count(*) FROM event WHERE subject_id = $1 AND kind = $2', [id, kind]))[0].count);
const untilRecorded = (id, kind, count = 1) =>
  until(`${kind} of ${id}`, async () => (await recorded(id, kind)) >= count);

test('listDraftEvents: with two servers, a window that opens and closes is recorded once each', async () => {
  const start = await house.now();
  const drafts = [];
  for (let i = 0; i < 20; i++) drafts.push(await desk.opened({}, {opens_at: later(start, 1, i)}));
  assert.deepEqual(await kindsOf(drafts[0].id), ['draft.published']);

  await house.moveClock(new Date(later(start, 1, 30)));
  for (const {id} of drafts) await untilRecorded(id, 'draft.opened');
  await house.moveClock(new Date(later(start, 8, 30)));
  for (const {id} of drafts) await untilRecorded(id, 'draft.closed');
  for (const server of [house.server, second]) await house.looked('draft_windows', server);
  for (const {id, opens_at: opens, closes_at: closes} of drafts) {
    const {items} = done(await eventsOf(id));
    assert.deepEqual(items.map(({kind, actor}) => [kind, actor]),
      [['draft.published', 'staff'], ['draft.opened', 'system'], ['draft.closed', 'system']]);
    assert.deepEqual(items.slice(1).map(({data}) => data), [{round: 1, at: opens}, {round: 1, at: closes}]);
    assert.ok(items[2].at >= closes);
  }
});

test('listDraftEvents: a window that opens now is recorded without anybody waiting for it', async () => {
  const {id} = await desk.opened();
  await untilRecorded(id, 'draft.opened');
});

test('listDraftEvents: a worker that comes after the end records the opening before it', async () => {
  const start = await house.now();
  const drafts = [];
  for (let i = 0; i < 12; i++) drafts.push(await desk.opened({}, {opens_at: later(start, 1, i)}));
  await house.moveClock(new Date(later(start, 9)));
  for (const {id} of drafts) {
    await untilRecorded(id, 'draft.closed');
    assert.deepEqual(await kindsOf(id), ['draft.published', 'draft.opened', 'draft.closed']);
  }
});

test('listDraftEvents: each round is recorded for itself', async () => {
  const draft = await desk.opened();
  await desk.close(draft);
  await untilRecorded(draft.id, 'draft.closed');
  done(await desk.move(draft.id, {to: 'reviewing'}));
  const again = done(await desk.move(draft.id, {to: 'published'}));
  await untilRecorded(draft.id, 'draft.opened', 2);
  await desk.close(again);
  await untilRecorded(draft.id, 'draft.closed', 2);
  assert.deepEqual(await kindsOf(draft.id), ['draft.published', 'draft.opened', 'draft.closed', 'draft.reviewing',
    'draft.reopened', 'draft.opened', 'draft.closed']);
});

test('listDraftEvents: an extended window is closed once, at its new end', async () => {
  const draft = await desk.opened();
  const end = later(draft.closes_at, 2);
  done(await desk.move(draft.id, {to: 'published', closes_at: end, reason: 'تعطیلی'}));
  await house.moveClock(new Date(later(draft.closes_at, 1)));
  await house.looked('draft_windows');
  assert.equal(await recorded(draft.id, 'draft.closed'), 0);
  await house.moveClock(new Date(end));
  await untilRecorded(draft.id, 'draft.closed');
});

test('listDraftEvents: shows in order what was done, the public less than staff', async () => {
  const {id} = await desk.begun();
  done(await desk.patch(id, {title: 'دیگر'}));
  done(await desk.addVersion(id, {clauses: CLAUSES}), 201);
  const draft = done(await desk.move(id, {to: 'published'}));
  done(await desk.move(id, {to: 'withdrawn', reason: 'دیگر لازم نیست.'}));
  const all = ['draft.created', 'draft.changed', 'draft.version_created', 'draft.published', 'draft.opened',
    'draft.withdrawn'];
  const inOrder = (kinds) => kinds.filter((kind) => kind !== 'draft.opened'); // the worker's moment is its own
  assert.deepEqual(inOrder(await kindsOf(id, desk.inspector)), inOrder(all));
  assert.deepEqual(inOrder(await kindsOf(id)), ['draft.published', 'draft.withdrawn']);
  assert.equal(await recorded(id, 'draft.opened'), 1);
  const {items} = done(await eventsOf(id));
  const [published] = items;
  assert.deepEqual(published.data, {opens_at: draft.opens_at, closes_at: draft.closes_at, round: 1, version: 2});
  assert.deepEqual(items.find(({kind}) => kind === 'draft.withdrawn').data, {reason: 'دیگر لازم نیست.'});
  assert.match(published.on_jalali, /^14\d\d-\d\d-\d\d$/);
});

test('listDraftEvents: pages without gap or repetition', async () => {
  const {id} = await desk.begun();
  for (let i = 0; i < 7; i++) done(await desk.patch(id, {title: `عنوان ${i}`}));
  const pages = await allPages((query) => eventsOf(id, desk.inspector, query), 3);
  assert.deepEqual(pages.map((page) => page.length), [3, 3, 2]);
  assert.equal(new Set(pages.flat().map((event) => event.id)).size, 8);
  assert.equal(pages[0][0].kind, 'draft.created');
});

test('listDraftEvents: is refused for what is not there, not public, or not theirs', async () => {
  const {id} = await desk.begun();
  refused(await eventsOf(id), 404, 'not_found');
  refused(await eventsOf(randomUUID()), 404, 'not_found');
  refused(await eventsOf(id, desk.expert), 404, 'not_found');
  refused(await eventsOf(id, await house.client('inspector', 'semnan')), 404, 'not_found');
  faulty(await eventsOf(id, desk.inspector, {limit: 0, kind: 'x'}), 'query /limit too_small',
    'query /kind unknown_parameter');
});

test('transitionDraft: with no worker alive, whoever starts the review records opening and closing', async () => {
  await second.stop();
  await house.server.stop();
  house.server = await house.startServer({worker: 'off'});
  const alone = await deskOf(house);
  const draft = await alone.opened();
  await alone.close(draft);
  assert.deepEqual(await kindsOf(draft.id, alone.anyone), ['draft.published']);
  done(await alone.move(draft.id, {to: 'reviewing'}));
  const {items} = done(await eventsOf(draft.id, alone.anyone));
  assert.deepEqual(items.map(({kind}) => kind).sort(),
    ['draft.closed', 'draft.opened', 'draft.published', 'draft.reviewing']);
  assert.equal(items[0].kind, 'draft.published');

  const third = await house.startServer(); // its worker comes late and finds nothing to do
  await house.looked('draft_windows', third);
  for (const kind of ['draft.opened', 'draft.closed']) assert.equal(await recorded(draft.id, kind), 1);
  await third.stop();
});

test('listDraftEvents: a worker that was away records what it missed', async () => {
  const alone = await deskOf(house);
  const draft = await alone.opened();
  await alone.close(draft);
  const late = await house.startServer();
  await untilRecorded(draft.id, 'draft.closed');
  assert.equal(await recorded(draft.id, 'draft.opened'), 1);
  assert.equal(done(await alone.get(draft.id)).state, 'closed');
  await late.stop();
});
