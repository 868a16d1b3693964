// A disk that fails while an upload gets its name, at each step of it: the uploader learns what it was, and neither a row
// nor a file stays behind.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {after, test} from 'node:test';
import {newCase} from '../lib/casework.mjs';
import {done, refused} from '../lib/client.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const ENOSPC = 28, EIO = 5, EDQUOT = 122;
const REFUSALS = {[ENOSPC]: [507, 'storage_full'], [EDQUOT]: [507, 'storage_full'], [EIO]: [503, 'unavailable']};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-faults-'));
const library = path.join(folder, 'disk_faults.so');
const plan = path.join(folder, 'fault');
execFileSync('cc', ['-shared', '-fPIC', '-o', library, path.join(ROOT, 'tests/faults/disk_faults.c'), '-ldl']);

const house = await startHouse({settings: {log_level: 'warn', worker: 'off'}});
after(async () => {
  await house.stop();
  fs.rmSync(folder, {recursive: true});
});

// A server whose disk does what the plan says.
async function startFailing() {
  const before = {...process.env};
  const options = [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':');
  Object.assign(process.env, {LD_PRELOAD: library, DISK_FAULT: plan, ASAN_OPTIONS: options});
  try {
    return await house.startServer();
  } finally {
    process.env = before;
  }
}
const server = await startFailing();

const filesIn = (where) => (fs.existsSync(where) ? fs.readdirSync(where, {recursive: true, withFileTypes: true}) : [])
  .filter((entry) => entry.isFile()).map((entry) => entry.name).sort();
const state = async () => [filesIn(path.join(house.settings.state_dir, 'attachments')),
  (await house.query('SELECT count(*)::int AS n FROM attachment'))[0].n,
  (await house.query('SELECT count(*)::int AS n FROM event'))[0].n];

const newFile = () => Buffer.concat([SAMPLES['application/pdf'].bytes, Buffer.from(`%${randomUUID()}\n`)]);
const upload = async (bytes, key) => {
  const response = await fetch(`${server.url}/v1/orgs/isfahan/attachments`, {method: 'POST', body: bytes,
    headers: {'Content-Type': 'application/octet-stream', ...(key && {'Idempotency-Key': key})}});
  const body = await response.json();
  return response.ok ? {response, data: body} : {response, error: body};
};

async function failing(call, error, work) {
  fs.writeFileSync(plan, `${call} ${error}\n`);
  try {
    return await work();
  } finally {
    fs.rmSync(plan);
  }
}

// The folder of a part is made once, so each of these has a part that is new.
async function newPart() {
  for (;;) {
    const bytes = newFile();
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
    if (!fs.existsSync(path.join(house.settings.state_dir, 'attachments', digest.slice(0, 2)))) return bytes;
  }
}

for (const call of ['fsync_file', 'mkdirat', 'linkat', 'fsync_folder'])
  for (const error of [ENOSPC, EDQUOT, EIO])
    test(`uploadAttachment: ${call} fails with errno ${error}`, async () => {
      const bytes = await newPart();
      const key = randomUUID();
      const before = await state();
      const [status, code] = REFUSALS[error];
      for (let tries = 0; tries < 2; tries++)
        refused(await failing(call, error, () => upload(bytes, key)), status, code);
      assert.deepEqual(await state(), before);
      const {id} = done(await upload(bytes, key), 201);
      done(await house.anyone.POST('/v1/orgs/{org}/complaints',
        {params: {path: {org: 'isfahan'}}, body: newCase({attachments: [id]})}), 201);
      assert.equal((await state())[0].length, before[0].length + 1);
    });

test('uploadAttachment: where the same content is there already, a disk that fails does not take it away', async () => {
  const bytes = newFile();
  const {sha256} = done(await upload(bytes), 201);
  const before = await state();
  for (const call of ['utimensat', 'fsync_folder', 'linkat'])
    refused(await failing(call, EIO, () => upload(bytes)), 503, 'unavailable');
  assert.deepEqual(await state(), before);
  assert.ok(before[0].includes(sha256.slice(2)));
  assert.equal(done(await upload(bytes), 201).sha256, sha256);
});

test('uploadAttachment: of several at a time on a disk that fails now and then, those that were taken are there', async () => {
  const sent = Array.from({length: 60}, newFile);
  let on = false;
  const flicker = setInterval(() => {
    on = !on;
    if (on) fs.writeFileSync(plan, 'fsync_folder 5\n');
    else fs.rmSync(plan, {force: true});
  }, 3);
  const answers = await Promise.all(sent.map((bytes) => upload(bytes)));
  clearInterval(flicker);
  fs.rmSync(plan, {force: true});
  const files = filesIn(path.join(house.settings.state_dir, 'attachments'));
  const taken = answers.filter(({response}) => response.status === 201).map(({data}) => data.sha256.slice(2));
  for (const answer of answers.filter(({response}) => response.status !== 201)) refused(answer, 503, 'unavailable');
  for (const name of taken) assert.ok(files.includes(name));
  assert.equal(files.length, (await house.query('SELECT count(DISTINCT sha256)::int AS n FROM attachment'))[0].n);
});
