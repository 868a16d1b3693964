// The worker when something goes wrong beside it: a job that fails again and again, a table that somebody locks, services
// that hang, a database that is gone. What else is due is done meanwhile, and the end is prompt whatever it waits for.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {after, test} from 'node:test';
import pg from 'pg';
import YAML from 'yaml';
import {caseworkOf} from '../lib/casework.mjs';
import {startScanner} from '../lib/clamd.mjs';
import {done} from '../lib/client.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {freePort, ROOT, until} from '../lib/server.mjs';

// A host that takes connections and never says a word.
async function startSilence() {
  const sockets = new Set();
  const server = net.createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port, sockets,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const scannerPort = await freePort();
const house = await startHouse({settings: {clamd: `127.0.0.1:${scannerPort}`, log_level: 'warn'}});
after(() => house.stop());
const work = await caseworkOf(house);

const worker = (name, job, server = house.server) => server.metric(`worker_${name}`, `{job="${job}"}`);
const failures = (job) => worker('failures_total', job);
const lag = (job) => worker('lag_seconds', job);

// A letter that came long ago: all five steps are due at once. How long it takes until they are told, in ms.
async function escalated(server) {
  const from = Date.now();
  const {id} = await work.filed('complaint', {channel: 'letter', received_at: '2025-05-01T06:00:00Z'}, {who: work.clerk});
  await until('five levels', async () => (await house.query(
    "SELECT FROM event WHERE subject_id = $1 AND kind = 'case.escalated'", [id])).length === 5, 30000);
  assert.ok(server === undefined || server.isRunning);
  return Date.now() - from;
}

// A connection that holds a table to itself while `held` runs.
async function whileLocked(table, held) {
  const {PGHOST: host, PGUSER: user, PGDATABASE: database} = house.cluster.env;
  const client = new pg.Client({host, user, database});
  await client.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await held();
  } finally {
    await client.end();
  }
}

test('a job that fails again and again waits longer each time, says so, and holds up no other', async () => {
  await house.query('ALTER TABLE reminder_seen RENAME TO reminder_unseen');
  try {
    await until('the job to fail', async () => {
      await house.query('NOTIFY mosharekat_work');
      return (await failures('reminders')) > 0;
    });
    for (let n = 0; n < 30; n++) {
      await house.query('NOTIFY mosharekat_work');
      await sleep(100);
    }
    assert.ok((await escalated()) < 3000);
    const count = await failures('reminders');
    assert.ok(count >= 2 && count <= 6, `${count} failures in three seconds of notifications`);
    assert.ok((await lag('reminders')) > 2, 'a pass is owed since it failed');
    assert.ok((await lag('escalate')) < 2);
    const waits = house.server.logged('worker.pass_failed').filter(({job}) => job === 'reminders');
    assert.deepEqual(waits.slice(0, 3).map(({again_in_ms: wait}) => wait), [200, 400, 800]);
    assert.match(waits[0].error, /reminder_seen/);
  } finally {
    await house.query('ALTER TABLE reminder_unseen RENAME TO reminder_seen');
  }
  await until('the job to go well', async () => (await lag('reminders')) < 1, 15000);
});

test('a table that somebody locks holds up the other jobs for two seconds, and then no more for a while', async () => {
  await whileLocked('reminder_seen', async () => {
    await until('the job to fail', async () => {
      await house.query('NOTIFY mosharekat_work');
      return house.server.logged('worker.pass_failed').some(({error}) => /^55P03/.test(error));
    });
    assert.ok((await escalated()) < 6000);
    assert.ok((await lag('reminders')) > 1);
  });
  await until('the job to go well', async () => (await lag('reminders')) < 1, 15000);
});

test('a virus scanner that hangs holds up neither deadlines nor figures', async () => {
  const hanging = await startScanner(() => undefined, scannerPort);
  try {
    done(await house.anyone.POST('/v1/orgs/{org}/attachments', {
      params: {path: {org: 'isfahan'}}, headers: {'Content-Type': 'application/octet-stream'},
      body: Buffer.concat([SAMPLES['application/pdf'].bytes, Buffer.from(`%${randomUUID()}\n`)]), bodySerializer: (body) => body,
    }), 201);
    await until('the scanner to be asked', () => hanging.files.length > 0);
    for (let n = 0; n < 3; n++) assert.ok((await escalated()) < 2000);
    await house.looked('stats');
    assert.ok((await worker('passes_total', 'stats')) > 0);
    await until('the lag to tell that the scanner is waited for', async () => (await lag('scan')) > 2);
    assert.ok((await lag('escalate')) < 2);
  } finally {
    await hanging.stop();
  }
  // The scanner is away: the file is put off again and again, and the lag tells since when it waits.
  await house.moveClock('2 hours');
  await until('the lag to tell that a file waits', async () => (await lag('scan')) > 7000);
});

