// Bodies in chunks, pipelined requests, lengths that lie, and clients that ask before they send.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {Raw, ask, chunked, converse, problemOf, requestText} from '../lib/raw.mjs';
import {each, groundOf} from './ground.mjs';

const ground = await groundOf({settings: {body_timeout: '1s', body_rate: 0, idle_timeout: '1s'}});
after(() => ground.house.stop());
const {port} = ground;

const JSON_TYPE = 'Content-Type: application/json';
const CHUNKED = 'Transfer-Encoding: chunked';
const comment = (text, headers = []) =>
  requestText('POST', ground.comments, {headers: [JSON_TYPE, ...headers], body: JSON.stringify({text})});
const head = (...headers) => requestText('POST', ground.comments, {headers: [JSON_TYPE, ...headers]});
const newMarker = () => `marker ${randomUUID()}`;

// --- chunks -----------------------------------------------------------------------------------------------------

// A comment in chunks, of which only the bytes up to `end` are sent.
const inChunks = (body, size, end) => Buffer.concat([Buffer.from(head(CHUNKED)), chunked(body, size).subarray(0, end)]);

test('a chunked body is read whole, whatever the size of its chunks', () =>
  each([1, 2, 7, 100, 4096, 100000], async (size) => {
    const text = `${newMarker()} ${'ن'.repeat(3000)}`;
    const answer = await ask(port, inChunks(JSON.stringify({text}), size));
    assert.equal(answer.status, 201, answer.body);
    assert.equal(await ground.commentsOf(text), 1);
  }));

