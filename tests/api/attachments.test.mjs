// Attachments: what is taken in by its content, who may claim it and who may have it back.
import assert from 'node:assert/strict';
import {createHash, randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, newCase} from '../lib/casework.mjs';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {SAMPLES, docx, mp4, odt, zip} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse();
after(() => house.stop());
const office = await caseworkOf(house);
const other = await caseworkOf(house, 'semnan');

const admin = house.key('admin');

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const ids = (list) => list.map((one) => one.id);

// Bytes that no file of this test had before, of a type that is accepted.
const newFile = (size = 64) => Buffer.concat([SAMPLES['application/pdf'].bytes, Buffer.from(`\n%${randomUUID()}\n`),
  Buffer.alloc(size, 'x')]);

function upload(bytes, {who = house.anyone, org = 'isfahan', name, key, type = 'application/octet-stream'} = {}) {
  return who.POST('/v1/orgs/{org}/attachments', {
    params: {path: {org}, query: name === undefined ? {} : {name}, header: key && {'Idempotency-Key': key}},
    headers: {'Content-Type': type}, body: bytes, bodySerializer: (body) => body,
  });
}

const uploaded = async (bytes = newFile(), options) => done(await upload(bytes, options), 201);

const fetched = (id, who = office.admin, org = 'isfahan', headers) =>
  who.GET('/v1/orgs/{org}/attachments/{id}', {params: {path: {org, id}}, headers, parseAs: 'arrayBuffer'});

const tracked = (id, code) => house.anyone.GET('/v1/track/attachments/{id}',
  {params: {path: {id}, header: {'Tracking-Code': code}}, parseAs: 'arrayBuffer'});

const bytesOf = (result) => Buffer.from(done(result));

test('uploadAttachment: every type that is accepted, told by its content', async () => {
  for (const [type, {bytes}] of Object.entries(SAMPLES)) {
    const file = await uploaded(bytes, {name: 'هر نامی'});
    assert.deepEqual({...file, id: '', uploaded_at: ''}, {
      id: '', sha256: sha256(bytes), size: bytes.length, media_type: type, name: 'هر نامی', scan: 'none', uploaded_at: '',
    });
  }
});

test('uploadAttachment: a voice memo of a phone is sound, whatever its brand', async () => {
  for (const brand of ['mp42', 'isom', '3gp4', 'M4B '])
    assert.equal((await uploaded(mp4(['soun'], {brand}))).media_type, 'audio/mp4', brand);
  assert.equal((await uploaded(mp4(['soun', 'soun']))).media_type, 'audio/mp4');
  assert.equal((await uploaded(mp4(['soun'], {isLong: true}))).media_type, 'audio/mp4');
});

test('uploadAttachment: anything else is refused, with the list of what is accepted', async () => {
  const pdf = SAMPLES['application/pdf'].bytes;
  const others = {
    'a program': Buffer.from('MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff', 'latin1'),
    'an ELF program': fs.readFileSync('/bin/true'),
    'a program that goes on as a PDF': Buffer.concat([Buffer.from('MZ\x90\x00', 'latin1'), pdf]),
    'a page that goes on as a PDF': Buffer.concat([Buffer.from('<html><script>alert(1)</script>'), pdf]),
    'a plain archive': zip([['a.txt', 'text'], ['b.txt', 'text']]),
    'an archive with a picture of a document': zip([['word/document.xml.txt', 'x'], ['[Content_Types].xml', 'x']]),
    'a document with macros': docx([['word/vbaProject.bin', 'x']]),
    'a document behind something else': Buffer.concat([Buffer.from('x'), docx()]),
    'a document with something behind it': Buffer.concat([docx(), Buffer.from('x')]),
    'a spreadsheet': zip([['[Content_Types].xml', 'x'], ['xl/workbook.xml', 'x']]),
    'an OpenDocument spreadsheet': odt('application/vnd.oasis.opendocument.spreadsheet'),
    'an OpenDocument template': odt('application/vnd.oasis.opendocument.text-template'),
    'the end of an archive alone': docx().subarray(-22),
    'SVG': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    'HTML': Buffer.from('<!doctype html><title>x</title>'),
    'a GIF': Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1'),
    'a film': Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\0\0isommp42'), Buffer.alloc(16)]),
    'a film with sound': mp4(['soun', 'vide']),
    'a film without sound': mp4(['vide']),
    'MP4 without a track': mp4([]),
    'MP4 that ends too early': mp4(['soun']).subarray(0, -10),
    'MP4 whose longest part hides a picture': mp4(['vide'], {isLong: true}),
    'text': Buffer.from('متن ساده'),
    'one byte': Buffer.from('%'),
    'nothing but zeroes': Buffer.alloc(4096),
  };
  for (const [what, bytes] of Object.entries(others)) {
    const {accepted} = refused(await upload(bytes, {name: 'report.pdf'}), 415, 'unsupported_media_type');
    assert.deepEqual(accepted, Object.keys(SAMPLES), what);
  }
});

