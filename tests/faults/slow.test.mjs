// Slow clients, and many of them: each is dropped within its time, none holds up the others, and above the limits the
// answer is 503.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {Raw, ask, problemOf, requestText} from '../lib/raw.mjs';
import {until} from '../lib/server.mjs';
import {groundOf} from './ground.mjs';

const LATE_MS = 600; // how much later than its deadline a connection may be closed on a busy machine
const ground = await groundOf({settings: {
  idle_timeout: '800ms', header_timeout: '500ms', body_timeout: '1500ms', request_timeout: '1200ms', body_rate: 0,
}});
after(() => ground.house.stop());
const {house} = ground;

const JSON_TYPE = 'Content-Type: application/json';
const GET = requestText('GET', '/v1/orgs');
const POST_LINE = `POST ${ground.comments} HTTP/1.1\r\n`;
const postHead = (length) => `${POST_LINE}Host: x\r\n${JSON_TYPE}\r\nContent-Length: ${length}\r\n\r\n`;

const droppedIn = (server, phase) => server.metric('deadline_closed_total', `{phase="${phase}"}`);

// Runs `act` on a new connection; it must be closed without a further answer `ms` later.
async function isDropped(server, ms, act) {
  const connection = await Raw.open(server.port);
  await act(connection);
  const since = Date.now();
  assert.equal(await connection.closed(ms + LATE_MS * 2), true, `still open ${ms + LATE_MS * 2} ms later`);
  const took = connection.closedAt - since;
  assert.ok(took >= ms - 50 && took <= ms + LATE_MS, `closed after ${took} ms, expected ${ms}`);
  assert.equal(connection.rest.toString(), '');
  connection.destroy();
}

// Sends `bytes` one by one, `everyMs` apart, until the server closes: how long that took.
async function drips(server, head, bytes, everyMs) {
  const connection = await Raw.open(server.port);
  connection.send(head);
  for (const byte of bytes) {
    if (connection.isClosed) break;
    connection.send(byte);
    await sleep(everyMs);
  }
  assert.equal(await connection.closed(LATE_MS), true, 'still open');
  connection.destroy();
  assert.equal(connection.rest.toString(), '');
  return connection.closedAt - connection.openedAt;
}

test('clients that stop are dropped at every stage', async () => {
  const {server} = house;
  const phases = ['idle', 'header', 'body'];
  const before = await Promise.all(phases.map((phase) => droppedIn(server, phase)));
  await ground.unchanged(() => Promise.all([
    isDropped(server, 800, () => {}),
    isDropped(server, 800, (connection) => connection.send('GET /v1/or')),
    isDropped(server, 800, (connection) => connection.send('\r\n')),
    isDropped(server, 800, async (connection) => assert.ok(await connection.send(GET).answer())),
    isDropped(server, 500, (connection) => connection.send(POST_LINE)),
    isDropped(server, 500, (connection) => connection.send(`${POST_LINE}Host: x\r\nContent-`)),
    isDropped(server, 500, (connection) => connection.send(`${POST_LINE}Host: x\r\n`)),
    isDropped(server, 1500, (connection) => connection.send(postHead(20))),
    isDropped(server, 1500, (connection) => connection.send(`${postHead(20)}{"text":"`)),
    isDropped(server, 1500, async (connection) => {
      await connection.send(GET).answer();
      connection.send(`${POST_LINE}Host: x\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"t`);
    }),
  ]));
  const now = await Promise.all(phases.map((phase) => droppedIn(server, phase)));
  const counted = now.map((count, i) => count - before[i]);
  assert.deepEqual(counted.slice(1), [3, 3]);
  assert.ok(counted[0] >= 4, 'idle ones, and those of other clients of this process');
});

test('a byte now and then does not help', async () => {
  const {server} = house;
  const letters = 'x'.repeat(200);
  const near = async (ms, dripping) => {
    const took = await dripping;
    assert.ok(took >= ms - 50 && took <= ms + LATE_MS, `closed after ${took} ms, expected ${ms}`);
  };
  await ground.unchanged(() => Promise.all([
    near(800, drips(server, 'GET /', letters, 50)),
    near(800, drips(server, '', Array.from({length: 200}, () => '\r\n'), 50)),
    near(500, drips(server, `${POST_LINE}Host: x\r\nX: `, letters, 50)),
    near(500, drips(server, `${POST_LINE}Host: x\r\n`, Array.from({length: 100}, (_, i) => `X-${i}: a\r\n`), 50)),
    near(1500, drips(server, `${postHead(1000)}{"text":"`, letters, 50)),
  ]));
});

test('a body below the rate is dropped, one above it is taken', async () => {
  const server = await house.startServer({body_rate: 2000, body_timeout: '10s'});
  await ground.unchanged(async () => {
    const pieces = Array.from({length: 100}, () => 'x'.repeat(50));
    const took = await drips(server, `${postHead(20000)}{"text":"`, pieces, 50);
    assert.ok(took >= 1900 && took <= 2000 + LATE_MS, `closed after ${took} ms`);
  });
  const text = `${randomUUID()} ${'x'.repeat(9000)}`;
  const body = JSON.stringify({text});
  const connection = await Raw.open(server.port);
  connection.send(postHead(body.length));
  for (let at = 0; at < body.length; at += 300) {
    connection.send(body.slice(at, at + 300));
    await sleep(75);
  }
  assert.equal((await connection.answer()).status, 201);
  connection.destroy();
  assert.equal(await ground.commentsOf(text), 1);
  await server.stop();
});

