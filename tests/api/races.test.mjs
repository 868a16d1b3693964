// Two servers on one database, and people who press the button twice: whatever comes at once happens as if it had come
// one after the other.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {clientOf, done, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, newDraft, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
const second = await house.startServer({worker: 'off'});
after(() => house.stop());
const desk = await deskOf(house);
const twins = {};
for (const role of ['expert', 'head', 'moderator']) {
  const {key} = await house.key(role);
  twins[role] = [clientOf(house.server.url, key), clientOf(second.url, key)];
}
const citizens = [house.anyone, clientOf(second.url)];

const count = async (sql, ...params) => Number((await house.query(`SELECT count(*) ${sql}`, params))[0].count);
// The same request `times` times at once, half of them to each server.
const atOnce = (clients, times, call) => Promise.all(Array.from({length: times}, (_, i) => call(clients[i % 2], i)));
const isReplayed = ({response}) => response.headers.get('Idempotent-Replayed') === 'true';

// All were answered alike, and one of them did it.
function assertOnce(results, status) {
  const bodies = results.map((result) => JSON.stringify(done(result, status)));
  assert.equal(new Set(bodies).size, 1);
  assert.equal(results.filter((result) => !isReplayed(result)).length, 1);
}

test('createComment: one key on two servers at once makes one comment', async () => {
  const {id} = await desk.opened();
  const header = {'Idempotency-Key': randomUUID()};
  const body = {text: newText()};
  assertOnce(await atOnce(citizens, 20, (who) => desk.comment(id, body, {who, header})), 201);
  assert.equal(await count('FROM comment WHERE draft_id = $1', id), 1);
});

test('createDraft: one key on two servers at once makes one draft', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const title = `عنوان ${randomUUID()}`;
  assertOnce(await atOnce(twins.expert, 20, (who) => desk.create(newDraft({title}), {who, header})), 201);
  assert.equal(await count('FROM draft WHERE title = $1', title), 1);
});

test('transitionDraft: one key on two servers at once moves once', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '"1-preparing"', 'Idempotency-Key': randomUUID()};
  assertOnce(await atOnce(twins.head, 10, (who) => desk.move(id, {to: 'published'}, {who, header})), 200);
  assert.equal(await count("FROM event WHERE subject_id = $1 AND kind = 'draft.published'", id), 1);
});

test('createDraftVersion: one key on two servers at once makes one version', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '*', 'Idempotency-Key': randomUUID()};
  assertOnce(await atOnce(twins.expert, 10, (who) => desk.addVersion(id, {clauses: CLAUSES}, {who, header})), 201);
  assert.equal(await count('FROM draft_version WHERE draft_id = $1', id), 2);
});

test('transitionComment: one key on two servers at once decides once', async () => {
  const {id} = await desk.pending((await desk.opened()).id);
  const header = {'If-Match': '*', 'Idempotency-Key': randomUUID()};
  assertOnce(await atOnce(twins.moderator, 10, (who) => desk.moderate(id, {to: 'published'}, {who, header})), 200);
});

const byCode = (target) => (who, code, key, body) => who.POST(target,
  {params: {header: {'Tracking-Code': code, 'Idempotency-Key': key}}, body});
const object = byCode('/v1/track/objection');
const withdraw = byCode('/v1/track/withdraw');

test('objectTracked: one key on two servers at once objects once', async () => {
  const {id, tracking_code: code} = await desk.pending((await desk.opened()).id);
  done(await desk.moderate(id, {to: 'rejected', reason_code: 'insult', reason: 'توهین'}));
  assertOnce(await atOnce(citizens, 10, (who) => object(who, code, 'one-key-for-them-all', {text: 'توهین نبود'})), 200);
  assert.equal(await count("FROM event WHERE subject_id = $1 AND kind = 'comment.objected'", id), 1);
});

test('withdrawTracked: one key on two servers at once withdraws once', async () => {
  const {id, tracking_code: code} = await desk.pending((await desk.opened()).id);
  const results = await atOnce(citizens, 10, (who) => withdraw(who, code, 'one-key-for-them-all'));
  for (const result of results) assert.equal(done(result).state, 'withdrawn');
  assert.equal(await count("FROM event WHERE subject_id = $1 AND kind = 'comment.withdrawn'", id), 1);
});

test('transitionDraft: of several heads who publish at once one does, and the others learn that it is done', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '"1-preparing"'};
  const results = await atOnce(twins.head, 10, (who) => desk.move(id, {to: 'published'}, {who, header}));
  assert.equal(results.filter(({response}) => response.status === 200).length, 1);
  for (const result of results.filter(({response}) => response.status !== 200))
    refused(result, 412, 'precondition_failed');
  assert.equal(done(await desk.get(id)).round, 1);
});

test('createDraftVersion: of several writers at once each gets a version of his own or is refused', async () => {
  const {id} = await desk.begun();
  const results = await atOnce(twins.expert, 10, (who) => desk.addVersion(id, {clauses: CLAUSES}, {who}));
  const made = results.filter(({response}) => response.status === 201).map(({data}) => data.version);
  for (const result of results.filter(({response}) => response.status !== 201)) refused(result, 503, 'busy');
  assert.equal(new Set(made).size, made.length);
  assert.deepEqual(made.sort((a, b) => a - b), made.map((_, i) => i + 2));
});

test('changeDraft: a patch that meets a new version changes that one, and is never lost', async () => {
  for (let round = 0; round < 5; round++) {
    const {id} = await desk.begun();
    const clauses = [{id: 'p', heading: 'ماده ۱', text: `دور ${round}`}];
    const [version, patch] = await Promise.all([
      desk.addVersion(id, {clauses: CLAUSES}, {who: twins.expert[0]}),
      desk.patch(id, {clauses}, {who: twins.expert[1]})]);
    done(version, 201);
    done(patch);
    const texts = await house.query("SELECT clauses FROM draft_version WHERE draft_id = $1 ORDER BY n", [id]);
    assert.equal(texts.filter((row) => JSON.stringify(row.clauses).includes(`دور ${round}`)).length, 1);
    assert.deepEqual(done(await desk.get(id, desk.expert)).version, 2);
  }
});

test('createComment: none slips in behind the withdrawal of its draft', async () => {
  for (let round = 0; round < 5; round++) {
    const {id} = await desk.opened();
    const texts = Array.from({length: 30}, newText);
    const filing = atOnce(citizens, texts.length, (who, i) => desk.comment(id, {text: texts[i]}, {who}));
    const withdrawal = desk.move(id, {to: 'withdrawn', reason: 'بازنویسی'}, {who: twins.head[1]});
    const results = await filing;
    done(await withdrawal);
    const filed = results.filter(({response}) => response.status === 201);
    for (const result of results.filter((one) => !filed.includes(one)))
      refused(result, 409, 'state_conflict', {state: 'withdrawn'});
    assert.equal(await count('FROM comment WHERE draft_id = $1', id), filed.length);
    refused(await desk.comment(id, {text: newText()}), 409, 'state_conflict');
  }
});