test('uploadAttachment: what is wrong with the request is told', async () => {
  faulty(await upload(newFile(), {name: 'x'.repeat(201)}), 'query /name too_long');
  faulty(await upload(newFile(), {key: 'short'}), 'header /Idempotency-Key too_short');
  faulty(await upload(Buffer.alloc(0)), 'body  required');
  refused(await upload(newFile(), {type: 'application/pdf'}), 415, 'unsupported_media_type',
    {expected: 'application/octet-stream'});
  refused(await upload(newFile(), {org: 'nowhere'}), 404, 'not_found');
  refused(await upload(newFile(), {who: clientOf(house.server.url, 'no-such-key')}), 401, 'unauthorized');
});

test('uploadAttachment: staff upload too, also with a key that the server has not seen yet', async () => {
  const {key, id: keyId} = await house.key('expert');
  const bytes = newFile(300000);
  const {id, sha256: digest} = await uploaded(bytes, {who: clientOf(house.server.url, key)});
  assert.equal(digest, sha256(bytes));
  const [row] = await house.query('SELECT uploaded_by FROM attachment WHERE id = $1', [id]);
  assert.equal(row.uploaded_by, keyId);
});

test('uploadAttachment: repeated it is the same file', async () => {
  const bytes = newFile();
  const key = randomUUID();
  const first = await uploaded(bytes, {key});
  const again = await upload(bytes, {key});
  assert.deepEqual(done(again, 201), first);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await upload(newFile(), {key}), 422, 'idempotency_mismatch');
  const answers = await Promise.all(Array.from({length: 20}, () => upload(bytes, {key: `${key}-raced`})));
  assert.equal(new Set(answers.map((answer) => done(answer, 201).id)).size, 1);
});

test('getAttachment: staff have the file of a case back as it was, to be saved', async () => {
  for (const [type, {bytes, extension}] of Object.entries(SAMPLES)) {
    const {id, sha256: digest} = await uploaded(bytes, {name: `سند "۱".${extension}`});
    await office.filed('complaint', {attachments: [id]});
    const answer = await fetched(id);
    assert.deepEqual(bytesOf(answer), bytes, type);
    const {headers} = answer.response;
    assert.equal(headers.get('Content-Type'), type);
    assert.equal(headers.get('Content-Length'), String(bytes.length));
    assert.equal(headers.get('ETag'), `"${digest}"`);
    assert.equal(headers.get('X-Content-Type-Options'), 'nosniff');
    assert.equal(headers.get('Content-Security-Policy'), "default-src 'none'; sandbox");
    assert.equal(headers.get('Cache-Control'), 'no-store');
    assert.equal(headers.get('Content-Disposition'),
      `attachment; filename=" __.${extension}"; filename*=UTF-8''${encodeURIComponent(`سند "۱".${extension}`)}`);
    const known = await fetched(id, office.admin, 'isfahan', {'If-None-Match': `"${digest}"`});
    assert.equal(known.response.status, 304);
    const asked = await fetch(answer.response.url, {method: 'HEAD', headers: {Authorization: `Bearer ${(await admin).key}`}});
    assert.deepEqual([asked.status, asked.headers.get('Content-Length')], [200, String(bytes.length)]);
  }
});

