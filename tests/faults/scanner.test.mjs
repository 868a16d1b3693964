// The virus scanner, away, slow, wrong and right: nothing is given out before it was found clean, and nothing else waits.
import assert from 'node:assert/strict';
import {createHash, randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {caseworkOf} from '../lib/casework.mjs';
import {hasClamd, startClamd, startScanner} from '../lib/clamd.mjs';
import {done, refused} from '../lib/client.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {freePort, until} from '../lib/server.mjs';

const CLEAN = 'stream: OK\0';
const FOUND = 'stream: Win.Test.EICAR_HDB-1 FOUND\0';
const ORG = {path: {org: 'isfahan'}};

const port = await freePort();
const house = await startHouse({settings: {clamd: `127.0.0.1:${port}`, log_level: 'warn'}});
after(() => house.stop());
const office = await caseworkOf(house);

const newFile = (mark = randomUUID()) =>
  Buffer.concat([SAMPLES['application/pdf'].bytes, Buffer.from(`%${mark}\n`), Buffer.alloc(200000, 'x')]);

const uploaded = async (bytes, where = house) => done(await where.anyone.POST('/v1/orgs/{org}/attachments', {
  params: ORG, headers: {'Content-Type': 'application/octet-stream'}, body: bytes, bodySerializer: (body) => body,
}), 201);

async function claimed(bytes) {
  const file = await uploaded(bytes);
  const receipt = await office.filed('complaint', {attachments: [file.id]});
  return {...file, code: receipt.tracking_code, case_id: receipt.id};
}

const scanOf = async (id, where = house) => (await where.query('SELECT scan FROM attachment WHERE id = $1', [id]))[0].scan;
const becomes = (id, scan, where) => until(`${id} to be ${scan}`, async () => (await scanOf(id, where)) === scan, 20000);
// The same, while the clock passes the time after which a scanner is asked again. A look that is under way may put the next
// one off from where the clock is by then.
const onceAskedAgain = (what, probe) => until(what, async () => {
  await house.moveClock('31 seconds');
  return probe();
}, 20000);
const becomesLater = (id, scan) => onceAskedAgain(`${id} to be ${scan}`, async () => (await scanOf(id)) === scan);

const fetched = (id) => office.admin.GET('/v1/orgs/{org}/attachments/{id}',
  {params: {path: {org: 'isfahan', id}}, parseAs: 'arrayBuffer'});
const tracked = (id, code) => house.anyone.GET('/v1/track/attachments/{id}',
  {params: {path: {id}, header: {'Tracking-Code': code}}, parseAs: 'arrayBuffer'});
const events = async (id) => (await house.query(
  "SELECT kind FROM event WHERE subject_id = $1 AND kind <> 'attachment.uploaded'", [id])).map(({kind}) => kind);

async function withScanner(answer, work) {
  const scanner = await startScanner(answer, port);
  try {
    await work(scanner);
  } finally {
    await scanner.stop();
  }
}

test('a file waits while the scanner is away, and is given out once it was found clean', async () => {
  const bytes = newFile();
  const file = await claimed(bytes);
  assert.equal(file.scan, 'waiting');
  refused(await fetched(file.id), 409, 'not_scanned');
  refused(await tracked(file.id, file.code), 409, 'not_scanned');
  assert.equal((await office.tracked(file.code)).attachments[0].scan, 'waiting');
  await until('a look at the scanner', async () => house.server.logged('attachments.not_scanned').length > 0);
  await withScanner(() => CLEAN, async (scanner) => {
    await becomesLater(file.id, 'clean');
    assert.ok(scanner.files.some((seen) => seen.equals(bytes)), 'the scanner saw another file');
  });
  assert.deepEqual(Buffer.from(done(await fetched(file.id))), bytes);
  assert.deepEqual(Buffer.from(done(await tracked(file.id, file.code))), bytes);
  assert.deepEqual(await events(file.id), ['attachment.clean']);
});

test('an infected file is never given out, nor the same content that was let pass before', async () => {
  const bytes = newFile();
  let old;
  await withScanner(() => CLEAN, async () => {
    old = await claimed(bytes);
    await becomes(old.id, 'clean');
  });
  await withScanner(() => 'no verdict\0', async (scanner) => {
    const file = await claimed(bytes);
    scanner.answer = () => FOUND;
    await becomesLater(file.id, 'infected');
    for (const {id, code} of [file, old]) {
      refused(await fetched(id), 409, 'infected');
      refused(await tracked(id, code), 409, 'infected');
    }
    assert.deepEqual(await events(file.id), ['attachment.infected']);
    assert.deepEqual(await events(old.id), ['attachment.clean', 'attachment.infected']);
  });
});

test('an infected upload cannot be claimed', async () => {
  await withScanner(() => FOUND, async () => {
    const {id} = await uploaded(newFile());
    await becomes(id, 'infected');
    refused(await office.file('complaint', {subject: 'پیوست', text: 'متن شکایت', attachments: [id]}), 422, 'unknown_attachment');
  });
});

test('whatever is no verdict leaves the file waiting', async () => {
  const replies = ['stream: OK', 'OK\0', 'stream: OK\0x\0', '\0', 'INSTREAM size limit exceeded. ERROR\0', 'stream:  FOUND',
    'x'.repeat(5000)];
  let reply = 0;
  await withScanner(() => replies[reply], async (scanner) => {
    const file = await claimed(newFile());
    for (; reply < replies.length; reply++) {
      const seen = scanner.files.length;
      await onceAskedAgain('another look', () => scanner.files.length > seen);
      assert.equal(await scanOf(file.id), 'waiting', replies[reply]);
    }
  });
});

// Which of them the worker takes first is told by the instants at which they are due.
test('a file that is lost, or that the scanner does not get through, holds up none behind it for long', async () => {
  const [lost, bad, good] = await Promise.all([1, 2, 3].map(() => claimed(newFile())));
  const [{sha256}] = await house.query("SELECT encode(sha256, 'hex') AS sha256 FROM attachment WHERE id = $1", [lost.id]);
  fs.rmSync(path.join(house.settings.state_dir, 'attachments', sha256.slice(0, 2), sha256.slice(2)));
  const waiting = async () => (await house.query(`SELECT id FROM attachment WHERE id = ANY ($1) AND scan = 'waiting'
    ORDER BY scan_at, id`, [[lost.id, bad.id, good.id]])).map(({id}) => id);
  const [{sha256: unfit}] = await house.query("SELECT encode(sha256, 'hex') AS sha256 FROM attachment WHERE id = $1", [bad.id]);
  await house.looked('scan'); // the scanner is away: all of them are put off
  await withScanner((bytes) => (createHash('sha256').update(bytes).digest('hex') === unfit ? 'too long\0' : CLEAN), async () => {
    await house.query(`UPDATE attachment SET scan_at = clock_timestamp() - array_position($1, id) * interval '1 minute'
      WHERE id = ANY ($1)`, [[good.id, bad.id, lost.id]]);
    await house.looked('scan');
    assert.equal((await waiting())[0], good.id, 'the one that was not tried is the next one');
    await house.query("UPDATE attachment SET scan_at = scan_at - interval '1 hour' WHERE id = ANY ($1)", [[lost.id, bad.id, good.id]]);
    await house.looked('scan');
    assert.deepEqual(await Promise.all([good, lost, bad].map(({id}) => scanOf(id))), ['clean', 'waiting', 'waiting']);
  });
  assert.ok(house.server.logged('attachments.unreadable').length > 0);
  await house.query("UPDATE attachment SET scan_at = NULL, scan = 'infected' WHERE id = ANY ($1)", [[lost.id, bad.id]]);
});

test('a scanner that says nothing does not keep the server from ending', async () => {
  const file = await claimed(newFile());
  const hanging = await startScanner(() => undefined);
  const server = await house.startServer({clamd: hanging.address});
  // The first server, whose scanner is away, puts it off as well.
  await onceAskedAgain('the scanner to be asked', () => hanging.files.length > 0);
  const from = Date.now();
  await server.stop();
  assert.ok(Date.now() - from < 3000, 'the worker waited for the scanner');
  assert.equal(await scanOf(file.id), 'waiting');
  await hanging.stop();
});

test('a real clamd finds what its signatures know', {skip: !hasClamd() && 'clamav-daemon is not installed'}, async () => {
  const signature = randomUUID();
  const clamd = await startClamd(signature);
  const own = await startHouse({settings: {clamd: clamd.address, log_level: 'warn'}});
  try {
    const [clean, infected] = [await uploaded(newFile(), own), await uploaded(newFile(signature), own)];
    await becomes(clean.id, 'clean', own);
    await becomes(infected.id, 'infected', own);
  } finally {
    await own.stop();
    await clamd.stop();
  }
});
