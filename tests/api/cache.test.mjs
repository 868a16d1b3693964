// The cache is not seen: what was changed shows at once, on every server, and nobody gets another's answer.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {clientOf, done, etagOf} from '../lib/client.mjs';
import {CLAUSES, deskOf, later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
const second = await house.startServer({worker: 'off'});
after(() => house.stop());
const desk = await deskOf(house);
const neighbour = clientOf(second.url);

const ids = (result) => done(result).items.map((item) => item.id);
const summaryOf = (id, who = desk.anyone) => who.GET('/v1/orgs/{org}/drafts/{id}/summary', {params: desk.at(id)});
const outcomeOf = (id) => desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/outcome', {params: desk.at(id)});

test('getDraft: answers repeat from the cache until something changes', async () => {
  const {id} = await desk.opened();
  const before = await house.server.metric('cache_hits_total');
  for (let i = 0; i < 5; i++) done(await desk.get(id));
  assert.ok((await house.server.metric('cache_hits_total')) >= before + 4);
});

test('getDraft: a move shows at once in the draft and in every list', async () => {
  const {id} = await desk.opened();
  const lists = () => Promise.all(['open', 'withdrawn'].map((state) => desk.list({state, limit: 100})));
  assert.deepEqual((await lists()).map((list) => ids(list).includes(id)), [true, false]);
  done(await desk.get(id));
  done(await desk.move(id, {to: 'withdrawn', reason: 'بازنویسی'}));
  assert.equal(done(await desk.get(id)).state, 'withdrawn');
  assert.deepEqual((await lists()).map((list) => ids(list).includes(id)), [false, true]);
});

test('getDraft: a new version in review shows at once that there is one, though not yet its text', async () => {
  const {id} = await desk.reviewed();
  const before = done(await desk.get(id));
  const clause_map = CLAUSES.map((clause) => ({change: 'kept', from: [clause.id], to: [clause.id]}));
  done(await desk.addVersion(id, {clauses: CLAUSES, changelog: 'بی‌تغییر', clause_map}), 201);
  const shown = done(await desk.get(id));
  assert.deepEqual([before.version, shown.version, shown.shown_version], [1, 2, 1]);
});

test('listDraftComments: a comment, its moderation, disposition and withdrawal show at once everywhere', async () => {
  const draft = await desk.opened();
  const look = async () => [ids(await desk.published(draft.id)), ids(await outcomeOf(draft.id)),
    done(await summaryOf(draft.id)).states];
  assert.deepEqual(await look(), [[], [], {}]);
  const one = await desk.filed(draft.id);
  assert.deepEqual(await look(), [[one.id], [one.id], {published: 1}]);
  const two = await desk.pending(draft.id); // what waits shows in the figures only, and there within seconds
  assert.deepEqual((await look()).slice(0, 2), [[one.id], [one.id]]);
  done(await desk.moderate(two.id, {to: 'published'}));
  assert.deepEqual(await look(), [[two.id, one.id], [one.id, two.id], {published: 2}]);
  const header = {'Tracking-Code': two.tracking_code};
  done(await desk.anyone.POST('/v1/track/withdraw', {params: {header}}));
  assert.deepEqual(await look(), [[one.id], [one.id], {published: 1, withdrawn: 1}]);
  await desk.close(draft);
  await look();
  done(await desk.dispose(one.id, {disposition: 'accepted', reason: 'درست است'}));
  assert.equal(done(await outcomeOf(draft.id)).items[0].disposition, 'accepted');
  assert.equal(done(await desk.published(draft.id)).items[0].disposition, 'accepted');
});

test('getDraft: the other server learns of a change within a moment', async () => {
  const {id} = await desk.opened();
  assert.equal(done(await desk.get(id, neighbour)).state, 'open');
  done(await desk.move(id, {to: 'withdrawn', reason: 'بازنویسی'}));
  await until('the neighbour to know', async () => done(await desk.get(id, neighbour)).state === 'withdrawn', 3000);
});

test('listDrafts: no answer for staff is given to the public, nor the other way round', async () => {
  const {id} = await desk.begun();
  assert.ok(ids(await desk.list({limit: 100}, desk.head)).includes(id));
  assert.ok(!ids(await desk.list({limit: 100})).includes(id));
  assert.ok(ids(await desk.list({limit: 100}, desk.head)).includes(id));
  const counted = done(await desk.list({limit: 100}, desk.anyone, {Prefer: 'count=exact'}));
  assert.equal(typeof counted.total, 'number');
  assert.equal(done(await desk.list({limit: 100})).total, undefined);
});

test('listDrafts: the same filters in another order are the same list, and other ones are not', async () => {
  const {id} = await desk.opened({kind: 'bill'});
  const get = async (query) => (await (await fetch(`${house.server.url}/v1/orgs/isfahan/drafts?${query}`)).json());
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await get('kind=bill&state=open')).items.map((item) => item.id), [id]);
    assert.deepEqual((await get('state=open&kind=bill')).items.map((item) => item.id), [id]);
    assert.deepEqual((await get('kind=bill&state=closed')).items, []);
  }
});

test('listDrafts: has an entity tag of its content, and 304 while that is the same', async () => {
  await desk.opened();
  const tag = etagOf(await desk.list());
  assert.match(tag, /^"[\w-]+"$/);
  assert.equal((await desk.list({}, desk.anyone, {'If-None-Match': tag})).response.status, 304);
  assert.equal((await desk.list({}, neighbour, {'If-None-Match': tag})).response.status, 304);
  await desk.opened();
  const {response} = await desk.list({}, desk.anyone, {'If-None-Match': tag});
  assert.deepEqual([response.status, response.headers.get('ETag') === tag], [200, false]);
});

test('listDrafts: a kept answer ends when the clock changes what it says', async () => {
  const opens = later(await house.now(), 1);
  const draft = await desk.opened({}, {opens_at: opens});
  assert.ok(ids(await desk.list({state: 'scheduled'})).includes(draft.id));
  await house.moveClock(new Date(opens));
  assert.ok(!ids(await desk.list({state: 'scheduled'})).includes(draft.id));
  assert.ok(ids(await desk.list({state: 'open', limit: 100})).includes(draft.id));
});

test('getStrategy: an applied change of the strategy shows on every server within a moment', async () => {
  const get = (who) => who.GET('/v1/orgs/{org}/strategy', {params: {path: {org: 'semnan'}}});
  for (const who of [house.anyone, neighbour]) done(await get(who));
  await house.query("UPDATE organisation SET statement_title = 'تازه' WHERE slug = 'semnan'");
  await house.query("SELECT pg_notify('mosharekat_policy', 'semnan')");
  for (const who of [house.anyone, neighbour])
    await until('the new title', async () => done(await get(who)).title === 'تازه', 3000);
});
