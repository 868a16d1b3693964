// A commit whose fate nobody knows: the answer says so, and the repetition with the same Idempotency-Key finds the
// truth, whether it was committed or not.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {newText} from '../lib/desk.mjs';
import {until} from '../lib/server.mjs';
import {groundOf} from './ground.mjs';

// Stands between the server and PostgreSQL. While `isDeaf`, what PostgreSQL says on a connection that was asked to
// create a comment goes nowhere.
class Proxy {
  #sockets = new Set();

  constructor(realFolder) {
    this.isDeaf = false;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-proxy-'));
    const real = path.join(realFolder, '.s.PGSQL.5432');
    this.listener = net.createServer((client) => this.#join(client, net.connect(real)));
  }

  listen() {
    return new Promise((resolve) => this.listener.listen(path.join(this.folder, '.s.PGSQL.5432'), resolve));
  }

  #join(client, database) {
    let isDeaf = false;
    client.on('data', (data) => {
      isDeaf ||= this.isDeaf && data.includes('comment_create');
      database.write(data);
    });
    database.on('data', (data) => isDeaf || client.write(data));
    for (const [socket, other] of [[client, database], [database, client]]) {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }

  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.listener.close();
    this.cut();
    fs.rmSync(this.folder, {recursive: true});
  }
}

const ground = await groundOf();
after(() => ground.house.stop());
const {house} = ground;
const {cluster} = house;
const proxy = new Proxy(cluster.folder);
await proxy.listen();
const server = await house.startServer({
  database_url: cluster.conninfo.replace(cluster.folder, proxy.folder), write_timeout: '1s', lock_timeout: '500ms',
});

function assertUnknown(answer) {
  assert.equal(`${answer.status} ${answer.json.code}`, '503 outcome_unknown');
  assert.equal(answer.headers.get('retry-after'), '1');
}

async function assertSettled(text, key, isReplayed) {
  const answers = [await ground.post(text, {key, server}), await ground.post(text, {key, server})];
  assert.deepEqual(answers.map(({status}) => status), [201, 201], answers[0].text);
  assert.equal(answers[0].headers.get('idempotent-replayed'), isReplayed ? 'true' : null);
  assert.equal(answers[1].headers.get('idempotent-replayed'), 'true');
  assert.equal(answers[0].text, answers[1].text);
  assert.equal(await ground.commentsOf(text), 1);
  const [{number}] = await house.query('SELECT number FROM comment WHERE text = $1', [text]);
  assert.equal(answers[0].json.number, number);
  const other = await ground.post(`${text} `, {key, server});
  assert.equal(`${other.status} ${other.json.code}`, '422 idempotency_mismatch');
}

const isServing = async () => (await ground.post(newText(), {server})).status === 201;

test('committed, and the connection lost before the answer', async () => {
  const [text, key] = [newText(), randomUUID()];
  proxy.isDeaf = true;
  const answering = ground.post(text, {key, server});
  await until('the commit', async () => (await ground.commentsOf(text)) === 1);
  proxy.isDeaf = false;
  proxy.cut();
  assertUnknown(await answering);
  await until('the server to write again', isServing);
  await assertSettled(text, key, true);
});

test('committed, and no answer in time', async () => {
  const [text, key] = [newText(), randomUUID()];
  proxy.isDeaf = true;
  const since = Date.now();
  const answer = await ground.post(text, {key, server});
  proxy.isDeaf = false;
  assertUnknown(answer);
  assert.ok(Date.now() - since < 1700, `${Date.now() - since} ms`);
  assert.equal(await ground.commentsOf(text), 1);
  await until('the server to write again', isServing);
  await assertSettled(text, key, true);
});

// A constraint that is checked at the commit, and takes its time, widens the moment in which nobody knows.
cluster.psql(`
  CREATE FUNCTION commit_slowly() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER commit_slowly AFTER INSERT ON comment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.text LIKE 'slowly %') EXECUTE FUNCTION commit_slowly()`);

const committing = async () => (await house.query(`SELECT pid FROM pg_stat_activity
  WHERE application_name = 'mosharekat' AND wait_event = 'PgSleep'`))[0]?.pid;

test('not committed: the backend is told to go while it commits', async () => {
  const [text, key] = [`slowly ${newText()}`, randomUUID()];
  const answering = ground.post(text, {key, server});
  const pid = await until('the commit to be under way', committing);
  await house.query('SELECT pg_terminate_backend($1)', [pid]);
  assertUnknown(await answering);
  assert.equal(await ground.commentsOf(text), 0);
  await until('the server to write again', isServing);
  await assertSettled(text, key, false);
});

test('not committed: the backend is killed while it commits', async () => {
  const [text, key] = [`slowly ${newText()}`, randomUUID()];
  const answering = ground.post(text, {key, server});
  const pid = await until('the commit to be under way', committing);
  process.kill(pid, 'SIGKILL');
  assertUnknown(await answering);
  await until('the server to write again', isServing);
  await until('the database to be back', () => house.query('SELECT').catch(() => false));
  assert.equal(await ground.commentsOf(text), 0);
  await assertSettled(text, key, false);
});

test('of a batch that is lost as a whole each member is settled by its own key', async () => {
  const members = Array.from({length: 20}, (_, i) => ({text: newText(), key: `batch-${i}-${randomUUID()}`}));
  proxy.isDeaf = true;
  const answering = Promise.all(members.map(({text, key}) => ground.post(text, {key, server})));
  await until('the first commit', async () => (await ground.commentsOf(members[0].text)) === 1);
  proxy.isDeaf = false;
  proxy.cut();
  const answers = await answering;
  await until('the server to write again', isServing);
  for (const [i, {text, key}] of members.entries()) {
    if (answers[i].status !== 201) assertUnknown(answers[i]);
    await assertSettled(text, key, (await ground.commentsOf(text)) === 1);
  }
});

test('the proxy goes', async () => {
  await server.stop();
  proxy.close();
});
