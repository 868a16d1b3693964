// Versions of a draft's text: what may follow what, who sees which, and what changed between two.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {done, etagOf, faulty, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const getVersion = (id, n, who = desk.anyone, headers) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/versions/{n}', {params: desk.at(id, {n}), headers});
const diff = (id, from, to, who = desk.anyone) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/diff', {params: {...desk.at(id), query: {from, to}}});

const clause = (id, text = `متن ${id}`) => ({id, heading: `ماده ${id}`, text});
const BEFORE = [clause('a'), clause('b'), clause('c'), clause('d'), clause('e'), clause('f')];
const AFTER = [clause('n'), clause('a'), clause('b', 'متن تازه'), clause('c1'), clause('c2'), clause('de')];
const MAP = [
  {change: 'added', from: [], to: ['n']},
  {change: 'kept', from: ['a'], to: ['a']},
  {change: 'changed', from: ['b'], to: ['b']},
  {change: 'split', from: ['c'], to: ['c1', 'c2']},
  {change: 'merged', from: ['d', 'e'], to: ['de']},
  {change: 'removed', from: ['f'], to: []},
];
const SECOND = {clauses: AFTER, changelog: 'پس از بررسی نظرها', clause_map: MAP};

const amended = async () => {
  const draft = await desk.reviewed({clauses: BEFORE});
  return done(await desk.addVersion(draft.id, SECOND), 201);
};

test('createDraftVersion: while preparing needs no map, and clauses keep the ids that they are given', async () => {
  const draft = await desk.begun();
  const result = await desk.addVersion(draft.id, {clauses: [CLAUSES[1], {heading: 'ماده ۳', text: 'تازه'}]});
  const next = done(result, 201);
  assert.deepEqual([next.version, next.shown_version, next.state], [2, 2, 'preparing']);
  assert.equal(next.clauses[0].id, 'm2');
  assert.match(next.clauses[1].id, /^[0-9a-f]{12}$/);
  assert.equal(etagOf(result), '"2-preparing"');
  assert.deepEqual(done(await desk.get(draft.id, desk.expert)).clauses, next.clauses);
});

test('createDraftVersion: answers the draft, which has the address that it had', async () => {
  const {id} = await desk.begun();
  const result = await desk.addVersion(id, {clauses: CLAUSES});
  assert.equal(done(result, 201).id, id);
  assert.equal(result.response.headers.get('Location'), null);
});

test('createDraftVersion: while reviewing gives the next version with its map and changelog', async () => {
  const next = await amended();
  assert.deepEqual([next.version, next.shown_version, next.changelog, next.state],
    [2, 2, SECOND.changelog, 'reviewing']);
  const version = done(await getVersion(next.id, 2, desk.expert));
  assert.deepEqual([version.clauses, version.clause_map, version.frozen_at], [AFTER, MAP, null]);
});

const without = (change) => MAP.filter((entry) => entry.change !== change);
const instead = (change, entry) => MAP.map((old) => (old.change === change ? {...old, ...entry} : old));

const WRONG_MAPS = {
  'leaves out a clause of the old text': without('removed'),
  'leaves out a clause of the new text': without('added'),
  'names an old clause twice': [...MAP, {change: 'removed', from: ['a'], to: []}],
  'names a new clause twice': [...MAP, {change: 'added', from: [], to: ['n']}],
  'names a clause that there never was': instead('removed', {from: ['f', 'x']}),
  'calls kept what changed': instead('changed', {change: 'kept'}),
  'calls kept what became two': instead('split', {change: 'kept'}),
  'calls changed what became two': instead('split', {change: 'changed'}),
  'calls split what became one': instead('changed', {change: 'split'}),
  'calls merged what was one': instead('kept', {change: 'merged'}),
  'calls removed what is still there': instead('kept', {change: 'removed'}),
  'calls added what was there before': instead('kept', {change: 'added'}),
  'is empty': [],
};

