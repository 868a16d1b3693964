// Retries: the same request with the same Idempotency-Key happens once and is answered alike.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {done, faulty, refused} from '../lib/client.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf, token} from '../lib/poll.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const commentCount = async (id) =>
  Number((await house.query('SELECT count(*) FROM comment WHERE draft_id = $1', [id]))[0].count);
const isReplayed = ({headers}) => headers.get('Idempotent-Replayed');

// Bytes matter here, so this goes past the client.
async function postComment(id, body, key, headers = {}) {
  const response = await fetch(`${house.server.url}/v1/orgs/isfahan/drafts/${id}/comments`, {method: 'POST', body,
    headers: {'Content-Type': 'application/json', 'Idempotency-Key': key, ...headers}});
  return {status: response.status, headers: response.headers, text: await response.text()};
}

test('createComment: the same key and body give the same answer, byte for byte', async () => {
  const {id} = await desk.opened();
  const body = JSON.stringify({text: newText(), position: 'for'});
  const key = randomUUID();
  const first = await postComment(id, body, key);
  const again = await postComment(id, body, key);
  assert.deepEqual([first.status, again.status, again.text], [201, 201, first.text]);
  assert.deepEqual([isReplayed(first), isReplayed(again)], [null, 'true']);
  assert.equal(await commentCount(id), 1);
});

test('createComment: the answer to a retry does not change when the comment, the draft and the day do', async () => {
  const draft = await desk.opened();
  const body = JSON.stringify({text: newText()});
  const first = await postComment(draft.id, body, 'retry-of-a-comment-1');
  done(await desk.moderate(JSON.parse(first.text).id, {to: 'published'}));
  await desk.close(draft);
  done(await desk.move(draft.id, {to: 'withdrawn', reason: 'دیگر لازم نیست'}));
  const again = await postComment(draft.id, body, 'retry-of-a-comment-1');
  assert.deepEqual([again.status, again.text, isReplayed(again)], [201, first.text, 'true']);
});

test('createComment: another request with the same key is refused', async () => {
  const {id} = await desk.opened();
  const key = randomUUID();
  const header = {'Idempotency-Key': key};
  done(await desk.comment(id, {text: 'نظر یکم'}, {header}), 201);
  refused(await desk.comment(id, {text: 'نظر دوم'}, {header}), 422, 'idempotency_mismatch');
  refused(await desk.comment(id, {text: 'نظر یکم', position: 'for'}, {header}), 422, 'idempotency_mismatch');
  assert.equal(await commentCount(id), 1);
});

test('createComment: the key counts for one draft and one caller', async () => {
  const [one, two] = [await desk.opened(), await desk.opened()];
  const header = {'Idempotency-Key': randomUUID()};
  const receipts = [await desk.comment(one.id, {text: 'همان'}, {header}), await desk.comment(two.id, {text: 'همان'}, {header}),
    await desk.comment(one.id, {text: 'همان'}, {header, who: desk.client})].map((result) => done(result, 201));
  assert.equal(new Set(receipts.map((receipt) => receipt.id)).size, 3);
  assert.equal(new Set(receipts.map((receipt) => receipt.tracking_code)).size, 3);
});

test('answerSurvey, rateService: two people who send the same key and body do two things', async () => {
  const poll = await pollOf(house);
  const key = {'Idempotency-Key': randomUUID()};
  for (const anonymised of [false, true]) {
    const {id} = await poll.running({anonymised});
    const answers = [];
    for (let i = 0; i < 3; i++)
      answers.push(await poll.answer(id, {agree: 'yes'}, {'Device-Token': token(), ...key}));
    for (const answer of answers) assert.deepEqual([done(answer, 201).version, isReplayed(answer.response)], [1, null]);
    const [{count}] = await house.query('SELECT count(*)::int FROM survey_response WHERE survey_id = $1', [id]);
    assert.equal(count, 3);
  }
  const links = await poll.running({mode: 'link'});
  const {tokens} = done(await poll.links(links.id, 2), 201);
  for (const one of tokens) {
    const header = {'Survey-Token': one, ...key};
    const [first, again] = [await poll.answer(links.id, {agree: 'no'}, header), await poll.answer(links.id, {agree: 'no'}, header)];
    assert.deepEqual([done(first, 201), isReplayed(first.response)], [done(again, 201), null]);
    assert.equal(isReplayed(again.response), 'true');
  }

  done(await poll.admin.POST('/v1/orgs/{org}/services', {params: {path: {org: 'isfahan'}},
    body: {code: 'twice', title_fa: 'خدمت'}}), 201);
  const rated = [];
  for (let i = 0; i < 2; i++)
    rated.push(done(await house.anyone.POST('/v1/orgs/{org}/services/{code}/ratings',
      {params: {path: {org: 'isfahan', code: 'twice'}, header: {'Device-Token': token(), ...key}}, body: {rating: 4}}), 201));
  assert.notEqual(rated[0].id, rated[1].id);
});