test('a client that does not read its answers is dropped', async () => {
  const {server} = house;
  const before = await droppedIn(server, 'answer');
  const connection = await Raw.open(server.port);
  connection.pause().send(requestText('GET', '/openapi.json').repeat(1000));
  await until('the client to be dropped', async () => (await droppedIn(server, 'answer')) > before, 1200 * 3 + LATE_MS);
  connection.destroy();
});

// --- many ------------------------------------------------------------------------------------------------------

const openAll = (server, count, act = () => {}) => Promise.all(Array.from({length: count}, async (_, i) => {
  const connection = await Raw.open(server.port);
  act(connection, i);
  return connection;
}));

function rssOf(server) {
  const status = fs.readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

async function latencies(server, count) {
  const connection = await Raw.open(server.port);
  const took = [];
  for (let i = 0; i < count; i++) {
    const since = performance.now();
    assert.equal((await connection.send(GET).answer()).status, 200);
    took.push(performance.now() - since);
  }
  connection.destroy();
  took.sort((a, b) => a - b);
  return {p50: took[Math.floor(count / 2)], p99: took[Math.floor(count * 0.99)]};
}

test('five hundred slow clients do not hold up a request', async (t) => {
  const server = await house.startServer({header_timeout: '30s', body_timeout: '30s', body_rate: 0});
  const stops = ['', 'GET /v1/or', POST_LINE, `${POST_LINE}Host: x\r\nX-`, `${postHead(1000)}{"te`];
  const slow = await openAll(server, 500, (connection, i) => connection.send(stops[i % stops.length]));
  const dripping = setInterval(() => slow.forEach((connection) => connection.send('x')), 100);
  const {p50, p99} = await latencies(server, 300);
  clearInterval(dripping);
  t.diagnostic(`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
  assert.ok(p99 < 250, `p99 ${p99} ms`);
  assert.equal(slow.filter(({isClosed}) => isClosed).length, 0);
  slow.forEach((connection) => connection.destroy());
  await server.stop();
});

test('a thousand idle connections cost little, and each still works', async (t) => {
  const server = await house.startServer({idle_timeout: '60s'});
  const before = rssOf(server);
  const idle = await openAll(server, 1000, (connection) => connection.send(GET));
  for (const connection of idle) assert.equal((await connection.answer()).status, 200);
  assert.equal(await server.metric('connections'), 1000);
  t.diagnostic(`RSS ${before.toFixed(0)} MiB, with 1000 connections ${rssOf(server).toFixed(0)} MiB`);
  assert.ok(rssOf(server) - before < 120, 'MiB for 1000 connections');
  idle.forEach((connection) => connection.send(GET));
  for (const connection of idle) assert.equal((await connection.answer()).status, 200);
  idle.forEach((connection) => connection.destroy());
  await until('the connections to be forgotten', async () => (await server.metric('connections')) === 0);
  await server.stop();
});

// --- limits ----------------------------------------------------------------------------------------------------

async function isOverloaded(port, options) {
  const connection = await Raw.open(port, options);
  const answer = await connection.send(GET).answer();
  problemOf(answer, 503, 'overloaded');
  assert.equal(answer.headers.get('retry-after'), '1');
  assert.equal(await connection.closed(), true);
  connection.destroy();
}

const isServed = async (connection) => (await connection.send(GET).answer()).status === 200;

test('above the limit of connections the answer is 503, far above it none', async () => {
  const server = await house.startServer({connections: 16, idle_timeout: '60s'});
  const full = await openAll(server, 16);
  assert.deepEqual(await Promise.all(full.map(isServed)), full.map(() => true));
  await isOverloaded(server.port);
  const crowd = await openAll(server, 200);
  await until('some of the crowd to be dropped', () => crowd.filter(({isClosed}) => isClosed).length === 200 - 128);
  assert.deepEqual(await Promise.all(full.map(isServed)), full.map(() => true));
  crowd.forEach((connection) => connection.destroy());
  full.pop().destroy();
  await until('the connections to be forgotten', async () => (await server.metric('connections')) === 15);
  assert.equal((await ask(server.port, GET)).status, 200);
  full.forEach((connection) => connection.destroy());
  await server.stop();
});

test('above the limit of one address it alone gets 503', async () => {
  const server = await house.startServer({connections_per_address: 3, idle_timeout: '60s'});
  const mine = await openAll(server, 3);
  await until('them to be let in', async () => (await server.metric('connections')) === 3);
  await isOverloaded(server.port);
  const other = await Raw.open(server.port, {from: '127.0.0.2'});
  assert.equal(await isServed(other), true);
  mine.pop().destroy();
  await until('the connection to be forgotten', async () => (await server.metric('connections')) === 3);
  const again = await Raw.open(server.port);
  assert.equal(await isServed(again), true);
  [...mine, other, again].forEach((connection) => connection.destroy());
  await server.stop();
});