test('getAttachment, getTrackedAttachment: a part of it, to whoever has the rest', async () => {
  const bytes = newFile(300000);
  const {id, sha256: digest} = await uploaded(bytes, {name: 'صدا.pdf'});
  const {tracking_code: code} = await office.filed('complaint', {attachments: [id]});
  const part = (headers) => fetched(id, office.admin, 'isfahan', headers);
  for (const [range, first, last] of [['bytes=0-0', 0, 0], ['bytes=100-299999', 100, 299999], ['bytes=1000-', 1000, bytes.length - 1],
    ['bytes=-500', bytes.length - 500, bytes.length - 1], ['bytes=5-99999999', 5, bytes.length - 1]]) {
    const answer = await part({Range: range});
    const {headers} = answer.response;
    assert.equal(answer.response.status, 206, range);
    assert.deepEqual(Buffer.from(answer.data), bytes.subarray(first, last + 1), range);
    assert.deepEqual([headers.get('Content-Range'), headers.get('Content-Length'), headers.get('ETag'), headers.get('Accept-Ranges')],
      [`bytes ${first}-${last}/${bytes.length}`, String(last - first + 1), `"${digest}"`, 'bytes']);
    assert.match(headers.get('Content-Disposition'), /^attachment; /);
  }
  for (const headers of [{}, {Range: 'bytes=5-2'}, {Range: 'bytes=0-1,4-5'}, {Range: 'lines=1-2'},
    {Range: 'bytes=0-9', 'If-Range': '"other"'}, {Range: 'bytes=0-9', 'If-Range': 'Sat, 21 Nov 2026 08:00:00 GMT'}]) {
    const answer = await part(headers);
    assert.deepEqual(bytesOf(answer), bytes);
    assert.deepEqual([answer.response.headers.get('Accept-Ranges'), answer.response.headers.get('Content-Range')], ['bytes', null]);
  }
  assert.equal((await part({Range: 'bytes=0-9', 'If-Range': `"${digest}"`})).data.byteLength, 10);
  assert.equal((await part({Range: 'bytes=0-9', 'If-None-Match': `"${digest}"`})).response.status, 304);
  for (const range of [`bytes=${bytes.length}-`, 'bytes=-0']) {
    const response = await fetch(`${house.server.url}/v1/orgs/isfahan/attachments/${id}`,
      {headers: {Authorization: `Bearer ${(await admin).key}`, Range: range}});
    refused({response, error: await response.json()}, 416, 'range_not_satisfiable');
    assert.equal(response.headers.get('Content-Range'), `bytes */${bytes.length}`);
  }
  const theirs = await house.anyone.GET('/v1/track/attachments/{id}', {params: {path: {id}, header: {'Tracking-Code': code}},
    headers: {Range: 'bytes=-10'}, parseAs: 'arrayBuffer'});
  assert.deepEqual([theirs.response.status, Buffer.from(theirs.data)], [206, bytes.subarray(-10)]);
});

test('getAttachment: the name tells what it is, and is no path', async () => {
  const names = {
    'a.html': 'a.html.pdf', '../../etc/passwd': '.._.._etc_passwd.pdf', 'a.PDF': 'a.PDF', pdf: 'pdf.pdf',
    'گزارش': 'گزارش.pdf',
  };
  for (const [name, saved] of Object.entries(names)) {
    const {id} = await uploaded(newFile(), {name});
    await office.filed('complaint', {attachments: [id]});
    const {response} = await fetched(id);
    assert.equal(decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(response.headers.get('Content-Disposition'))[1]), saved);
  }
  const {id} = await uploaded();
  await office.filed('complaint', {attachments: [id]});
  assert.match((await fetched(id)).response.headers.get('Content-Disposition'), /filename="attachment.pdf"/);
});

test('getAttachment: nobody but staff of the organisation, and nothing that no case has', async () => {
  const {id} = await uploaded();
  refused(await fetched(id), 404, 'not_found');
  await office.filed('complaint', {attachments: [id]});
  done(await fetched(id, office.expert));
  refused(await fetched(id, house.anyone), 401, 'unauthorized');
  refused(await fetched(id, other.expert), 403, 'forbidden');
  refused(await fetched(id, other.expert, 'semnan'), 404, 'not_found');
  refused(await fetched(randomUUID()), 404, 'not_found');
});

test('getAttachment: of a confidential message for those who may, and each reading is recorded', async () => {
  const bytes = newFile();
  const {id} = await uploaded(bytes);
  const receipt = await office.filed('message', {attachments: [id], confidential: true});
  const readings = async () => (await house.query(
    "SELECT count(*)::int AS n FROM event WHERE subject_id = $1 AND kind = 'message.read'", [receipt.id]))[0].n;
  refused(await fetched(id, office.expert), 403, 'forbidden');
  assert.equal(await readings(), 0);
  assert.deepEqual(bytesOf(await fetched(id, office.office)), bytes);
  assert.equal(await readings(), 1);
});

