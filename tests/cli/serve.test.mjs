// `mosharekat serve`: comes up when everything is in order, says so, and leaves when it is told to.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {startPostgres} from '../lib/postgres.mjs';
import {BINARY, STRATEGIES, cleanEnvironment, lines, migrateTemplate, migratedCopy, mosharekat, strategyPath,
  temporaryFolder} from './mosharekat.mjs';

const READY_TRIES = 200;
let cluster;

before(async () => {
  cluster = await startPostgres();
  migrateTemplate(cluster);
});
after(() => cluster.stop());

// A port of 127.0.0.1 that nobody uses right now, below those that the system gives to clients.
async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10000 + Math.floor(Math.random() * 20000);
    const isFree = await new Promise((resolve) => {
      const probe = net.createServer().once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error('no free port');
}

async function start(t, conninfo, more = {}) {
  const folder = temporaryFolder(t);
  const secret = path.join(folder, 'secret');
  fs.writeFileSync(secret, Buffer.alloc(32, 7), {mode: 0o600});
  const [port, admin] = [await freePort(), await freePort()];
  const child = spawn(BINARY, ['serve'], {stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment({
    MOSHAREKAT_DATABASE_URL: conninfo, MOSHAREKAT_SECRET_FILE: secret, MOSHAREKAT_LISTEN: `127.0.0.1:${port}`,
    MOSHAREKAT_ADMIN_LISTEN: `127.0.0.1:${admin}`, MOSHAREKAT_STATE_DIR: folder, ...more})});
  const server = {url: `http://127.0.0.1:${port}`, admin: `http://127.0.0.1:${admin}`, child, stdout: '', stderr: ''};
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', (data) => (server[stream] += data));
  server.ended = new Promise((resolve) => child.on('close', (status, signal) => resolve({status, signal})));
  t.after(() => child.kill('SIGKILL'));
  return server;
}

async function untilReady(server) {
  for (let tries = 0; tries < READY_TRIES && server.child.exitCode === null; tries++) {
    const reply = await fetch(`${server.admin}/readyz`).catch(() => undefined);
    if (reply?.status === 200) return;
    await sleep(50);
  }
  throw new Error(`not ready:\n${server.stderr}`);
}

const events = (server) => lines(server.stderr).map((line) => JSON.parse(line).event);

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`it serves, and ${signal} ends it with status 0`, async (t) => {
    const database = migratedCopy(cluster);
    mosharekat(['apply', ...STRATEGIES.map(strategyPath)], database);
    const server = await start(t, database.conninfo);
    await untilReady(server);
    const {items} = await (await fetch(`${server.url}/v1/orgs`)).json();
    assert.deepEqual(items.map((org) => org.slug), STRATEGIES);
    server.child.kill(signal);
    assert.deepEqual(await server.ended, {status: 0, signal: null});
    assert.equal(server.stdout, '');
    const told = events(server).filter((event) => event.startsWith('server.'));
    assert.equal(told[0], 'server.ready');
    assert.equal(told.at(-1), 'server.stopped');
  });
}

test('a strategy applied meanwhile is served without a restart', async (t) => {
  const database = migratedCopy(cluster);
  const server = await start(t, database.conninfo);
  await untilReady(server);
  assert.equal((await fetch(`${server.url}/v1/orgs/semnan`)).status, 404);
  mosharekat(['apply', strategyPath('semnan')], database);
  let status;
  for (let tries = 0; tries < READY_TRIES && status !== 200; tries++) {
    status = (await fetch(`${server.url}/v1/orgs/semnan`)).status;
    await sleep(50);
  }
  assert.equal(status, 200);
});

test('a database of an older version stops the start', async (t) => {
  const conninfo = cluster.createDatabase('older');
  const server = await start(t, conninfo);
  assert.deepEqual(await server.ended, {status: 1, signal: null});
  assert.match(server.stderr, /migrate/);
});

test('a database of a newer version stops the start', async (t) => {
  const database = migratedCopy(cluster);
  database.sql(`INSERT INTO schema_migration SELECT (jsonb_populate_record(m,
    '{"version": 999, "name": "0999_later.sql"}')).* FROM schema_migration m WHERE version = 1`);
  const server = await start(t, database.conninfo);
  assert.deepEqual(await server.ended, {status: 1, signal: null});
  assert.match(server.stderr, /too old/);
});

test('a port in use stops the start', async (t) => {
  const database = migratedCopy(cluster);
  const taken = net.createServer();
  const port = await freePort();
  await new Promise((resolve) => taken.listen(port, '127.0.0.1', resolve));
  t.after(() => taken.close());
  const server = await start(t, database.conninfo, {MOSHAREKAT_LISTEN: `127.0.0.1:${port}`});
  const {status} = await server.ended;
  assert.equal(status, 1);
  assert.match(server.stderr, new RegExp(String(port)));
});

for (const [what, more, status, said] of [
  ['a state directory that is not there', {MOSHAREKAT_STATE_DIR: '/nowhere/at/all'}, 1, /state_dir: \/nowhere\/at\/all/],
  ['a state directory that takes no files', {MOSHAREKAT_STATE_DIR: '/proc'}, 1, /state_dir: \/proc/],
  ['a virus scanner elsewhere', {MOSHAREKAT_CLAMD: '192.0.2.1:3310'}, 2, /clamd: 192\.0\.2\.1:3310/],
])
  test(`it does not start with ${what}`, async (t) => {
    const server = await start(t, migratedCopy(cluster).conninfo, more);
    assert.deepEqual(await server.ended, {status, signal: null});
    assert.match(server.stderr, said);
  });