test('createDraftVersion: a map must account for every clause, on both sides and truly', async (t) => {
  const draft = await desk.reviewed({clauses: BEFORE});
  for (const [how, clause_map] of Object.entries(WRONG_MAPS))
    await t.test(`createDraftVersion: refused when the map ${how}`, async () =>
      refused(await desk.addVersion(draft.id, {...SECOND, clause_map}), 422, 'clause_map_wrong'));
  refused(await desk.addVersion(draft.id, {clauses: AFTER}), 422, 'clause_map_needed');
  refused(await desk.addVersion(draft.id, {...SECOND, changelog: undefined}), 422, 'clause_map_needed');
  refused(await desk.addVersion(draft.id, {...SECOND, clause_map: undefined}), 422, 'clause_map_needed');
  refused(await desk.addVersion(draft.id, {...SECOND, clauses: [...AFTER, AFTER[0]]}), 422, 'duplicate_clause');
  faulty(await desk.addVersion(draft.id, {clauses: [], changelog: '', clause_map: [{change: 'lost', from: 'a'}]}),
    'body /clauses too_few_items', 'body /changelog too_short', 'body /clause_map/0/change not_allowed',
    'body /clause_map/0/from wrong_type', 'body /clause_map/0/to required');
  assert.equal(done(await desk.get(draft.id, desk.expert)).version, 1);
  done(await desk.addVersion(draft.id, SECOND), 201);
});

test('createDraftVersion: only while preparing or reviewing', async () => {
  const draft = await desk.opened();
  const problem = refused(await desk.addVersion(draft.id, {clauses: CLAUSES}), 409, 'state_conflict');
  assert.equal(problem.state, 'open');
  await desk.close(draft);
  assert.equal(refused(await desk.addVersion(draft.id, {clauses: CLAUSES}), 409, 'state_conflict').state, 'closed');
  const approved = await desk.approved();
  assert.equal(refused(await desk.addVersion(approved.id, {clauses: CLAUSES}), 409, 'state_conflict').state, 'approved');
});

test('createDraftVersion: needs the entity tag of the draft, and a key that may write', async () => {
  const {id} = await desk.begun();
  const body = {clauses: CLAUSES};
  refused(await desk.addVersion(id, body, {header: {}}), 428, 'precondition_required');
  refused(await desk.addVersion(id, body, {header: {'If-Match': '"9"'}}), 412, 'precondition_failed');
  refused(await desk.addVersion(id, body, {who: desk.anyone}), 401, 'unauthorized');
  refused(await desk.addVersion(id, body, {who: desk.moderator}), 403, 'forbidden');
  refused(await desk.addVersion(randomUUID(), body), 404, 'not_found');
  done(await desk.addVersion(id, body, {header: {'If-Match': await desk.tagOf(id)}}), 201);
});

test('createDraftVersion: repeated with its Idempotency-Key it makes one version', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '"1-preparing"', 'Idempotency-Key': randomUUID()};
  const first = await desk.addVersion(id, {clauses: [CLAUSES[0]]}, {header});
  const again = await desk.addVersion(id, {clauses: [CLAUSES[0]]}, {header});
  assert.deepEqual(done(again, 201), done(first, 201));
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await desk.addVersion(id, {clauses: [CLAUSES[1]]}, {header}), 422, 'idempotency_mismatch');
  assert.equal(done(await desk.get(id, desk.expert)).version, 2);
});

test('getDraftVersion: the public sees a version from its publication on, and it never changes again', async () => {
  const draft = await desk.opened({clauses: BEFORE});
  const first = await getVersion(draft.id, 1);
  assert.deepEqual(done(first).clauses, BEFORE);
  assert.equal(done(first).frozen_at, draft.published_at);
  assert.equal(etagOf(first), '"1-frozen"');

  await desk.close(draft);
  done(await desk.move(draft.id, {to: 'reviewing'}));
  done(await desk.addVersion(draft.id, SECOND), 201);
  refused(await getVersion(draft.id, 2), 404, 'not_found');
  refused(await diff(draft.id, 1, 2), 404, 'not_found');
  assert.deepEqual(done(await desk.get(draft.id)).clauses, BEFORE);
  assert.deepEqual(done(await desk.get(draft.id, desk.deputy)).clauses, AFTER);

  const again = done(await desk.move(draft.id, {to: 'published'}));
  const second = done(await getVersion(draft.id, 2));
  assert.deepEqual([second.clauses, second.clause_map, second.frozen_at], [AFTER, MAP, again.opens_at]);
  assert.deepEqual(done(await getVersion(draft.id, 1)), done(first));
  assert.deepEqual(done(await desk.get(draft.id)).clauses, AFTER);
});