test('getTrackedAttachment: the citizen has own files and those of replies, never those of notes', async () => {
  const [own, replied, noted, said] = await Promise.all(Array.from({length: 4}, () => uploaded()));
  const receipt = await office.filed('complaint', {attachments: [own.id]});
  const code = receipt.tracking_code;
  done(await office.reply('complaint', receipt.id, {text: 'پیوست را ببینید.', attachments: [replied.id]}), 201);
  done(await office.note('complaint', receipt.id, {text: 'درونی', attachments: [noted.id]}), 201);
  done(await office.citizen('replies', code, {text: 'این هم مدرک', attachments: [said.id]}));

  assert.deepEqual(ids((await office.tracked(code)).attachments).sort(), ids([own, replied, said]).sort());
  assert.deepEqual(ids((await office.shown('complaint', receipt.id)).attachments).sort(),
    ids([own, replied, noted, said]).sort());
  for (const {id, sha256: digest} of [own, replied, said]) {
    const answer = await tracked(id, code);
    assert.equal(sha256(bytesOf(answer)), digest);
    assert.equal(answer.response.headers.get('Cache-Control'), 'no-store');
  }
  refused(await tracked(noted.id, code), 404, 'not_found');
  done(await fetched(noted.id));
});

test('getTrackedAttachment: another code opens nothing', async () => {
  const {id} = await uploaded();
  await office.filed('complaint', {attachments: [id]});
  const stranger = await office.filed('complaint');
  refused(await tracked(id, stranger.tracking_code), 404, 'not_found');
  refused(await tracked(id, '1234-5678-9012-3456-7890'), 404, 'not_found');
  refused(await tracked(randomUUID(), stranger.tracking_code), 404, 'not_found');
});

test('getTrackedAttachment: files follow a message into what it is converted to', async () => {
  const {id, sha256: digest} = await uploaded();
  const receipt = await office.filed('message', {attachments: [id]});
  done(await office.convert(receipt.id, {to: 'complaint'}), 201);
  assert.equal(sha256(bytesOf(await tracked(id, receipt.tracking_code))), digest);
});

test('getTrackedAttachment: what goes with an answer or a question back is for the citizen', async () => {
  const moves = {
    complaint: [BODIES.complaint.awaiting_citizen, BODIES.complaint.answered],
    message: [BODIES.message.answered],
    info_request: [BODIES.info_request.clarification, BODIES.info_request.answered_full, BODIES.info_request.answered_partial],
  };
  const from = {complaint: 'in_progress', message: 'assigned', info_request: 'assigned'};
  for (const [kind, bodies] of Object.entries(moves)) {
    for (const body of bodies) {
      const [file, theirs] = [await uploaded(), await uploaded(newFile(), {org: 'semnan'})];
      const {id, tracking_code: code} = await office.made(kind, from[kind]);
      refused(await office.move(kind, id, {...body, attachments: [theirs.id]}), 422, 'unknown_attachment');
      const moved = done(await office.move(kind, id, {...body, attachments: [file.id]}));
      assert.deepEqual(ids(moved.attachments), [file.id], `${kind} ${body.to}`);
      assert.ok(moved.attachments[0].message_id);
      assert.equal(moved.outcome?.attachments, undefined);
      assert.equal(sha256(bytesOf(await tracked(file.id, code))), file.sha256);
      refused(await office.file(kind, newCase({attachments: [file.id]})), 422, 'unknown_attachment');
    }
  }
});

test('getTrackedAttachment: who was merged into a case has the files of its answer, not those of its filer', async () => {
  const [own, others, answer, said] = await Promise.all(Array.from({length: 4}, () => uploaded()));
  const merged = await office.filed('complaint', {attachments: [own.id]});
  const survivor = await office.made('complaint', 'in_progress', {attachments: [others.id]});
  done(await office.merge(merged.id, survivor.id));
  done(await office.citizen('replies', survivor.tracking_code, {text: 'مدرک دیگر', attachments: [said.id]}));
  done(await office.move('complaint', survivor.id, {...BODIES.complaint.answered, attachments: [answer.id]}));
  const code = merged.tracking_code;
  assert.deepEqual(ids((await office.tracked(code)).attachments).sort(), ids([own, answer]).sort());
  done(await tracked(own.id, code));
  done(await tracked(answer.id, code));
  refused(await tracked(others.id, code), 404, 'not_found');
  refused(await tracked(said.id, code), 404, 'not_found');
});

