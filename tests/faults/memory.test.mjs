// Nothing piles up: after many thousand requests, good and bad, memory and descriptors are what they were.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {after, test} from 'node:test';
import {newText} from '../lib/desk.mjs';
import {Raw, ask, chunked, requestText} from '../lib/raw.mjs';
import {until} from '../lib/server.mjs';
import {groundOf} from './ground.mjs';

// The sanitizer keeps freed memory for a while; here it must not, or it would be measured.
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64`;

const ROUNDS = 3;
const CONNECTIONS = 25;
const SEQUENCES = 10; // of a connection in one round
const MIB = 1024;
const GROWTH_MAX_MIB = 12;
const PROBES = 2; // connections of this test to the admin listener, at most

const ground = await groundOf({
  settings: {cache_max: '1M', idle_timeout: '500ms', header_timeout: '500ms', body_timeout: '500ms'},
});
after(() => ground.house.stop());
const {house, port} = ground;
const {pid} = house.server;

const JSON_TYPE = 'Content-Type: application/json';
const post = (body, headers = [JSON_TYPE]) => requestText('POST', ground.comments, {headers, body});
const get = (target, headers = []) => requestText('GET', target, {headers});

const inChunks = (body) => Buffer.concat([
  Buffer.from(requestText('POST', ground.comments, {headers: [JSON_TYPE, 'Transfer-Encoding: chunked']})),
  chunked(body, 20)]);

// [request, status]: what one connection sends again and again.
const sequence = (i) => [
  [get('/v1/orgs/isfahan'), 200], [get(ground.path), 200], [get(`${ground.comments}?limit=${1 + (i % 100)}`), 200],
  [get(`/v1/orgs/isfahan/drafts?q=${i}`), 200], [get('/v1/orgs/isfahan/strategy'), 200], [get('/v1/problems'), 200],
  [post(JSON.stringify({text: newText()})), 201], [post(`{"text":"${'x'.repeat(i % 3)}"}`), 422],
  [inChunks(JSON.stringify({text: newText()})), 201], [post('{"text":'), 400], [post('['.repeat(5000)), 400],
  [post('{"a":1}', ['Content-Type: text/plain']), 415], [get(`/v1/nothing/${i}`), 404],
  [post(JSON.stringify(Object.fromEntries(Array.from({length: 50}, (_, m) => [`m${m}`, m])))), 422],
  [requestText('DELETE', '/v1/orgs'), 405], [requestText('POST', '/v1/orgs/isfahan/drafts', {body: '{}'}), 401],
  [get('/v1/orgs/isfahan/comments', [`Authorization: Bearer wrong-${i}`]), 401],
  [get(`${ground.comments}?cursor=x${i}`), 400],
  [get('/v1/track', ['Tracking-Code: 1234-5678-9012-3456-7890']), 404], [get(`${ground.path}/summary`), 200],
];

// And what ends a connection.
const ends = [get('/v1//orgs'), post('x'.repeat(300000)), 'GET /v1/or', post('{"text":"abc"}').slice(0, -4),
  get('/v1/orgs'), `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20000)}\r\n\r\n`];

async function client(round, number) {
  const connection = await Raw.open(port);
  let count = 0;
  for (let i = 0; i < SEQUENCES; i++)
    for (const [request, status] of sequence(round * 1000 + number * SEQUENCES + i)) {
      const answer = await connection.send(request).answer();
      assert.equal(answer?.status, status, `${request.toString().slice(0, 100)} ${answer?.body.slice(0, 300)}`);
      count++;
    }
  connection.send(ends[number % ends.length]);
  if (number % 2) connection.socket.resetAndDestroy();
  else connection.destroy();
  return count;
}

async function figures() {
  await until('the connections to be forgotten', async () => (await house.server.metric('connections')) === 0);
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return {rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / MIB, fds: fs.readdirSync(`/proc/${pid}/fd`).length};
}

test('twenty thousand requests leave neither memory nor descriptors behind', async (t) => {
  const seen = [];
  let count = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const counts = await Promise.all(Array.from({length: CONNECTIONS}, (_, number) => client(round, number)));
    count += counts.reduce((a, b) => a + b, 0);
    seen.push(await figures());
  }
  t.diagnostic(`${count} requests; ${seen.map(({rss, fds}) => `${rss.toFixed(1)} MiB ${fds} fds`).join(', ')}`);
  assert.ok(count >= 20000);
  const [warm, last] = [seen[1], seen.at(-1)];
  assert.ok(last.fds <= warm.fds + PROBES, `${last.fds} descriptors, ${warm.fds} before`);
  assert.ok(last.rss - warm.rss < GROWTH_MAX_MIB, `${(last.rss - warm.rss).toFixed(1)} MiB more`);
});

test('a refused body of every kind leaves nothing behind', async () => {
  const before = await figures();
  const bodies = [`{"text":[${'{},'.repeat(60000)}{}]}`, '['.repeat(200000), `{"text":"${'ا'.repeat(100000)}"}`,
    JSON.stringify(Object.fromEntries(Array.from({length: 5000}, (_, i) => [`m${i}`, []])))];
  for (let i = 0; i < 20; i++) for (const body of bodies) assert.ok((await ask(port, post(body))).status >= 400);
  const now = await figures();
  assert.ok(now.fds <= before.fds + PROBES, `${now.fds} descriptors, ${before.fds} before`);
  assert.ok(now.rss - before.rss < GROWTH_MAX_MIB, `${(now.rss - before.rss).toFixed(1)} MiB more`);
});
