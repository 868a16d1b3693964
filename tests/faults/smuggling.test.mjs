// Request smuggling on raw sockets: whatever hides a second request in a first one, it is never executed, and a
// connection whose framing cannot be trusted is closed. The hidden request is a comment, so the database knows.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {Raw, converse, requestText} from '../lib/raw.mjs';
import {each, groundOf} from './ground.mjs';

const ground = await groundOf({settings: {header_timeout: '1s', idle_timeout: '1s', body_timeout: '1s'}});
after(() => ground.house.stop());
const {port} = ground;

const JSON_TYPE = 'Content-Type: application/json';
const comment = (text, headers = []) =>
  requestText('POST', ground.comments, {headers: [JSON_TYPE, ...headers], body: JSON.stringify({text})});

// The head of a comment with these lines for its framing.
const head = (...lines) => requestText('POST', ground.comments, {headers: [JSON_TYPE, ...lines]});
const raw = (lines, {version = 'HTTP/1.1', method = 'POST', target = ground.comments, eol = '\r\n'} = {}) =>
  [`${method} ${target} ${version}`, 'Host: x', JSON_TYPE, ...lines, '', ''].join(eol);

const BODY = '{"text":"outer"}';
const LENGTH = BODY.length;
const CHUNKS = `${LENGTH.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

// Sends `outer` with a hidden comment behind it, and maybe in it: nothing may come of either. `status` is that of the
// only answer; null: none comes.
const hidesNothing = (rows) => ground.unchanged(() => each(rows, async ([, outer, status, {isOurs = true} = {}]) => {
  const marker = `hidden ${randomUUID()}`;
  const hidden = comment(marker);
  const sent = typeof outer === 'function' ? outer(hidden) : outer + hidden;
  const {bytes, isClosed} = await converse(port, sent);
  assert.equal(isClosed, true, 'the connection stays open');
  const answers = bytes.toString().split('HTTP/1.1 ').slice(1);
  assert.deepEqual(answers.map((answer) => answer.slice(0, 3)).slice(0, 1), status === null ? [] : [String(status)]);
  if (isOurs && status !== null) assert.equal(answers.length, 1, 'more than one answer');
  assert.equal(await ground.commentsOf(marker), 0, 'the hidden request was executed');
}));

// libmicrohttpd refuses these by itself, and writes the head of its answer twice.
const BY_LIBRARY = {isOurs: false};

test('the hidden comment is one that would be accepted', async () => {
  const marker = `hidden ${randomUUID()}`;
  const {bytes} = await converse(port, comment(`outer ${marker}`) + comment(marker, ['Connection: close']));
  assert.equal(bytes.toString().split('HTTP/1.1 201 ').length, 3);
  assert.equal(await ground.commentsOf(marker), 1);
});

// By its length the outer body holds the hidden request; by these lines it ends before it.
const overAll = (...lines) => (hidden) =>
  `${head(...lines, `Content-Length: ${5 + hidden.length}`)}0\r\n\r\n${hidden}`;

test('length and encoding together', () => hidesNothing([
  ['CL, TE', head(`Content-Length: ${LENGTH}`, 'Transfer-Encoding: chunked') + CHUNKS, 400],
  ['TE, CL', head('Transfer-Encoding: chunked', `Content-Length: ${LENGTH}`) + CHUNKS, 400],
  ['CL over all', overAll('Transfer-Encoding: chunked'), 400],
  ['CL 0', head('Content-Length: 0', 'Transfer-Encoding: chunked') + CHUNKS, 400],
  ['blank before the colon', overAll('Transfer-Encoding : chunked'), 400],
  ['blank before the colon of CL', head('Transfer-Encoding: chunked', `Content-Length : ${LENGTH}`) + CHUNKS, 400],
  ['folded name', overAll('Transfer-Encodin: chunked', ' g'), 400],
  ['folded value', head('Transfer-Encoding:', ' chunked', `Content-Length: ${LENGTH}`) + CHUNKS, 400],
  ['case', head('tRANSFER-eNCODING: CHUNKED', `content-LENGTH: ${LENGTH}`) + CHUNKS, 400],
]));

test('lengths that can be read in two ways', () => hidesNothing([
  ['two, small first', head(`Content-Length: ${LENGTH}`, 'Content-Length: 999') + BODY, 400],
  ['two, large first', (hidden) =>
    `${head(`Content-Length: ${LENGTH + hidden.length}`, `Content-Length: ${LENGTH}`)}${BODY}${hidden}`, 400],
  ['two, equal', head(`Content-Length: ${LENGTH}`, `Content-Length: ${LENGTH}`) + BODY, 400],
  ['two, apart', head(`Content-Length: ${LENGTH}`, 'X: y', 'content-length: 0') + BODY, 400],
  ['+', head(`Content-Length: +${LENGTH}`) + BODY, 400, BY_LIBRARY],
  ['-', head('Content-Length: -1') + BODY, 400, BY_LIBRARY],
  ['list', head(`Content-Length: ${LENGTH},${LENGTH}`) + BODY, 400, BY_LIBRARY],
  ['hexadecimal', head('Content-Length: 0x10') + BODY, 400, BY_LIBRARY],
  ['exponent', head('Content-Length: 1e1') + BODY, 400, BY_LIBRARY],
  ['empty', head('Content-Length:') + BODY, 400, BY_LIBRARY],
  ['word', head('Content-Length: many') + BODY, 400, BY_LIBRARY],
  ['2^64 + 16', head('Content-Length: 18446744073709551632') + BODY, 413, BY_LIBRARY],
  ['leading zeroes beyond a number', head(`Content-Length: ${'0'.repeat(30)}${LENGTH}`) + BODY, 400],
  ['blank inside', head('Content-Length: 1 6') + BODY, 400, BY_LIBRARY],
  ['blank behind', head(`Content-Length: ${LENGTH} `) + BODY, 400, BY_LIBRARY],
]));

test('encodings other than chunked', () => hidesNothing([
  'gzip, chunked', 'chunked, chunked', 'chunked, gzip', 'xchunked', 'identity', 'x', '', 'chunked;q=1', '"chunked"',
  'chunked\u000b', '\u000bchunked', 'chunked ', 'chunked,',
].map((value) => [value, head(`Transfer-Encoding: ${value}`) + CHUNKS, 400]).concat([
  ['two', head('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked') + CHUNKS, 400],
  ['two, one of them none', head('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + CHUNKS, 400],
  ['HTTP/1.0', raw(['Transfer-Encoding: chunked'], {version: 'HTTP/1.0'}) + CHUNKS, 400],
])));

test('heads that parsers cut in different ways', () => hidesNothing([
  ['bare LF', raw([`Content-Length: ${LENGTH}`], {eol: '\n'}) + BODY, 400],
  ['one bare LF', head(`X: y\nContent-Length: ${LENGTH}`) + BODY, 400],
  ['LF before the empty line', `GET /v1/orgs HTTP/1.1\r\nHost: x\n\r\n`, 400],
  ['bare CR', head(`X: y\rContent-Length: ${LENGTH}`) + BODY, 400],
  ['two CR', head(`X: y\r\r\nContent-Length: 0`), 400],
  ['folded name of any header', head('X-: aaaa', ' H: b', 'Content-Length: 0'), 400],
  ['folded by a tab', head('X: a', '\tb', 'Content-Length: 0'), 400],
  ['folded first header', `GET /v1/orgs HTTP/1.1\r\n Host: x\r\n\r\n`, 400],
  ['NUL in a value', head('X: a\0b', 'Content-Length: 0'), 400],
  ['NUL in a name', head('X\0: a', 'Content-Length: 0'), 400],
  ['NUL in the target', raw([], {method: 'GET', target: '/v1/orgs\0/x'}), 400],
  ['NUL in the method', raw([], {method: 'G\0T', target: '/v1/orgs'}), 400],
  ['no Host', requestText('GET', '/v1/orgs', {host: null}), 400],
  ['two Hosts', requestText('GET', '/v1/orgs', {headers: ['Host: y']}), 400],
  ['absolute form', requestText('GET', 'http://evil.example/v1/orgs'), 400],
  ['authority form', requestText('CONNECT', 'evil.example:443'), 501],
  ['two blanks', 'GET  /v1/orgs HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['tab', 'GET\t/v1/orgs\tHTTP/1.1\r\nHost: x\r\n\r\n', null],
  ['blank behind', 'GET /v1/orgs HTTP/1.1 \r\nHost: x\r\n\r\n', 400],
  ['blank in the target', 'GET /v1/orgs /x HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['HTTP/0.9', 'GET /v1/orgs\r\n\r\n', 400, BY_LIBRARY],
  ['no colon', head('NoColon', 'Content-Length: 0'), 400],
]));

test('chunks that parsers cut in different ways', () => hidesNothing([
  '0x5\r\n', '+5\r\n', '-1\r\n', ' 5\r\n', 'g\r\n', '\r\n', '10000000000000000\r\n', '5 \r\n', '5\t;\r\n',
].map((size) => [size, (hidden) => `${head('Transfer-Encoding: chunked')}${size}${BODY}\r\n0\r\n\r\n${hidden}`,
  size.startsWith('1000') ? 413 : 400, BY_LIBRARY]).concat([
  ['no line end behind a chunk', head('Transfer-Encoding: chunked') + `2\r\n${BODY}\r\n0\r\n\r\n`, 400, BY_LIBRARY],
  // All of the hidden request belongs to a chunk that never ends.
  ['2^64 - 1', head('Transfer-Encoding: chunked') + 'ffffffffffffffff\r\n', null],
])));

const REFUSED = [
  ['GET', '/v1/orgs', 400, []], ['POST', '/v1/nothing', 404, []], ['POST', '/v1/orgs/isfahan', 405, []],
  ['POST', '/v1/orgs/isfahan/drafts', 401, [JSON_TYPE]], ['POST', ground.comments, 415, []],
  ['POST', ground.comments, 400, [JSON_TYPE]], ['BREW', '/v1/orgs', 501, []], ['POST', '/v1//orgs', 400, []],
].flatMap((row) => [row, [...row.slice(0, 3), [...row[3], 'Expect: 100-continue']]]);

async function keepsBodyApart([method, target, status, headers]) {
  const marker = `hidden ${randomUUID()}`;
  const connection = await Raw.open(port);
  connection.send(requestText(method, target, {headers, body: comment(marker)}));
  let answer = await connection.answer();
  if (answer.status === 100) answer = await connection.answer();
  assert.equal(answer.status, status);
  if (answer.headers.get('connection') === 'close') assert.equal(await connection.closed(), true);
  else assert.equal((await connection.send(requestText('GET', '/v1/orgs')).answer()).status, 200, 'the next request');
  assert.equal(connection.rest.length, 0);
  connection.destroy();
  assert.equal(await ground.commentsOf(marker), 0, 'the hidden request was executed');
}

test('a body is never taken for a request, whatever is answered', () =>
  ground.unchanged(() => each(REFUSED, keepsBodyApart)));

test('behind the last request of a connection nothing is executed', () => hidesNothing([
  ['Connection: close', requestText('GET', '/v1/orgs', {headers: ['Connection: close']}), 200],
  ['HTTP/1.0', 'GET /v1/orgs HTTP/1.0\r\nHost: x\r\n\r\n', 200],
  ['a body too large', head('Content-Length: 99999999'), 413],
  ['an upgrade', requestText('GET', '/v1/orgs', {headers: ['Connection: Upgrade, close', 'Upgrade: h2c']}), 200],
]));

test('one encoding in capitals, and extensions and trailers of chunks, are no trouble', async () => {
  const marker = `seen ${randomUUID()}`;
  const body = JSON.stringify({text: marker});
  const chunks = [`${body.length.toString(16)};a=b`, body, '0', 'Content-Length: 9', 'Host: y', '', ''].join('\r\n');
  const connection = await Raw.open(port);
  assert.equal((await connection.send(head('Transfer-Encoding: CHUNKED') + chunks).answer()).status, 201);
  assert.equal((await connection.send(requestText('GET', '/v1/orgs')).answer()).status, 200);
  connection.destroy();
  assert.equal(await ground.commentsOf(marker), 1);
});