test('createComment: twenty at once with one key make one comment', async () => {
  const {id} = await desk.opened();
  const body = JSON.stringify({text: newText()});
  const results = await Promise.all(Array.from({length: 20}, () => postComment(id, body, 'twenty-of-them-at-once')));
  assert.deepEqual([...new Set(results.map((result) => result.status))], [201]);
  assert.equal(new Set(results.map((result) => result.text)).size, 1);
  assert.equal(results.filter((result) => isReplayed(result) === null).length, 1);
  assert.equal(await commentCount(id), 1);
  assert.equal(Number((await house.query("SELECT count(*) FROM event WHERE kind = 'comment.received' AND subject_id = $1",
    [JSON.parse(results[0].text).id]))[0].count), 1);
});

test('createComment: without a key every request is a new one', async () => {
  const {id} = await desk.opened();
  const text = newText();
  await desk.pending(id, {text});
  await desk.pending(id, {text});
  assert.equal(await commentCount(id), 2);
});

test('createComment: a key is 16 to 128 visible characters', async () => {
  const {id} = await desk.opened();
  for (const key of ['a'.repeat(16), '~'.repeat(128), 'a%41'.repeat(4)]) done(await desk.comment(id, {text: newText()},
    {header: {'Idempotency-Key': key}}), 201);
  faulty(await desk.comment(id, {text: newText()}, {header: {'Idempotency-Key': 'x'.repeat(15)}}),
    'header /Idempotency-Key too_short');
  faulty(await desk.comment(id, {text: newText()}, {header: {'Idempotency-Key': 'x'.repeat(129)}}),
    'header /Idempotency-Key too_long');
  faulty(await desk.comment(id, {text: newText()}, {header: {'Idempotency-Key': 'a b of visible characters'}}),
    'header /Idempotency-Key wrong_pattern');
});

test('createComment: a refusal is not remembered', async () => {
  const draft = await desk.opened();
  const header = {'Idempotency-Key': randomUUID()};
  refused(await desk.comment(draft.id, {text: 'نظر', clause_id: 'zz'}, {header}), 422, 'unknown_clause');
  done(await desk.comment(draft.id, {text: 'نظر', clause_id: 'm1'}, {header}), 201);
});

test('transitionDraft: a retried move is answered like the first, though its entity tag is old', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '"1-preparing"', 'Idempotency-Key': randomUUID()};
  const first = await desk.move(id, {to: 'published'}, {header});
  const again = await desk.move(id, {to: 'published'}, {header});
  assert.deepEqual(done(again), done(first));
  assert.equal(isReplayed(again.response), 'true');
  refused(await desk.move(id, {to: 'withdrawn', reason: 'چرا نه'}, {header}), 422, 'idempotency_mismatch');
  refused(await desk.move(id, {to: 'published'}, {header: {...header, 'Idempotency-Key': randomUUID()}}), 412,
    'precondition_failed');
  assert.equal(done(await desk.get(id)).round, 1);
});

test('transitionDraft: ten equal moves at once happen once', async () => {
  const {id} = await desk.begun();
  const header = {'If-Match': '"1-preparing"', 'Idempotency-Key': randomUUID()};
  const results = await Promise.all(Array.from({length: 10}, () => desk.move(id, {to: 'published'}, {header})));
  const bodies = results.map((result) => JSON.stringify(done(result)));
  assert.equal(new Set(bodies).size, 1);
  assert.equal(results.filter(({response}) => isReplayed(response) === null).length, 1);
});

test('transitionComment: a retried move is answered like the first', async () => {
  const {id} = await desk.opened();
  const {id: comment} = await desk.pending(id);
  const header = {'If-Match': '"1"', 'Idempotency-Key': randomUUID()};
  const body = {to: 'rejected', reason_code: 'insult', reason: 'توهین'};
  const first = await desk.moderate(comment, body, {header});
  const again = await desk.moderate(comment, body, {header});
  assert.deepEqual(done(again), done(first));
  assert.equal(isReplayed(again.response), 'true');
  refused(await desk.moderate(comment, {to: 'published'}, {header}), 422, 'idempotency_mismatch');
});
