// SIGTERM: whoever was let in is answered, nobody else is let in, and the server is gone in time, with status 0.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {newText} from '../lib/desk.mjs';
import {Raw, requestText} from '../lib/raw.mjs';
import {groundOf} from './ground.mjs';

const ground = await groundOf({settings: {lock_timeout: '5s', write_timeout: '6s'}});
after(() => ground.house.stop());
const {house} = ground;

const JSON_TYPE = 'Content-Type: application/json';
const comment = (text, headers = []) =>
  requestText('POST', ground.comments, {headers: [JSON_TYPE, ...headers], body: JSON.stringify({text})});

const isRefused = (error) => ['ECONNREFUSED', 'ECONNRESET'].includes(error.code);

// Posts comments, each on a connection of its own, until there is nobody to connect to. A connection that was made in
// the very moment of the end may be closed before its request was read; then nothing of it may have been done.
async function newcomer(server) {
  const acknowledged = [];
  for (;;) {
    const text = newText();
    let connection;
    try {
      connection = await Raw.open(server.port);
    } catch (error) {
      if (isRefused(error)) return acknowledged;
      throw error;
    }
    const answer = await connection.send(comment(text)).answer();
    connection.destroy();
    assert.equal(await ground.commentsOf(text), answer ? 1 : 0, 'executed, and never answered');
    if (!answer) continue;
    assert.equal(answer.status, 201, answer.body);
    acknowledged.push(text);
  }
}

// Posts comments on one connection until the server closes it; the same holds for the request that crosses with that.
async function regular(server) {
  const acknowledged = [];
  const connection = await Raw.open(server.port);
  for (;;) {
    const text = newText();
    const answer = await connection.send(comment(text)).answer();
    assert.equal(await ground.commentsOf(text), answer ? 1 : 0, 'executed, and never answered');
    if (!answer) break;
    assert.equal(answer.status, 201, answer.body);
    acknowledged.push(text);
    if (answer.headers.get('connection') === 'close') break;
  }
  assert.equal(await connection.closed(), true);
  return acknowledged;
}

test('SIGTERM under load loses no request that was accepted', async (t) => {
  for (let round = 0; round < 3; round++) {
    const server = await house.startServer();
    const clients = Promise.all(Array.from({length: 16}, (_, i) => (i % 2 ? regular : newcomer)(server)));
    await Promise.all([clients, sleep(300 + Math.random() * 50).then(() => server.stop())]);
    const texts = (await clients).flat();
    t.diagnostic(`${texts.length} acknowledged`);
    assert.ok(texts.length > 50);
    const rows = await house.query('SELECT text FROM comment WHERE text = ANY ($1)', [texts]);
    assert.equal(rows.length, texts.length);
  }
});

test('requests that wait for the database when SIGTERM comes are answered', async () => {
  const server = await house.startServer();
  const holder = new pg.Client({host: house.cluster.env.PGHOST, user: 'postgres', database: 'mosharekat'});
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE comment IN EXCLUSIVE MODE');
  const texts = Array.from({length: 20}, newText);
  const connections = await Promise.all(texts.map(async (text) => (await Raw.open(server.port)).send(comment(text))));
  await sleep(200);
  const stopping = server.stop();
  await sleep(200);
  const probe = await fetch(`${server.adminUrl}/readyz`);
  assert.deepEqual([probe.status, (await probe.json()).status], [503, 'draining']);
  await assert.rejects(Raw.open(server.port), isRefused);
  await holder.query('ROLLBACK');
  for (const connection of connections) {
    const answer = await connection.answer();
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(await connection.closed(), true);
  }
  await stopping;
  await holder.end();
  const rows = await house.query('SELECT text FROM comment WHERE text = ANY ($1)', [texts]);
  assert.equal(rows.length, texts.length);
});

test('a body that is on its way when SIGTERM comes may still arrive', async () => {
  const server = await house.startServer();
  const text = newText();
  const whole = comment(text);
  const connection = await Raw.open(server.port);
  connection.send(whole.slice(0, -20));
  await sleep(200);
  const stopping = server.stop();
  await sleep(300);
  assert.equal((await connection.send(whole.slice(-20)).answer()).status, 201);
  await stopping;
  assert.equal(await ground.commentsOf(text), 1);
});

test('clients that are stuck hold it up no longer than drain_timeout', async () => {
  const server = await house.startServer({drain_timeout: '1s', body_rate: 0});
  const stops = [comment('stuck').slice(0, -5), 'GET /v1/o', 'GET /v1/orgs HTTP/1.1\r\nHost', '',
    requestText('GET', '/openapi.json').repeat(500)];
  const stuck = await Promise.all(stops.map(async (bytes) => (await Raw.open(server.port)).pause().send(bytes)));
  await sleep(200);
  const since = Date.now();
  await server.stop();
  const took = Date.now() - since;
  assert.ok(took >= 900 && took < 2500, `${took} ms`);
  stuck.forEach((connection) => connection.destroy());
  assert.equal(await ground.commentsOf('stuck'), 0);
});

test('idle connections do not hold it up, and an idle server ends at once', async () => {
  const server = await house.startServer();
  const idle = await Promise.all(Array.from({length: 50}, () => Raw.open(server.port)));
  idle.slice(25).forEach((connection) => connection.send(requestText('GET', '/v1/orgs')));
  await Promise.all(idle.slice(25).map((connection) => connection.answer()));
  const since = Date.now();
  await server.stop();
  assert.ok(Date.now() - since < 1500, `${Date.now() - since} ms`);
  for (const connection of idle) assert.equal(await connection.closed(), true);
});

test('SIGTERM while PostgreSQL is frozen: requests are answered, and the server ends', async () => {
  const server = await house.startServer({write_timeout: '1s', lock_timeout: '500ms', drain_timeout: '3s'});
  house.cluster.freeze();
  try {
    const connection = await Raw.open(server.port);
    connection.send(comment('frozen'));
    await sleep(100);
    const stopping = server.stop();
    assert.equal((await connection.answer()).status, 503);
    await stopping;
  } finally {
    house.cluster.thaw();
  }
});
