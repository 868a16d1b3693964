// Uploads that go wrong: a full disk, clients that are too slow, too much or gone, a server killed half-way. Whatever
// happens, a file is there whole and with its row, or not at all.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import {after, test} from 'node:test';
import {newCase} from '../lib/casework.mjs';
import {done} from '../lib/client.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {Raw, ask, chunked, problemOf, requestText} from '../lib/raw.mjs';
import {until} from '../lib/server.mjs';

// The sanitizer keeps freed memory for a while; here it must not, or it would be measured.
process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1:thread_local_quarantine_size_kb=64`;

const MIB = 1024 * 1024;
const PATH = '/v1/orgs/isfahan/attachments';
const BYTES = 'Content-Type: application/octet-stream';
const GROWTH_MAX_MIB = 12;

const house = await startHouse({settings: {body_rate: '20K', transfers: 40, log_level: 'warn'}});
after(() => house.stop());
const {server} = house;
const folder = path.join(house.settings.state_dir, 'attachments');

const newFile = (size) => Buffer.concat([SAMPLES['application/pdf'].bytes, randomBytes(size)]);
const head = (length, more = []) => requestText('POST', PATH, {headers: [BYTES, `Content-Length: ${length}`, ...more]});
const chunkedHead = requestText('POST', PATH, {headers: [BYTES, 'Transfer-Encoding: chunked']});
const upload = (bytes, port = server.port) => ask(port, Buffer.concat([Buffer.from(head(bytes.length)), bytes]), {ms: 30000});

const filesIn = (where) => (fs.existsSync(where) ? fs.readdirSync(where, {recursive: true, withFileTypes: true}) : [])
  .filter((entry) => entry.isFile()).map((entry) => entry.name);
const rows = async () => (await house.query('SELECT count(*)::int AS n FROM attachment'))[0].n;

// Files without a name that the server still holds.
const held = (pid) => fs.readdirSync(`/proc/${pid}/fd`).filter((fd) => {
  try {
    return fs.readlinkSync(`/proc/${pid}/fd/${fd}`).includes('attachments/');
  } catch {
    return false;
  }
}).length;

const rssMiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// Runs `work` and holds database, folder and descriptors to what they were.
async function nothingKept(work) {
  const before = [await rows(), filesIn(folder).length];
  await work();
  await until('the server to let go', () => held(server.pid) === 0);
  assert.deepEqual([await rows(), filesIn(folder).length], before);
}

test('a file that is too large is refused: at once when it says so, else when it is', async () => {
  await nothingKept(async () => {
    const raw = await Raw.open(server.port);
    problemOf(await raw.send(head(20 * MIB + 1)).answer(), 413, 'body_too_large');
    assert.equal(await raw.closed(), true);
    const expecting = await ask(server.port, head(20 * MIB + 1, ['Expect: 100-continue']));
    problemOf(expecting, 413, 'body_too_large');
    const bytes = Buffer.concat([Buffer.from(chunkedHead), chunked(newFile(20 * MIB), 60000)]);
    problemOf(await ask(server.port, bytes, {ms: 30000}), 413, 'body_too_large');
  });
});

// What common clients make of it: they look at an answer while they still send.
test('a client that sends far too much is told so, however it sends, and what it sends is thrown away', async () => {
  const far = newFile(64 * MIB);
  await nothingKept(async () => {
    const pieces = async function* () {
      for (let at = 0; at < far.length; at += 100000) yield far.subarray(at, at + 100000);
    };
    const bodies = {'whole': () => far, 'in chunks': () => pieces()};
    for (const [how, body] of Object.entries(bodies)) {
      const answer = await new Promise((resolve, reject) => {
        const request = http.request({port: server.port, path: PATH, method: 'POST', agent: false, headers: {
          'Content-Type': 'application/octet-stream', ...(how === 'whole' && {'Content-Length': far.length})}}, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => resolve({response, text}));
        });
        request.on('error', reject);
        Readable.from(how === 'whole' ? [body()] : body()).pipe(request);
      });
      assert.equal(`${answer.response.statusCode} ${JSON.parse(answer.text).code}`, '413 body_too_large', how);
      assert.equal(answer.response.headers.connection, 'close');
    }
    for (const more of [[], ['-H', 'Transfer-Encoding: chunked'], ['-H', 'Expect:'], ['-H', 'Expect:', '-H', 'Transfer-Encoding: chunked']]) {
      const {stdout} = spawnSync('curl', ['-s', '-w', ' %{http_code}', '-H', BYTES, ...more, '--data-binary', '@-', server.url + PATH],
        {input: far, encoding: 'utf8'});
      assert.match(stdout, /"body_too_large".* 413$/s, more.join(' '));
    }
  });
});

test('a key that the server has yet to look up does not keep the answer back from a client that has sent too much and waits', async () => {
  const {key} = await house.key('clerk');
  const body = chunked(newFile(21 * MIB), 60000);
  const raw = await Raw.open(server.port);
  raw.send(requestText('POST', PATH, {headers: [BYTES, 'Transfer-Encoding: chunked', `Authorization: Bearer ${key}`]}));
  raw.send(body.subarray(0, -100)); // and no more
  problemOf(await raw.answer(), 413, 'body_too_large');
  raw.destroy();
  const unknown = await Raw.open(server.port);
  unknown.send(requestText('POST', PATH, {headers: [BYTES, 'Transfer-Encoding: chunked', `Authorization: Bearer ${key.slice(0, -4)}AAAA`]}));
  unknown.send(body.subarray(0, -100));
  problemOf(await unknown.answer(), 401, 'unauthorized');
  unknown.destroy();
});

test('a body that does not end after its answer is cut off after a while', async () => {
  const raw = await Raw.open(server.port);
  raw.send(head(1000 * MIB)).send(newFile(MIB));
  problemOf(await raw.answer(), 413, 'body_too_large');
  let sent = MIB;
  const more = setInterval(() => !raw.socket.destroyed && raw.send(Buffer.alloc(100000, 'x')) && (sent += 100000), 20);
  await until('the server to let go', () => raw.socket.destroyed || raw.socket.errored, 15000);
  clearInterval(more);
  assert.ok(sent < 200 * MIB);
  raw.destroy();
});

test('a request that is refused for its head gives no byte away', async () => {
  const refusedAtOnce = [
    [requestText('POST', `${PATH}?name=${'x'.repeat(300)}`, {headers: [BYTES, 'Expect: 100-continue', 'Content-Length: 100']}),
      422, 'validation_failed'],
    [requestText('POST', PATH, {headers: ['Content-Type: image/png', 'Expect: 100-continue', 'Content-Length: 100']}),
      415, 'unsupported_media_type'],
    [requestText('POST', '/v1/orgs/nowhere/attachments', {headers: [BYTES, 'Expect: 100-continue', 'Content-Length: 100']}),
      404, 'not_found'],
  ];
  await nothingKept(async () => {
    for (const [request, status, code] of refusedAtOnce) problemOf(await ask(server.port, request), status, code);
  });
});

test('a client that goes away leaves nothing', async () => {
  await nothingKept(async () => {
    await Promise.all(Array.from({length: 20}, async (_, i) => {
      const raw = await Raw.open(server.port);
      raw.send(i % 2 ? head(5 * MIB) : chunkedHead);
      raw.send(i % 2 ? newFile(2 * MIB) : chunked(newFile(2 * MIB), 9000).subarray(0, -5));
      await until('the file to come', () => held(server.pid) > 0);
      if (i % 4 < 2) raw.destroy();
      else raw.socket.resetAndDestroy();
    }));
  });
});

test('a client that stops, or drips, is dropped', async () => {
  const dropped = () => server.metric('deadline_closed_total', '{phase="body"}');
  const before = await dropped();
  await nothingKept(async () => {
    const stopped = await Raw.open(server.port);
    stopped.send(head(MIB)).send(newFile(50000));
    const dripping = await Raw.open(server.port);
    dripping.send(head(MIB));
    const drip = setInterval(() => dripping.send(Buffer.alloc(1000, 'x')), 100);
    assert.equal(await stopped.closed(10000), true);
    assert.equal(await dripping.closed(10000), true);
    clearInterval(drip);
    for (const raw of [stopped, dripping]) raw.destroy();
  });
  assert.ok(await dropped() >= before + 2);
});

test('more files at a time than may be are refused, and the others unharmed', async () => {
  const many = await Promise.all(Array.from({length: 40}, () => Raw.open(server.port)));
  for (const raw of many) raw.send(head(200000)).send(SAMPLES['application/pdf'].bytes);
  await until('all to be on their way', () => held(server.pid) === 40);
  problemOf(await upload(newFile(10)), 503, 'overloaded');
  const rest = Buffer.alloc(200000 - SAMPLES['application/pdf'].bytes.length, 'x');
  for (const raw of many) raw.send(rest);
  for (const raw of many) assert.equal((await raw.answer()).status, 201);
  for (const raw of many) raw.destroy();
  assert.equal((await upload(newFile(10))).status, 201);
});

test('large files cost no memory, in or out, and hold up nobody', async (t) => {
  const {key} = await house.key('admin');
  const files = Array.from({length: 10}, () => newFile(19 * MIB));
  assert.equal((await upload(files[0])).status, 201);
  const before = rssMiB(server.pid);
  let slowest = 0;
  let isOver = false;
  const others = (async () => {
    while (!isOver) {
      const from = Date.now();
      assert.equal((await ask(server.port, requestText('GET', '/v1/orgs/isfahan'))).status, 200);
      slowest = Math.max(slowest, Date.now() - from);
    }
  })();
  const answers = await Promise.all(files.map((file) => upload(file)));
  const attachments = answers.map((answer) => JSON.parse(answer.body).id);
  done(await house.anyone.POST('/v1/orgs/{org}/complaints', {params: {path: {org: 'isfahan'}}, body: newCase({attachments})}), 201);
  const back = await Promise.all(attachments.map(async (id) => {
    const answer = await fetch(`${server.url}${PATH}/${id}`, {headers: {Authorization: `Bearer ${key}`}});
    return Buffer.from(await answer.arrayBuffer());
  }));
  isOver = true;
  await others;
  const grown = rssMiB(server.pid) - before;
  t.diagnostic(`10 files of 19 MiB at a time: ${grown.toFixed(1)} MiB more; others waited ${slowest} ms at most`);
  assert.ok(back.every((bytes, i) => bytes.equals(files[i])), 'a file came back changed');
  assert.ok(grown < GROWTH_MAX_MIB, `${grown.toFixed(1)} MiB more`);
});

test('SIGKILL in the middle leaves no file and no row', async () => {
  const victim = await house.startServer();
  const before = [await rows(), filesIn(folder).length];
  const clients = await Promise.all(Array.from({length: 5}, () => Raw.open(victim.port)));
  for (const raw of clients) raw.send(head(5 * MIB)).send(newFile(MIB));
  await until('all to be on their way', () => held(victim.pid) === 5);
  await victim.kill();
  for (const raw of clients) raw.destroy();
  assert.deepEqual([await rows(), filesIn(folder).length], before);
});

test('SIGTERM: a file on its way may still arrive, one that does not leaves nothing', async () => {
  const leaving = await house.startServer({drain_timeout: '1500ms'});
  const [arrives, stays] = await Promise.all([Raw.open(leaving.port), Raw.open(leaving.port)]);
  const bytes = newFile(100000);
  const before = [await rows(), filesIn(folder).length];
  for (const raw of [arrives, stays]) raw.send(head(bytes.length)).send(bytes.subarray(0, 50000));
  await until('both to be on their way', () => held(leaving.pid) === 2);
  const ended = leaving.stop();
  arrives.send(bytes.subarray(50000));
  assert.equal((await arrives.answer()).status, 201);
  await ended;
  for (const raw of [arrives, stays]) raw.destroy();
  assert.deepEqual([await rows(), filesIn(folder).length], before.map((count) => count + 1));
});

const canMount = () => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
};

test('a full disk: 507, nothing half kept, and small files go on',
  {skip: !canMount() && 'needs root, to mount a small file system'}, async () => {
    const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    const small = await house.startServer({state_dir: disk, disk_reserve: 0});
    const used = () => fs.statfsSync(disk).blocks - fs.statfsSync(disk).bfree;
    try {
      const before = [await rows(), used()];
      problemOf(await upload(newFile(6 * MIB), small.port), 507, 'storage_full');
      const inChunks = Buffer.concat([Buffer.from(chunkedHead), chunked(newFile(6 * MIB), 50000)]);
      problemOf(await ask(small.port, inChunks, {ms: 30000}), 507, 'storage_full');
      await until('the disk to be given back', () => used() === before[1]);
      assert.deepEqual([await rows(), used()], before);

      const raced = await Promise.all(Array.from({length: 8}, () => upload(newFile(MIB), small.port)));
      const kept = raced.filter((answer) => answer.status === 201);
      for (const answer of raced.filter(({status}) => status !== 201)) problemOf(answer, 507, 'storage_full');
      assert.ok(kept.length >= 1 && kept.length <= 3, `${kept.length} files of 1 MiB on 4 MiB`);
      assert.equal(filesIn(path.join(disk, 'attachments')).length, kept.length);
      assert.equal(await rows(), before[0] + kept.length);
      assert.equal((await upload(newFile(100), small.port)).status, 201);
    } finally {
      await small.stop();
      execFileSync('umount', [disk]);
      fs.rmdirSync(disk);
    }
  });

test('uploads are refused before the disk is full, for others need it too', async () => {
  const careful = await house.startServer({disk_reserve: '1048576M'});
  await nothingKept(async () => problemOf(await upload(newFile(10), careful.port), 507, 'storage_full'));
  await careful.stop();
});

test('without a state directory uploads are refused, and all else works', async () => {
  const bare = await house.startServer({state_dir: ''});
  problemOf(await upload(newFile(10), bare.port), 503, 'unavailable');
  assert.equal((await ask(bare.port, requestText('GET', '/v1/orgs/isfahan'))).status, 200);
  await bare.stop();
});