test('getAttachment: a citizen who reopens a case may add to it', async () => {
  const file = await uploaded();
  const {id, tracking_code: code} = await office.made('complaint', 'answered');
  done(await office.citizen('reopen', code, {text: 'مشکل مانده است.', attachments: [file.id]}));
  assert.deepEqual(ids((await office.shown('complaint', id)).attachments), [file.id]);
  assert.equal(sha256(bytesOf(await fetched(file.id))), file.sha256);
});

test('uploadAttachment: an upload goes to the first case that claims it, whoever races', async () => {
  const {id} = await uploaded();
  const answers = await Promise.all(Array.from({length: 50}, () => office.file('complaint', newCase({attachments: [id]}))));
  assert.equal(answers.filter(({response}) => response.status === 201).length, 1);
  for (const answer of answers.filter(({response}) => response.status !== 201))
    refused(answer, 422, 'unknown_attachment');
  refused(await other.file('complaint', newCase({attachments: [id]})), 422, 'unknown_attachment');
});

test('uploadAttachment: two uploads of one content are two files', async () => {
  const bytes = newFile();
  const [one, two] = [await uploaded(bytes, {name: 'یک.pdf'}), await uploaded(bytes, {name: 'دو.pdf'})];
  assert.notEqual(one.id, two.id);
  assert.equal(one.sha256, two.sha256);
  await office.filed('complaint', {attachments: [one.id]});
  refused(await fetched(two.id), 404, 'not_found');
  await office.filed('complaint', {attachments: [two.id]});
  assert.deepEqual(bytesOf(await fetched(one.id)), bytes);
  assert.deepEqual(bytesOf(await fetched(two.id)), bytes);
});

const inStore = ({sha256: digest}) =>
  fs.existsSync(path.join(house.settings.state_dir, 'attachments', digest.slice(0, 2), digest.slice(2)));
const isThere = async ({id}) => (await house.query('SELECT FROM attachment WHERE id = $1', [id])).length === 1;

test('uploadAttachment: what nobody claims within a day is removed, its content unless another file has it', async () => {
  const [shared, again] = [newFile(), newFile()];
  const [claimed, twin, lone, late] = [await uploaded(shared), await uploaded(shared), await uploaded(), await uploaded(again)];
  await office.filed('complaint', {attachments: [claimed.id]});
  await house.moveClock('23 hours');
  const young = await uploaded(again);
  assert.ok(await isThere(lone));
  await house.moveClock('2 hours');
  await until('the orphans to be removed', async () => !(await isThere(lone)) && !(await isThere(twin)) && !(await isThere(late)));
  await until('the content to be removed', () => !inStore(lone));
  assert.ok(await isThere(claimed));
  assert.ok(inStore(claimed), 'the content of a claimed file is gone');
  assert.ok(await isThere(young));
  assert.ok(inStore(young), 'the content of a young upload is gone');
  assert.deepEqual(bytesOf(await fetched(claimed.id)), shared);
  refused(await office.file('complaint', newCase({attachments: [lone.id]})), 422, 'unknown_attachment');
  const [{actor_kind: actor}] = await house.query(
    "SELECT actor_kind FROM event WHERE subject_id = $1 AND kind = 'attachment.removed'", [lone.id]);
  assert.equal(actor, 'system');
});

test('uploadAttachment: files that no row knows are removed at the next start, but for young ones', async () => {
  const put = (bytes, hours, digest = sha256(bytes)) => {
    const file = path.join(house.settings.state_dir, 'attachments', digest.slice(0, 2), digest.slice(2));
    fs.mkdirSync(path.dirname(file), {recursive: true});
    fs.writeFileSync(file, bytes);
    const at = Date.now() / 1000 - hours * 3600;
    fs.utimesSync(file, at, at);
    return {sha256: digest};
  };
  const kept = await uploaded();
  const [old, young] = [put(newFile(), 2), put(newFile(), 0)];
  const alike = Array.from({length: 200}, (_, i) => put(newFile(), 2, `ab${sha256(`${i}`).slice(2)}`)); // in one folder
  const second = await house.startServer();
  await until('the old ones to be removed', () => ![old, ...alike].some(inStore));
  assert.ok(inStore(young));
  assert.ok(inStore(kept));
  await second.stop();
});