test('getDraftVersion: of several versions in review only the approved one becomes public', async () => {
  const {id} = await amended();
  const kept = AFTER.map((entry) => ({change: 'kept', from: [entry.id], to: [entry.id]}));
  done(await desk.addVersion(id, {clauses: AFTER, changelog: 'بی‌تغییر', clause_map: kept}), 201);
  done(await desk.move(id, {to: 'approved'}, {who: desk.approver}));
  refused(await getVersion(id, 2), 404, 'not_found');
  assert.equal(done(await getVersion(id, 3)).changelog, 'بی‌تغییر');
  assert.equal(done(await desk.get(id)).shown_version, 3);
});

test('getDraftVersion: answers 304 to its tag; a version that there is not is not found', async () => {
  const {id} = await desk.opened();
  const {response} = await getVersion(id, 1, desk.anyone, {'If-None-Match': '"1-frozen"'});
  assert.equal(response.status, 304);
  for (const n of [0, 2, 10001, -1, 'x', '1.0', '01'])
    refused(await getVersion(id, n), 404, 'not_found');
  refused(await getVersion(randomUUID(), 1), 404, 'not_found');
  assert.equal(done(await getVersion(id, 1, desk.client)).n, 1);
});

test('diffDraft: tells of neighbours what their map says, in the order of the newer text', async () => {
  const {id} = await amended();
  const result = done(await diff(id, 1, 2, desk.expert));
  const texts = new Map([...BEFORE, ...AFTER].map((entry) => [entry, entry]));
  const pick = (list, names) => names.map((name) => [...texts.keys()].find((c) => c.id === name && list.includes(c)));
  assert.deepEqual(result, {draft_id: id, from: 1, to: 2, changes: MAP.map(({change, from, to}) =>
    ({change, before: pick(BEFORE, from), after: pick(AFTER, to)}))});
});

test('diffDraft: matches clauses by their ids where no map speaks of the two', async () => {
  const {id} = await amended();
  const changesOf = ({changes}) => changes.map(({change, before, after: now}) =>
    `${change} ${before.map((c) => c.id)}>${now.map((c) => c.id)}`).sort();
  assert.deepEqual(changesOf(done(await diff(id, 2, 1, desk.expert))), ['added >c', 'added >d', 'added >e', 'added >f',
    'changed b>b', 'kept a>a', 'removed c1>', 'removed c2>', 'removed de>', 'removed n>']);
  assert.deepEqual(changesOf(done(await diff(id, 1, 1))), BEFORE.map((c) => `kept ${c.id}>${c.id}`));
});

test('diffDraft: names every faulty parameter, and finds no version that there is not', async () => {
  const {id} = await desk.opened();
  const params = desk.at(id);
  faulty(await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/diff', {params}), 'query /from required',
    'query /to required');
  faulty(await diff(id, 0, 'two'), 'query /from too_small', 'query /to wrong_type');
  refused(await diff(id, 1, 2), 404, 'not_found');
  refused(await diff(randomUUID(), 1, 1), 404, 'not_found');
  assert.equal(done(await diff(id, 1, 1, desk.client)).from, 1);
});

test('createComment: belongs to the version that the author saw', async () => {
  const draft = await desk.opened({clauses: BEFORE});
  const first = await desk.filed(draft.id, {clause_id: 'f', text: newText()});
  await desk.close(draft);
  done(await desk.move(draft.id, {to: 'reviewing'}));
  done(await desk.addVersion(draft.id, SECOND), 201);
  done(await desk.move(draft.id, {to: 'published'}));
  const second = await desk.filed(draft.id, {clause_id: 'n'});
  refused(await desk.comment(draft.id, {text: newText(), clause_id: 'f'}), 422, 'unknown_clause');
  const {items} = done(await desk.published(draft.id));
  assert.deepEqual(items.map((item) => [item.id, item.draft_version, item.clause_id]),
    [[second.id, 2, 'n'], [first.id, 1, 'f']]);
});
