// PostgreSQL in trouble: gone, killed, frozen, locked, full. Every request is answered in time, with a problem that
// says whether to try again; what was acknowledged is there, what was refused is not, and afterwards all is well.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import pg from 'pg';
import {done, refused} from '../lib/client.mjs';
import {newText} from '../lib/desk.mjs';
import {until} from '../lib/server.mjs';
import {groundOf} from './ground.mjs';

// Short limits, and no cache, so that reads meet the database.
const LIMITS_MS = {read: 1000, write: 1500, lock: 300};
const LATE_MS = 700; // of an answer on a busy machine
const ground = await groundOf({
  settings: {
    read_timeout: `${LIMITS_MS.read}ms`, write_timeout: `${LIMITS_MS.write}ms`, slow_timeout: `${LIMITS_MS.read}ms`,
    lock_timeout: `${LIMITS_MS.lock}ms`, cache_max: 0,
  },
});
after(() => ground.house.stop());
const {house, desk} = ground;
const {cluster, server} = house;

const MAY_TRY_AGAIN = ['unavailable', 'database_timeout', 'outcome_unknown', 'overloaded', 'busy'];

// One request by fetch: {kind, code, text, ms}. Whatever happens, it is a whole answer, and a good one or a 503.
async function act(kind, request) {
  const since = Date.now();
  const {status, headers, json, text} = await request();
  const result = {kind, status, code: json.code, text, ms: Date.now() - since};
  if (status < 300) return result;
  assert.equal(status, 503, JSON.stringify(json));
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.equal(headers.get('retry-after'), '1');
  assert.ok(MAY_TRY_AGAIN.includes(json.code), json.code);
  return result;
}

async function get(target) {
  const answer = await fetch(`${server.url}${target}`);
  return {status: answer.status, headers: answer.headers, json: await answer.json()};
}

const read = () => act('read', () => get(ground.path));
const search = () => act('slow', () => get(`${ground.path}/summary`));
async function write() {
  const [text, key] = [newText(), randomUUID()];
  return {...await act('write', () => ground.post(text, {key})), text, key};
}

const LOAD = [read, read, write, write, write, search];

// What several clients do, each its step again and again, while `fault` runs; all their results.
async function underLoad(fault, steps = LOAD) {
  const results = [];
  let isOver = false;
  const client = async (step) => {
    while (!isOver) {
      results.push(await step());
      await sleep(2);
    }
  };
  const clients = steps.map(client);
  await fault().finally(() => (isOver = true));
  await Promise.all(clients);
  return results;
}

// The database holds each acknowledged comment once, none that was surely refused, and the retry of one whose outcome
// was unknown finds the truth.
async function assertLedger(results) {
  const writes = results.filter(({kind}) => kind === 'write');
  for (const {text, status, code, key} of writes) {
    const held = await ground.commentsOf(text);
    if (code !== 'outcome_unknown') {
      assert.equal(held, status === 201 ? 1 : 0, `${status} ${code}: ${held} rows`);
      continue;
    }
    const again = await ground.post(text, {key});
    assert.equal(again.status, 201, again.text);
    assert.equal(again.headers.get('idempotent-replayed'), held === 1 ? 'true' : null);
    assert.equal(await ground.commentsOf(text), 1);
  }
}

// {'read 200': 3, 'write busy': 1}
function countBy(results) {
  const counts = {};
  for (const {kind, status, code} of results) {
    const name = `${kind} ${code ?? status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function probe(name) {
  const answer = await fetch(`${server.adminUrl}/${name}`);
  return [answer.status, await answer.json()];
}

// A server that lost its connections a moment ago may still call itself ready: ask for work.
const isBack = async () => {
  const isUp = await house.query('SELECT').then(() => true, () => false);
  const answers = await Promise.all([read, write, search].map((step) => step()));
  return isUp && answers.every(({status}) => status < 300);
};

const isDown = async () => (await probe('readyz'))[0] === 503;
const isWell = async () => {
  await until('the database to be back', isBack, 8000);
  assert.equal(await server.isReady(), true);
  assert.deepEqual([(await read()).status, (await write()).status, (await search()).status], [200, 201, 200]);
};

const slowest = (results) => Math.max(...results.map(({ms}) => ms));

test('PostgreSQL is killed and comes back under load', async (t) => {
  const results = await underLoad(async () => {
    await sleep(200);
    await cluster.crash();
    await until('the loss to be noticed', isDown);
    await sleep(1200);
    assert.deepEqual(await probe('livez'), [200, {status: 'ok'}]);
    assert.deepEqual(await probe('readyz'), [503, {status: 'not_ready', database: 'down'}]);
    await cluster.start();
    await until('the server to be ready again', () => server.isReady(), 8000);
    await sleep(200);
  });
  t.diagnostic(JSON.stringify(countBy(results)));
  assert.ok(slowest(results) <= LIMITS_MS.write + LATE_MS, `${slowest(results)} ms`);
  for (const kind of ['read 200', 'write 201', 'read unavailable', 'write unavailable'])
    assert.ok(countBy(results)[kind] > 0, kind);
  await assertLedger(results);
  await isWell();
});

const backends = () => cluster.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'mosharekat'")
  .split('\n').map(Number);

test('backends are killed and terminated under load', async (t) => {
  const results = await underLoad(async () => {
    // PostgreSQL ends all backends when one was killed.
    for (const [signal, pick, lost] of [['SIGTERM', 0, 1], ['SIGTERM', 1, 1], ['SIGTERM', 2, 1], ['SIGKILL', 1, 3]]) {
      await sleep(150);
      const before = server.logged('db.connection_lost').length;
      process.kill(backends().at(pick), signal);
      await until('the loss to be noticed', () => server.logged('db.connection_lost').length >= before + lost);
      await until('the database to be back', isBack, 8000);
    }
    await sleep(200);
  });
  t.diagnostic(JSON.stringify(countBy(results)));
  assert.ok(slowest(results) <= LIMITS_MS.write + LATE_MS, `${slowest(results)} ms`);
  await assertLedger(results);
  await isWell();
});

test('PostgreSQL is frozen: all are answered in time, and the probes tell', async (t) => {
  let results;
  cluster.freeze();
  try {
    const clients = [read, read, read, write, write, write, search, search];
    results = await Promise.all(clients.map((step) => step()));
    assert.deepEqual(await probe('livez'), [200, {status: 'ok'}]);
    assert.deepEqual(await probe('readyz'), [503, {status: 'not_ready', database: 'down'}]);
    results.push(...await Promise.all(clients.map((step) => step())));
    const late = await Promise.all(clients.map((step) => step()));
    assert.ok(slowest(late) < LATE_MS, 'known to be down: answered at once');
    results.push(...late);
  } finally {
    cluster.thaw();
  }
  t.diagnostic(JSON.stringify(countBy(results)));
  assert.deepEqual(results.filter(({status}) => status !== 503), []);
  assert.ok(slowest(results) <= LIMITS_MS.write + LATE_MS, `${slowest(results)} ms`);
  await isWell();
  await assertLedger(results);
});

async function locked(mode, work) {
  const holder = new pg.Client({host: cluster.env.PGHOST, user: cluster.env.PGUSER, database: cluster.env.PGDATABASE});
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE comment IN ${mode} MODE`);
  try {
    await work();
  } finally {
    await holder.query('ROLLBACK');
    await holder.end();
  }
}