test('a chunked body may come byte by byte', async () => {
  const text = newMarker();
  const connection = await Raw.open(port);
  for (const byte of inChunks(JSON.stringify({text}), 5)) {
    connection.send(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  assert.equal((await connection.answer()).status, 201);
  connection.destroy();
  assert.equal(await ground.commentsOf(text), 1);
});

test('a chunked body that breaks off is no request', () => ground.unchanged(async () => {
  const body = JSON.stringify({text: newMarker()});
  await each([1, 10, 30, -7, -2, -1], async (end) => {
    const {bytes, isClosed} = await converse(port, inChunks(body, 10, end), {end: true});
    assert.deepEqual([bytes.toString(), isClosed], ['', true]);
  });
}));

test('a chunked body above the limit is refused, also one without an end, or where something else is wrong', () => ground.unchanged(async () => {
  const answer = await ask(port, inChunks('x'.repeat(300000), 9999));
  problemOf(answer, 413, 'body_too_large');
  assert.equal(answer.isClosed, true);
  const endless = await ask(port, inChunks('x'.repeat(2000000), 65536, -5));
  problemOf(endless, 413, 'body_too_large');
  assert.equal(endless.isClosed, true);
  const other = Buffer.from(inChunks('x'.repeat(5000000), 65536, -5).toString('latin1').replace('application/json', 'text/plain'), 'latin1');
  const refused = await ask(port, other);
  problemOf(refused, 415, 'unsupported_media_type');
  assert.equal(refused.isClosed, true);
}));

// --- pipelining -------------------------------------------------------------------------------------------------

test('pipelined requests are answered in their order, each once', async () => {
  const texts = Array.from({length: 30}, newMarker);
  const requests = texts.flatMap((text) => [comment(text), requestText('GET', '/v1/orgs/isfahan'),
    requestText('GET', '/v1/nothing'), requestText('HEAD', '/v1/orgs')]);
  const connection = await Raw.open(port);
  connection.send(requests.join(''));
  const numbers = [];
  for (const text of texts) {
    const created = await connection.answer();
    assert.equal(created.status, 201, text);
    numbers.push(JSON.parse(created.body).number);
    assert.equal(JSON.parse((await connection.answer()).body).slug, 'isfahan');
    problemOf(await connection.answer(), 404, 'not_found');
    assert.equal((await connection.answer({isHead: true})).status, 200);
  }
  assert.equal(connection.rest.length, 0);
  connection.destroy();
  const rows = await ground.house.query('SELECT text, number FROM comment WHERE text = ANY ($1)', [texts]);
  const byText = new Map(rows.map(({text, number}) => [text, number]));
  assert.equal(rows.length, texts.length);
  assert.deepEqual(numbers, texts.map((text) => byText.get(text)), 'each answer belongs to its request');
});

test('a pipelined request that is refused for its framing is the last one', async () => {
  const [before, behind] = [newMarker(), newMarker()];
  const {bytes, isClosed} = await converse(port, comment(before) + requestText('GET', '/v1//orgs') + comment(behind));
  assert.deepEqual(bytes.toString().match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 201', 'HTTP/1.1 400']);
  assert.equal(isClosed, true);
  assert.deepEqual([await ground.commentsOf(before), await ground.commentsOf(behind)], [1, 0]);
});

test('many pipelined requests whose answers nobody reads do not hurt the others', async () => {
  const connection = await Raw.open(port);
  connection.pause().send(requestText('GET', '/openapi.json').repeat(500));
  const started = Date.now();
  for (let i = 0; i < 20; i++) assert.equal((await ask(port, requestText('GET', '/v1/orgs'))).status, 200);
  assert.ok(Date.now() - started < 2000, `${Date.now() - started} ms`);
  connection.destroy();
});

// The connection itself is closed as an idle one: libmicrohttpd does not look for the end of what it has answered.
test('a client that closes its sending side still gets its answer', async () => {
  const text = newMarker();
  const {bytes, isClosed} = await converse(port, comment(text), {end: true});
  assert.match(bytes.toString(), /^HTTP\/1\.1 201 /);
  assert.equal(isClosed, true);
  assert.equal(await ground.commentsOf(text), 1);
});

test('a client that is gone before its answer leaves a whole comment or none', async () => {
  const texts = Array.from({length: 50}, newMarker);
  await each(texts, async (text) => {
    const connection = await Raw.open(port);
    connection.send(comment(text));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    connection.socket.resetAndDestroy();
  });
  assert.equal((await ground.post(newMarker())).status, 201);
  const [{halves}] = await ground.house.query(`SELECT count(*)::int AS halves
    FROM comment c FULL JOIN (SELECT * FROM event WHERE kind = 'comment.received') e ON e.subject_id = c.id
    WHERE c.id IS NULL OR e.id IS NULL`);
  assert.equal(halves, 0);
});

// --- lengths that lie -------------------------------------------------------------------------------------------

test('a body shorter than its length is no request', () => ground.unchanged(async () => {
  const {bytes, isClosed} = await converse(port, `${head('Content-Length: 100')}{"text":"abcdef"}`, {end: true});
  assert.deepEqual([bytes.toString(), isClosed], ['', true]);
  const waiting = await converse(port, `${head('Content-Length: 100')}{"text":"abcdef"}`);
  assert.deepEqual([waiting.bytes.toString(), waiting.isClosed], ['', true]);
}));

test('a body longer than its length is cut there, and the rest is no request', () => ground.unchanged(async () => {
  const {bytes, isClosed} = await converse(port, `${head('Content-Length: 10')}{"text":"abcdef"}\r\n\r\n`);
  assert.match(bytes.toString(), /^HTTP\/1\.1 400 [^]*"code":"malformed_json"/);
  assert.equal(isClosed, true);
}));

// --- Expect -----------------------------------------------------------------------------------------------------

test('Expect: 100-continue: the body is asked for when the head is fine', async () => {
  const text = newMarker();
  const body = JSON.stringify({text});
  const connection = await Raw.open(port);
  connection.send(head(`Content-Length: ${Buffer.byteLength(body)}`, 'Expect: 100-continue'));
  assert.equal((await connection.answer()).status, 100);
  assert.equal((await connection.send(body).answer()).status, 201);
  assert.equal((await connection.send(requestText('GET', '/v1/orgs')).answer()).status, 200);
  connection.destroy();
  assert.equal(await ground.commentsOf(text), 1);
});

test('Expect: 100-continue: a head that is refused is answered before the body, and the connection closed', () =>
  ground.unchanged(() => each([
    ['/v1/nothing', ['Content-Length: 9'], 404, 'not_found'],
    [ground.comments, [JSON_TYPE, 'Content-Length: 99999999'], 413, 'body_too_large'],
    [ground.comments, ['Content-Length: 9'], 415, 'unsupported_media_type'],
    ['/v1/orgs/isfahan/drafts', [JSON_TYPE, 'Content-Length: 9'], 401, 'unauthorized'],
  ], async ([target, headers, status, code]) => {
    const answer = await ask(port, requestText('POST', target, {headers: [...headers, 'Expect: 100-continue']}));
    problemOf(answer, status, code);
    assert.equal(answer.isClosed, true);
  })));
