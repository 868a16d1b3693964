// Several loops in one process: what they share (compiled surveys, the keys of the identity provider, files, the cache,
// the registry) is right while all of them use it and it changes under their hands. Built for ThreadSanitizer
// (preset tsan), this is where it has something to look at.
import assert from 'node:assert/strict';
import {createHash, randomBytes} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {clientOf, done} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf} from '../lib/poll.mjs';
import {newKey, startProvider} from '../lib/provider.mjs';
import {until} from '../lib/server.mjs';

const provider = await startProvider([newKey('ES256')]);
const settings = {loops: 4, transfers: 200, exports_max: 20, identity_issuer: provider.issuer, identity_refresh: '1s'};
const house = await startHouse({settings});
after(async () => {
  await house.stop();
  await provider.stop();
});
const desk = await deskOf(house);
const poll = await pollOf(house);

const times = (n, work) => Promise.all(Array.from({length: n}, (_, i) => work(i)));
const base = `${house.server.url}/v1/orgs/isfahan`;
const statusOf = (target, options) => fetch(target, options).then(async (answer) => {
  await answer.arrayBuffer();
  return answer.status;
});

// Again and again, until it is told to stop; gives what came of it.
function meanwhile(work) {
  let isOver = false;
  const running = (async () => {
    const results = [];
    while (!isOver) results.push(await work(results.length));
    return results;
  })();
  return () => {
    isOver = true;
    return running;
  };
}

test('more surveys than are kept at hand, all answered at once: each answer is held against its own questions', async () => {
  const surveys = await times(80, (i) => poll.running({questions: [
    {id: `q${i}`, type: 'rating', title_fa: 'رضایت', min: 1, max: 5, required: true}]}));
  const votes = await Promise.all(surveys.flatMap(({id}, i) => [3, 6].flatMap((stars) =>
    [i, (i + 1) % surveys.length].map(async (q) =>
      [stars, q === i, (await poll.vote(id, {[`q${q}`]: stars})).response.status]))));
  for (const [stars, isIts, status] of votes) assert.equal(status, isIts && stars === 3 ? 201 : 422);
  const [{answers}] = await house.query('SELECT count(*)::int AS answers FROM survey_response WHERE survey_id = ANY ($1)',
    [surveys.map(({id}) => id)]);
  assert.equal(answers, surveys.length);
});

test('the same files many times at once: each is taken whole, and kept once', async () => {
  const files = Array.from({length: 8}, () => Buffer.concat([SAMPLES['application/pdf'].bytes, randomBytes(50000)]));
  const uploaded = await times(64, async (i) => {
    const answer = await fetch(`${base}/attachments`, {method: 'POST', body: files[i % files.length],
      headers: {'Content-Type': 'application/octet-stream'}});
    assert.equal(answer.status, 201);
    return (await answer.json()).sha256;
  });
  const wanted = files.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  uploaded.forEach((sha256, i) => assert.equal(sha256, wanted[i % files.length]));
  const folder = path.join(house.settings.state_dir, 'attachments');
  for (const [i, sha256] of wanted.entries())
    assert.deepEqual(fs.readFileSync(path.join(folder, sha256.slice(0, 2), sha256.slice(2))), files[i]);
  assert.equal(await house.server.metric('transfers'), 0);
});

test('what one loop writes, no other shows otherwise from then on', async () => {
  const {id} = await desk.opened();
  for (let round = 1; round <= 20; round++) {
    await desk.filed(id);
    const lists = await times(8, () => desk.published(id));
    for (const list of lists) assert.equal(done(list).items.length, round);
  }
});

test('keys, policy and cache change while everybody is served', async () => {
  const [old, token] = [await provider.signIn('zahra'), () => provider.signIn('zahra')];
  const asked = (bearer) => clientOf(house.server.url, bearer).GET('/v1/orgs/{org}/drafts', {params: {path: {org: 'isfahan'}}});
  const isLetIn = async (bearer) => (await asked(bearer)).response.status === 200;
  await until('the first keys', () => isLetIn(old));
  const signedIn = meanwhile(() => times(8, async () => (await asked(old)).response.status));
  const strategies = meanwhile(() => times(8, () => statusOf(`${base}/strategy`)));
  const figures = meanwhile(() => statusOf(`${house.server.adminUrl}/metrics`));
  const tables = meanwhile(() => times(4, () => statusOf(`${base}/export/drafts.csv`)));
  const changes = meanwhile(() => house.query("SELECT pg_notify('mosharekat_policy', 'isfahan'), pg_sleep(0.02)"));
  for (let round = 0; round < 3; round++) {
    provider.use([newKey('ES256')]);
    const fresh = await token();
    await until('the new keys', () => isLetIn(fresh));
  }
  await changes();
  for (const stop of [strategies, figures, tables]) assert.ok((await stop()).flat().every((status) => status === 200));
  const rounds = await signedIn();
  const change = rounds.findIndex((round) => round.includes(401)); // may come in the midst of a round
  assert.ok(change >= 0);
  for (const status of rounds.slice(0, change).flat()) assert.equal(status, 200);
  for (const status of rounds.slice(change + 1).flat()) assert.equal(status, 401, 'keys that are gone do not come back');
});

test('told to stop in the midst of it, all loops finish what they accepted', async () => {
  const server = await house.startServer(settings);
  const {id} = await poll.running();
  const votes = meanwhile(() => times(8, () => poll.vote(id, {agree: 'yes'}, {who: clientOf(server.url)})
    .then(({response}) => response.status, () => 0)));
  const files = meanwhile(() => times(4, () => statusOf(`${server.url}/v1/orgs/isfahan/attachments`, {method: 'POST',
    body: Buffer.concat([SAMPLES['application/pdf'].bytes, randomBytes(2000)]),
    headers: {'Content-Type': 'application/octet-stream'}}).catch(() => 0)));
  await until('some to be taken', async () => (await house.query(
    'SELECT FROM survey_response WHERE survey_id = $1', [id])).length > 50);
  await server.stop();
  const [statuses, kept] = [(await votes()).flat(), (await files()).flat()];
  assert.deepEqual([...new Set([...statuses, ...kept])].sort(), [0, 201]);
  const [{answers}] = await house.query('SELECT count(*)::int AS answers FROM survey_response WHERE survey_id = $1', [id]);
  assert.equal(answers, statuses.filter((status) => status === 201).length);
});