test('an identity provider that hangs holds up no deadline, nor the end', async () => {
  const silence = await startSilence();
  const other = await house.startServer({
    identity_issuer: `http://127.0.0.1:${silence.port}`, identity_audience: 'x', clamd: '', log_level: 'warn'});
  try {
    await until('the provider to be asked', () => silence.sockets.size > 0);
    process.kill(house.server.pid, 'SIGSTOP'); // its worker stands still: the other one does the work
    const from = Date.now();
    const {id} = await caseOf(other);
    await until('five levels', async () => (await house.query(
      "SELECT FROM event WHERE subject_id = $1 AND kind = 'case.escalated'", [id])).length === 5, 30000);
    assert.ok(Date.now() - from < 2000, `${Date.now() - from} ms`);
  } finally {
    process.kill(house.server.pid, 'SIGCONT');
    const from = Date.now();
    await other.stop();
    assert.ok(Date.now() - from < 2000, `${Date.now() - from} ms to the end`);
    await silence.stop();
  }
});

// An old letter, filed at one server.
async function caseOf(server) {
  const {key} = await house.keyOf('clerk');
  const answer = await fetch(`${server.url}/v1/orgs/isfahan/complaints`, {
    method: 'POST', headers: {'Content-Type': 'application/json', Authorization: `Bearer ${key}`},
    body: JSON.stringify({subject: 'نامه', text: 'نامهٔ کهنه', channel: 'letter', received_at: '2025-05-01T06:00:00Z'}),
  });
  assert.equal(answer.status, 201);
  return answer.json();
}

// What a pass of each job begins with.
const TABLES = {
  draft_windows: 'draft', recompute: 'calendar_seen', escalate: 'case_clock', close_answered: 'casefile', orphans: 'attachment',
  identity_keys: 'identity_key_set', stats: 'stat_case_change', reminders: 'reminder_seen', housekeeping: 'notification',
  survey_windows: 'survey', supports: 'suggestion_support', results: 'survey_result',
};

test('the end is prompt whichever job is in the middle of its work', async () => {
  for (const [job, table] of Object.entries(TABLES)) {
    const server = await house.startServer({log_level: 'warn', clamd: ''});
    await whileLocked(table, async () => {
      await until(`${job} to wait`, async () => {
        await house.query('NOTIFY mosharekat_work');
        return (await house.query(`SELECT FROM pg_stat_activity a JOIN pg_locks l USING (pid)
          WHERE NOT l.granted AND l.relation = $1::regclass AND wait_event_type = 'Lock'`, [table])).length > 1;
      });
      const from = Date.now();
      await server.stop();
      assert.ok(Date.now() - from < 2000, `${job}: ${Date.now() - from} ms`);
    });
  }
});

test('a database that was gone for a while: what fell due meanwhile is done when it is back', async () => {
  await house.cluster.crash();
  await sleep(2500);
  assert.ok((await lag('escalate')) > 1, 'the lag tells that nothing is done');
  await house.cluster.start();
  await until('the server to be ready', () => house.server.isReady());
  assert.ok((await escalated()) < 8000);
  await until('all jobs to be on time', async () => (await lag('escalate')) < 1);
});

test('the packaged alerts look at figures that there are, and stay silent while all is well', async () => {
  const metrics = await (await fetch(`${house.server.adminUrl}/metrics`)).text();
  const {groups: [{rules}]} = YAML.parse(fs.readFileSync(path.join(ROOT, 'packaging/alerts.yaml'), 'utf8'));
  const names = rules.flatMap(({expr}) => expr.match(/mosharekat_\w+/g));
  assert.ok(names.length >= rules.length);
  for (const name of names) assert.ok(metrics.split('\n').some((line) => line.match(/^\w+/)?.[0] === name), name);
  for (const job of ['escalate', 'recompute', 'stats']) assert.ok((await lag(job)) < 120, job);
});
