// Drafts: beginning, amending and reading them. The way on is in windows.test.mjs and transitions.test.mjs, lists
// in draft_lists.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {done, etagOf, faulty, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, later, newDraft} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const rowCount = async () => Number((await house.query('SELECT count(*) FROM draft'))[0].count);

test('createDraft: begins a draft in preparation, and tells where it is', async () => {
  const result = await desk.create(newDraft({clauses: [{heading: 'ماده ۱', text: 'متن یکم'}, CLAUSES[1]]}));
  const draft = done(result, 201);
  const {id, number, created_at: at, clauses, ...rest} = draft;
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.match(number, /^1[45]\d\d-\d{7}$/);
  assert.ok(Math.abs(new Date(at) - Date.now()) < 5000, at);
  assert.match(clauses[0].id, /^[0-9a-f]{12}$/);
  assert.deepEqual(clauses.map(({heading, text}) => [heading, text]), [['ماده ۱', 'متن یکم'],
    [CLAUSES[1].heading, CLAUSES[1].text]]);
  assert.equal(clauses[1].id, 'm2');
  assert.deepEqual(rest, {
    kind: 'directive', title: newDraft().title, summary: newDraft().summary, state: 'preparing', round: 0, version: 1,
    opens_at: null, opens_on_jalali: null, closes_at: null, closes_on_jalali: null, promised: null, accepts_late: false,
    updated_at: at, published_at: null, published_on_jalali: null, approved_at: null, issued_at: null,
    issued_on_jalali: null, exemption: null, withdrawal: null, promulgation: null, sent: null, shown_version: 1,
    changelog: null, allowed_transitions: [],
  });
  assert.equal(etagOf(result), '"1-preparing"');
  assert.equal(result.response.headers.get('Location'), `/v1/orgs/isfahan/drafts/${id}`);
  assert.equal(result.response.headers.get('Cache-Control'), 'no-store');
  assert.deepEqual(done(await desk.get(id, desk.expert)), draft);
});

test('createDraft: every fault of the body is told at once, and nothing is kept', async () => {
  const before = await rowCount();
  faulty(await desk.create({}), 'body /kind required', 'body /title required', 'body /summary required',
    'body /clauses required');
  faulty(await desk.create({kind: 'decree', title: '', summary: 7, accepts_late: 'no', clauses: [], note: 'x'}),
    'body /kind not_allowed', 'body /title too_short', 'body /summary wrong_type', 'body /accepts_late wrong_type',
    'body /clauses too_few_items', 'body /note unknown_member');
  faulty(await desk.create(newDraft({title: 'ا'.repeat(301), summary: 'متن \u202e پنهان',
    clauses: [{heading: '', text: 'x'}, {id: 'با فاصله', heading: 'h', text: 'x'.repeat(20001), extra: 1}]})),
  'body /title too_long', 'body /summary control_character', 'body /clauses/0/heading too_short',
  'body /clauses/1/id wrong_pattern', 'body /clauses/1/text too_long', 'body /clauses/1/extra unknown_member');
  refused(await desk.create(newDraft({clauses: [CLAUSES[0], CLAUSES[0]]})), 422, 'duplicate_clause');
  assert.equal(await rowCount(), before);
});

test('createDraft: lengths count characters, not bytes', async () => {
  done(await desk.create(newDraft({title: '‌آ'.repeat(150), summary: '😀'.repeat(4000)})), 201);
});

test('createDraft: texts are kept in NFC', async () => {
  const {id} = await desk.begun({title: 'آیین‌نامه'});
  assert.equal(done(await desk.get(id, desk.expert)).title, 'آیین‌نامه');
});

test('createDraft: needs a key, and one that may write drafts', async () => {
  const before = await rowCount();
  refused(await desk.create(newDraft(), {who: desk.anyone}), 401, 'unauthorized');
  for (const who of [desk.moderator, desk.approver, desk.office, desk.client])
    refused(await desk.create(newDraft(), {who}), 403, 'forbidden');
  refused(await desk.create(newDraft(), {who: await house.client('expert', 'semnan')}), 403, 'forbidden');
  assert.equal(await rowCount(), before);
});

test('createDraft: repeated with its Idempotency-Key it gives the same draft, once', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const before = await rowCount();
  const first = await desk.create(newDraft(), {header});
  const again = await desk.create(newDraft(), {header});
  assert.deepEqual(done(again, 201), done(first, 201));
  assert.equal(first.response.headers.get('Idempotent-Replayed'), null);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  assert.equal(again.response.headers.get('Location'), first.response.headers.get('Location'));
  refused(await desk.create(newDraft({title: 'دیگر'}), {header}), 422, 'idempotency_mismatch');
  done(await desk.create(newDraft(), {who: desk.head, header}), 201); // another caller's key is another key
  assert.equal(await rowCount(), before + 2);
});

test('getDraft: is private while preparing, in every address below it', async () => {
  const {id} = await desk.begun();
  const params = desk.at(id);
  const closed = [
    await desk.get(id),
    await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/versions/{n}', {params: desk.at(id, {n: 1})}),
    await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/diff', {params: {...params, query: {from: 1, to: 1}}}),
    await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/summary', {params}),
    await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/outcome', {params}),
    await desk.published(id),
    await desk.comment(id, {text: 'نظر زودهنگام'}),
  ];
  for (const result of closed) refused(result, 404, 'not_found');
  const events = await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/events', {params});
  refused(events, 404, 'not_found');
  assert.equal(done(await desk.get(id, desk.moderator)).state, 'preparing');
  refused(await desk.get(id, desk.client), 404, 'not_found');
});