test('a table that others lock: its writes are busy, reads and other writes go on', async (t) => {
  await locked('EXCLUSIVE', async () => {
    const before = await ground.counts();
    const drafts = [];
    const results = await underLoad(async () => {
      for (let i = 0; i < 4; i++) drafts.push(await desk.begun());
    }, [...LOAD, ...Array.from({length: 20}, () => write)]);
    t.diagnostic(JSON.stringify(countBy(results)));
    assert.deepEqual(Object.keys(countBy(results)).filter((name) => name.startsWith('write')), ['write busy']);
    assert.deepEqual(results.filter(({kind, status}) => kind !== 'write' && status !== 200), []);
    assert.ok(slowest(results) <= LIMITS_MS.write + LATE_MS, `${slowest(results)} ms`);
    assert.equal((await ground.counts()).comment, before.comment);
    assert.equal((await ground.counts()).draft, before.draft + drafts.length);
  });
  await isWell();
});

test('a row that others lock costs the one request that needs it', async () => {
  const {id} = await desk.begun();
  const holder = new pg.Client({host: cluster.env.PGHOST, user: cluster.env.PGUSER, database: cluster.env.PGDATABASE});
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM draft WHERE id = $1 FOR UPDATE', [id]);
  const results = await Promise.all([desk.patch(id, {title: 'دیگر'}), write(), write(), write()]);
  refused(results[0], 503, 'busy');
  assert.deepEqual(results.slice(1).map(({status}) => status), [201, 201, 201]);
  await holder.query('ROLLBACK');
  await holder.end();
  done(await desk.patch(id, {title: 'دیگر'}));
});

// --- a disk that is full ----------------------------------------------------------------------------------------

const TMPFS_KIB = 8192;

// A small file system of its own for the table of comments; a function that gives it back.
function mountDisk() {
  const folder = path.join(cluster.folder, 'disk');
  fs.mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${TMPFS_KIB}k,mode=0777`, 'tmpfs', folder]);
  const space = path.join(folder, 'space');
  fs.mkdirSync(space);
  execFileSync('chown', ['postgres:', space]);
  cluster.psql(`CREATE TABLESPACE small LOCATION '${space}'`);
  cluster.psql('ALTER TABLE comment SET TABLESPACE small');
  return {folder, release() {
    cluster.psql('ALTER TABLE comment SET TABLESPACE pg_default');
    cluster.psql('DROP TABLESPACE small');
    execFileSync('umount', [folder]);
  }};
}

function canMount() {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {stdio: 'ignore'});
    return process.getuid() === 0;
  } catch {
    return false;
  }
}

test('a disk that is full: 507 and nothing recorded, reads go on; with room again all is well',
  {skip: !canMount() && 'needs root, to mount a small file system'}, async (t) => {
    const disk = mountDisk();
    t.after(disk.release);
    const ballast = path.join(disk.folder, 'ballast');
    const big = () => `${randomUUID()} ${'ن'.repeat(4000)}`;
    await isWell();
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k'], {stdio: 'ignore'});
    } catch {
      // it ends because the disk is full
    }
    const [texts, kept] = [[], []];
    for (let i = 0; i < 40; i++) {
      const text = big();
      const {status, json} = await ground.post(text);
      assert.ok(status === 201 || (status === 507 && json.code === 'storage_full'), `${status} ${json.code}`);
      (status === 201 ? kept : texts).push(text);
    }
    assert.ok(texts.length > 10, `${texts.length} refused`);
    assert.equal((await read()).status, 200);
    assert.equal((await search()).status, 200);
    assert.deepEqual(await probe('readyz'), [200, {status: 'ready', database: 'up'}]);
    done(await desk.create({kind: 'tariff', title: 'ت', summary: 'خ', clauses: [{heading: 'م', text: 'م'}]}), 201);
    for (const text of texts) assert.equal(await ground.commentsOf(text), 0);
    for (const text of kept) assert.equal(await ground.commentsOf(text), 1);
    fs.rmSync(ballast);
    for (const text of texts.slice(0, 5)) assert.equal((await ground.post(text)).status, 201);
    await isWell();
  });