test('getDraft: is found under its own organisation only, and never under a wrong id', async () => {
  const {id} = await desk.opened();
  const other = await deskOf(house, 'semnan');
  done(await desk.get(id));
  refused(await other.get(id), 404, 'not_found');
  refused(await other.get(id, other.admin), 404, 'not_found');
  assert.equal(done(await desk.get(id, other.head)).allowed_transitions, null);
  refused(await desk.get(randomUUID()), 404, 'not_found');
  refused(await desk.get('1'), 404, 'not_found');
});

test('getDraft: the public sees the text but no transitions, staff those that they may make', async () => {
  const {id} = await desk.opened();
  const shown = done(await desk.get(id));
  assert.deepEqual([shown.state, shown.allowed_transitions, shown.clauses], ['open', null, CLAUSES]);
  assert.deepEqual(done(await desk.get(id, desk.head)).allowed_transitions, ['published', 'reviewing', 'withdrawn']);
  assert.deepEqual(done(await desk.get(id, desk.deputy)).allowed_transitions, []);
});

test('getDraft: answers 304 to its own entity tag, and a new body once it changed', async () => {
  const {id} = await desk.opened();
  for (const who of [desk.anyone, desk.head]) {
    const tag = etagOf(await desk.get(id, who));
    assert.equal(tag, '"2-open"');
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const {response} = await desk.get(id, who, {'If-None-Match': known});
      assert.deepEqual([response.status, etagOf({response}), await response.clone().text()], [304, tag, ''], known);
    }
    done(await desk.get(id, who, {'If-None-Match': '"1-open"'}));
  }
  const end = later(done(await desk.get(id)).closes_at, 1);
  done(await desk.move(id, {to: 'published', closes_at: end, reason: 'درخواست انجمن‌ها'}));
  const fresh = await desk.get(id, desk.anyone, {'If-None-Match': '"2-open"'});
  assert.equal(new Date(done(fresh).closes_at).toISOString(), end);
  assert.equal(etagOf(fresh), '"3-open"');
});

test('changeDraft: changes what the patch names and nothing else', async () => {
  const draft = await desk.begun();
  const changed = done(await desk.patch(draft.id, {title: 'عنوان تازه', accepts_late: true},
    {header: {'If-Match': '"1-preparing"'}}));
  assert.deepEqual(changed, {...draft, title: 'عنوان تازه', accepts_late: true, updated_at: changed.updated_at});
  assert.ok(changed.updated_at > draft.updated_at);

  const clauses = [{id: 'm1', heading: 'ماده ۱', text: 'دیگر'}];
  const result = await desk.patch(draft.id, {kind: 'bill', clauses});
  assert.deepEqual(done(result).clauses, clauses);
  assert.equal(etagOf(result), '"3-preparing"');
  assert.deepEqual(done(await desk.get(draft.id, desk.expert)),
    {...done(result), allowed_transitions: []});
  assert.equal(done(await desk.patch(draft.id, {})).kind, 'bill');
});

test('changeDraft: needs the entity tag that it changes', async () => {
  const {id} = await desk.begun();
  refused(await desk.patch(id, {title: 'x'}, {header: {}}), 428, 'precondition_required');
  for (const tag of ['"2-preparing"', '"0"', 'W/"1-preparing"', '1', '"abc"', '"1"x'])
    refused(await desk.patch(id, {title: 'x'}, {header: {'If-Match': tag}}), 412, 'precondition_failed');
  assert.equal(done(await desk.get(id, desk.expert)).title, newDraft().title);
  done(await desk.patch(id, {title: 'یکم'}, {header: {'If-Match': await desk.tagOf(id)}}));
  refused(await desk.patch(id, {title: 'دوم'}, {header: {'If-Match': '"1-preparing"'}}), 412, 'precondition_failed');
});

test('changeDraft: of two writers at once one wins and the other learns of it', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': await desk.tagOf(id)};
  const results = await Promise.all(['الف', 'ب', 'پ', 'ت'].map((title) => desk.patch(id, {title}, {header})));
  const winners = results.filter(({response}) => response.status === 200);
  assert.equal(winners.length, 1);
  for (const loser of results.filter((result) => !winners.includes(result)))
    refused(loser, 412, 'precondition_failed');
  assert.equal(done(await desk.get(id, desk.expert)).title, winners[0].data.title);
});

test('changeDraft: a patch with faults changes nothing', async () => {
  const {id} = await desk.begun();
  faulty(await desk.patch(id, {title: null, state: 'published', clauses: [{text: 'x'}]}),
    'body /title wrong_type', 'body /state unknown_member', 'body /clauses/0/heading required');
  refused(await desk.patch(id, {clauses: [CLAUSES[0], CLAUSES[0]]}), 422, 'duplicate_clause');
  const wrongType = await desk.expert.PATCH('/v1/orgs/{org}/drafts/{id}',
    {params: {...desk.at(id), header: {'If-Match': '*'}}, body: {title: 'x'}});
  refused(wrongType, 415, 'unsupported_media_type', {expected: 'application/merge-patch+json'});
  assert.equal(await desk.tagOf(id), '"1-preparing"');
});

test('changeDraft: a published draft no longer changes', async () => {
  const {id} = await desk.opened();
  refused(await desk.patch(id, {title: 'پنهانی'}), 409, 'version_frozen');
  assert.equal(done(await desk.get(id)).title, newDraft().title);
});

test('changeDraft: needs a key that may write drafts here', async () => {
  const {id} = await desk.begun();
  refused(await desk.patch(id, {title: 'x'}, {who: desk.anyone}), 401, 'unauthorized');
  refused(await desk.patch(id, {title: 'x'}, {who: desk.moderator}), 403, 'forbidden');
  refused(await desk.patch(randomUUID(), {title: 'x'}), 404, 'not_found');
  done(await desk.patch(id, {title: 'از رئیس'}, {who: desk.head}));
});
