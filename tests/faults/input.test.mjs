// Bad input: every request that is not right gets its problem document, and nothing of it is written.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done, faulty, refused} from '../lib/client.mjs';
import {ask, chunked, problemOf, requestText} from '../lib/raw.mjs';
import {each, groundOf} from './ground.mjs';

const ground = await groundOf();
after(() => ground.house.stop());
const {desk, house, port} = ground;

const JSON_TYPE = 'Content-Type: application/json';
const post = (body, headers = [JSON_TYPE]) => requestText('POST', ground.comments, {headers, body});
const faultsOf = ({errors}) => errors.map((fault) => `${fault.in} ${fault.pointer} ${fault.code}`).sort();

// Rows of [name, request, status, code, faults]; each on a connection of its own.
const refusesAll = (rows) => ground.unchanged(() => each(rows, async ([name, request, status, code, faults]) => {
  const problem = problemOf(await ask(port, request), status, code);
  if (faults) assert.deepEqual(faultsOf(problem), [...faults].sort(), name);
}));

// --- JSON -----------------------------------------------------------------------------------------------------

const bytes = (...pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
const nested = (depth) => `{"text":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

// A request around bytes that no string holds.
const postBytes = (body) => bytes(`POST ${ground.comments} HTTP/1.1\r\nHost: x\r\n${JSON_TYPE}\r\n`,
  `Content-Length: ${body.length}\r\n\r\n`, body);

test('createComment: what is not JSON is malformed_json', () => refusesAll([
  '', ' ', '{', '}', '{"text"', '{"text":', '{"text":"abc', '{"text":"abc"', '{"text":"abc"}x', '{"text":"abc"}{}',
  '{"text":"abc",}', '{\'text\':\'abc\'}', '{text:"abc"}', '{"text":"abc"}/* */', '{"text":NaN}', '{"text":Infinity}',
  '{"text":tru}', '{"text":01}', '{"text":1.}', '{"text":.5}', '{"text":+1}', '{"text":0x1}', '{"text":1e999}',
  '{"text":99999999999999999999}', '{"text":"\\x41"}', '{"text":"\\u12"}', '{"text":"\t"}', '{"text":"a\nb"}',
  'null', 'true', '7', '"text"', 'text', '\ufeff{"text":"abc"}', '[1,2', '[1 2]', '<text>abc</text>', 'text=abc',
].map((body) => [body, post(body), 400, 'malformed_json'])));

test('createComment: a body that is cut off at any byte is malformed_json', () => {
  const whole = Buffer.from(JSON.stringify({text: 'نظر 😀', contact: {email: 'a@example.ir'}, position: 'for'}));
  return refusesAll(Array.from(whole.keys(), (end) => [end, postBytes(whole.subarray(0, end)), 400, 'malformed_json']));
});

test('createComment: a member given twice is malformed_json, however it is spelt', () => refusesAll([
  '{"text":"abc","text":"abd"}', '{"text":"abc","te\\u0078t":"abd"}', '{"text":"abc","x":{"a":1,"a":1}}',
  '{"contact":{"email":"a@b.ir","email":"c@d.ir"},"text":"abc"}', '[{"a":1,"b":2,"a":3}]',
].map((body) => [body, post(body), 400, 'malformed_json'])));

test('createComment: what is not UTF-8 is malformed_json', () => refusesAll([
  [0xff], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80],
  [0xf8, 0x88, 0x80, 0x80], [0xe0, 0x80, 0xaf], [0xc1, 0xbf],
].map((bad) => [bad, postBytes(bytes('{"text":"abc', bad, '"}')), 400, 'malformed_json']).concat([
  ['key', postBytes(bytes('{"text":"abc","', [0xff], '":1}')), 400, 'malformed_json'],
  ['lone surrogate', post('{"text":"abc\\ud800"}'), 400, 'malformed_json'],
  ['surrogates the wrong way', post('{"text":"abc\\udc00\\ud800"}'), 400, 'malformed_json'],
  ['UTF-16', postBytes(Buffer.from('{"text":"abc"}', 'utf16le')), 400, 'malformed_json'],
])));

test('createComment: a NUL is refused, raw and escaped, in values and names', () => refusesAll([
  ['raw', postBytes(bytes('{"text":"abc', [0], 'd"}')), 400, 'malformed_json'],
  ['behind', postBytes(bytes('{"text":"abc"}', [0])), 400, 'malformed_json'],
  ['value', post('{"text":"abc\\u0000d"}'), 400, 'malformed_json'],
  ['name', post('{"text\\u0000":"abc"}'), 400, 'malformed_json'],
]));

test('createComment: too deep and too many values are json_too_complex', () => refusesAll([
  ['32', post(nested(32)), 422, 'validation_failed', ['body /text wrong_type']],
  ['33', post(nested(33)), 400, 'json_too_complex'],
  ['100 000', post(nested(100000)), 400, 'json_too_complex'],
  ['open only', post('['.repeat(200000)), 400, 'json_too_complex'],
  ['objects', post(`{"text":[${'{},'.repeat(60000)}{}]}`), 400, 'json_too_complex'],
  ['numbers', post(`{"text":[${'0,'.repeat(20000)}0]}`), 400, 'json_too_complex'],
  ['strings', post(`{"text":[${'"",'.repeat(20000)}""]}`), 400, 'json_too_complex'],
]));

test('createComment: a body above the limit is body_too_large, and the connection closed', () =>
  ground.unchanged(async () => {
    const huge = JSON.stringify({text: 'ا'.repeat(200000)});
    const head = (line) => requestText('POST', ground.comments, {headers: [JSON_TYPE, line]});
    for (const request of [head('Content-Length: 99999999'), post(huge),
      bytes(head('Transfer-Encoding: chunked'), chunked(huge, 50000))]) {
      const answer = await ask(port, request);
      problemOf(answer, 413, 'body_too_large');
      assert.equal(answer.isClosed, true);
    }
  }));

// --- the contract -----------------------------------------------------------------------------------------------

function invalid(body, ...faults) {
  const text = JSON.stringify(body);
  return [text, post(text), 422, 'validation_failed', faults];
}

test('createComment: each fault has its pointer and code', () => refusesAll([
  invalid([], 'body  wrong_type'),
  invalid({}, 'body /text required'),
  ...[7, null, true, [], {}, 0.5].map((text) => invalid({text}, 'body /text wrong_type')),
  invalid({text: ''}, 'body /text too_short'),
  invalid({text: '😀😀'}, 'body /text too_short'),
  invalid({text: 'ا'.repeat(10001)}, 'body /text too_long'),
  invalid({text: 'a\u0001b'}, 'body /text control_character'),
  invalid({text: 'abc\u202edef'}, 'body /text control_character'),
  invalid({text: 'abc', position: 'maybe', audience: 'FOR'}, 'body /position not_allowed',
    'body /audience not_allowed'),
  invalid({text: 'abc', clause_id: 'با فاصله'}, 'body /clause_id wrong_pattern'),
  invalid({text: 'abc', contact: {mobile: '123', email: 'a@', fax: '1'}}, 'body /contact/mobile wrong_format',
    'body /contact/email wrong_format', 'body /contact/fax unknown_member'),
  invalid({text: 'abc', contact: [], author_name: {}}, 'body /contact wrong_type', 'body /author_name wrong_type'),
  invalid({text: 'abc', state: 'published', id: 1, 'a/b~c': 1, '': 1, 'ک': 1}, 'body /state unknown_member',
    'body /id unknown_member', 'body /a~1b~0c unknown_member', 'body / unknown_member', 'body /ک unknown_member'),
  invalid(JSON.parse('{"text":"abc","__proto__":{"a":1}}'), 'body /__proto__ unknown_member'),
]));

test('createComment: two hundred faults are told at once, and past the limit how many were left out', () =>
  ground.unchanged(async () => {
    const members = (count) => Object.fromEntries(Array.from({length: count}, (_, i) => [`m${i}`, i]));
    const problem = async (body) => problemOf(await ask(port, post(JSON.stringify(body))), 422, 'validation_failed');
    const many = await problem(members(199));
    const expected = Object.keys(members(199)).map((name) => `body /${name} unknown_member`);
    assert.deepEqual(faultsOf(many), [...expected, 'body /text required'].sort());
    assert.equal(many.errors_omitted, undefined);
    const more = await problem(members(1500));
    assert.equal(more.errors.length, 1000);
    assert.equal(more.errors_omitted, 501);
  }));

test('createDraft: faults deep inside, and of headers, are told with the rest', async () => {
  const before = await ground.counts();
  const clauses = Array.from({length: 100}, (_, i) => ({heading: '', text: i}));
  const header = {'Idempotency-Key': 'a b of visible characters'};
  const result = await desk.create({kind: 'tariff', title: 'ت', summary: 'خ', clauses}, {header});
  faulty(result, 'header /Idempotency-Key wrong_pattern', ...clauses.flatMap((_, i) =>
    [`body /clauses/${i}/heading too_short`, `body /clauses/${i}/text wrong_type`]));
  assert.deepEqual(await ground.counts(), before);
});

test('createComment: other media types are unsupported_media_type', () => refusesAll([
  'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application/json; charset=latin1', '',
  'application/merge-patch+json', 'multipart/form-data; boundary=x', 'application', 'application/json, text/plain',
].map((type) => [type, post('{"text":"abc"}', [`Content-Type: ${type}`]), 415, 'unsupported_media_type']).concat([
  ['none', post('{"text":"abc"}', []), 415, 'unsupported_media_type'],
])));

test('a GET takes no body', () => refusesAll([ground.path, '/v1/orgs/isfahan', '/docs'].flatMap((target) => [
  [target, requestText('GET', target, {body: '{}'}), 400, 'bad_request'],
  [target, requestText('GET', target, {headers: ['Transfer-Encoding: chunked']}) + chunked('{}'), 400, 'bad_request'],
])));

// --- targets and headers ------------------------------------------------------------------------------------------

const get = (target, headers = []) => requestText('GET', target, {headers});

const AMBIGUOUS = [
  '/v1/../v1/orgs', '/v1/orgs/..', '/v1/orgs/../..', '/v1/./orgs', '/.', '/..', '//v1/orgs', '/v1//orgs', '*', '?',
  '/v1/%2e%2e/v1/orgs', '/v1/%2E/orgs', '/v1/.%2e/orgs', '/v1%2forgs', '/v1%2Forgs', '/v1/orgs%00', '/v1/orgs%00.json',
  '/v1/orgs%', '/v1/orgs%2', '/v1/orgs%zz', '/v1/orgs%5c..%5cx', '/v1/orgs\\x', '/v1/orgs/%c0%ae%c0%ae', '/v1/orgs/%ff',
  '/v1/orgs%0d%0aX:y', '/v1/orgs%7f', '/v1/orgs/%ed%a0%80', 'http://x/v1/orgs', 'http://evil.example/v1/orgs',
  'v1/orgs', '/v1/orgs/é', '/v1/orgs/<a>', '/v1/orgs/"a"', '/v1/orgs/a|b', '/v1/orgs/{isfahan}', '/v1/orgs#a',
  '/v1/orgs?q=%00', '/v1/orgs?q=%', '/v1/orgs?q=%zz', '/v1/orgs?q=é',
  `/${'a'.repeat(4096)}`, `/v1/orgs?q=${'a'.repeat(4090)}`,
];

test('targets that could be read in two ways are bad_request, and the connection closed', () =>
  ground.unchanged(() => each(AMBIGUOUS, async (target) => {
    const answer = await ask(port, get(target));
    problemOf(answer, 400, 'bad_request');
    assert.equal(answer.isClosed, true);
  })));

test('targets that are clear but lead nowhere are not_found', () => refusesAll([
  '/', '/v1', '/v1/orgs/', '/v1/ORGS', '/V1/orgs', '/v1/orgs/ISFAHAN', '/v1/orgs/isfahan%20', '/v1/orgs/isfahan.',
  '/v1/orgs/%252e%252e', '/v1/orgs/nowhere', '/v1/orgs/isfahan/drafts/1',
  '/v1/orgs/isfahan/drafts/00000000-0000-0000-0000-000000000000',
  `/v1/orgs/isfahan/drafts/${ground.draft.id}x`, `/v1/orgs/semnan/drafts/${ground.draft.id}`,
  ...['0', '01x', '99999999999999999999'].map((n) => `${ground.path}/versions/${n}`), '/v1/orgs;a=b',
  '/docs/..%20', '/docs/nothing.js', `/v1/orgs/${'a'.repeat(3000)}`, '/.git/config', '/v1/orgs/isfahan/drafts/%20',
].map((target) => [target, get(target), 404, 'not_found'])));

const query = (text, ...faults) => [text, get(`/v1/orgs/isfahan/drafts?${text}`), 422, 'validation_failed', faults];

test('listDrafts: faults of the query have their pointers', () => refusesAll([
  query('limit=1&limit=2', 'query /limit duplicate_parameter'),
  query('limit=1&lim%69t=2', 'query /limit duplicate_parameter'),
  query('x=1', 'query /x unknown_parameter'),
  query('Limit=1', 'query /Limit unknown_parameter'),
  query('limit=0', 'query /limit too_small'),
  query('limit=101', 'query /limit too_large'),
  ...['abc', '', '1e1', '%2B1', '1.0', '0x1', '%201', '1%20', '99999999999999999999', 'true', '۱'].map((value) =>
    query(`limit=${encodeURI(decodeURI(value))}`, 'query /limit wrong_type')),
  query('q=%ff', 'query /q bad_encoding'),
  query('q=', 'query /q too_short'),
  query(`q=${'a'.repeat(201)}`, 'query /q too_long'),
  query('state=OPEN&kind=x&updated_since=yesterday', 'query /state not_allowed', 'query /kind not_allowed',
    'query /updated_since wrong_format'),
  query('updated_since=infinity', 'query /updated_since wrong_format'),
  query('updated_since=2026-02-30T00:00:00Z', 'query /updated_since wrong_format'),
]));

test('heads that are too large, or hold what no header may, are refused', () => ground.unchanged(() => each([
  ['65 headers', Array.from({length: 65}, (_, i) => `X-${i}: a`), 431, 'headers_too_large'],
  ['a name with a blank', ['X Y: a'], 400, 'bad_request'],
  ['no name', [': a'], 400, 'bad_request'],
  ['a control character', ['X: a\u0001b'], 400, 'bad_request'],
  ['two hosts', ['Host: evil.example'], 400, 'bad_request'],
  ['an expectation', ['Expect: a-miracle'], 400, 'bad_request'],
], async ([, headers, status, code]) => {
  const answer = await ask(port, get('/v1/orgs', headers));
  problemOf(answer, status, code);
  assert.equal(answer.isClosed, true);
})));

// libmicrohttpd answers these by itself, with a page of its own, before anybody else sees them.
test('a head beyond the memory of a connection is answered 414 or 431 and closed', () => ground.unchanged(async () => {
  const long = 'a'.repeat(40000);
  for (const [target, headers, status] of [[`/${long}`, [], 414], ['/v1/orgs', [`X: ${long}`], 431],
    ['/v1/orgs', Array.from({length: 5000}, () => 'X: a'), 431]]) {
    const answer = await ask(port, get(target, headers));
    assert.equal(answer?.status, status);
    assert.equal(answer.isClosed, true);
  }
}));

test('methods: known ones that are not offered are 405 with Allow, others 501', () => ground.unchanged(async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await ask(port, requestText(method, '/v1/orgs/isfahan'));
    problemOf(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, OPTIONS');
  }
  for (const method of ['get', 'BREW', 'TRACE', 'CONNECT', 'G@T', 'GETGET'])
    problemOf(await ask(port, requestText(method, '/v1/orgs/isfahan')), 501, 'method_not_implemented');
  problemOf(await ask(port, 'GET /v1/orgs HTTP/1.9\r\nHost: x\r\n\r\n'), 505, 'version_not_supported');
  for (const [version, status] of [['HTTP/2.0', 505], ['HTTP/0.9', 505], ['http/1.1', 400], ['HTTP/1.11', 400]]) {
    const answer = await ask(port, `GET /v1/orgs ${version}\r\nHost: x\r\n\r\n`); // libmicrohttpd's own page
    assert.deepEqual([version, answer?.status, answer?.isClosed], [version, status, true]);
  }
  const head = await ask(port, requestText('HEAD', '/v1/orgs/isfahan'), {isHead: true});
  assert.equal(head.status, 200);
}));

// --- changes ---------------------------------------------------------------------------------------------------

test('changeDraft: without If-Match 428, with a wrong one 412, and nothing changes', async () => {
  const {id} = await desk.begun();
  const tag = await desk.tagOf(id);
  const before = await house.query('SELECT * FROM draft WHERE id = $1', [id]);
  const change = (header) => desk.patch(id, {title: 'دیگر'}, {header});
  refused(await change({}), 428, 'precondition_required');
  for (const wrong of ['"0-preparing"', '"2-preparing"', '1-preparing', `W/${tag}`, '""', '"', 'x', tag.slice(1, -1),
    `${tag}x`, '"x", "y"', '"99999999999"'])
    refused(await change({'If-Match': wrong}), 412, 'precondition_failed');
  faulty(await change({'If-Match': 'x'.repeat(201)}), 'header /If-Match too_long');
  assert.deepEqual(await house.query('SELECT * FROM draft WHERE id = $1', [id]), before);
  done(await change({'If-Match': tag}));
});

test('changeDraft: of two writers at once one wins and the other is told, fifty times', async () => {
  const {id} = await desk.begun();
  for (let round = 0; round < 50; round++) {
    const header = {'If-Match': await desk.tagOf(id)};
    const titles = [`یک ${round}`, `دو ${round}`];
    const results = await Promise.all(titles.map((title) => desk.patch(id, {title}, {header})));
    const winner = results.find(({response}) => response.status === 200);
    const loser = results.find((result) => result !== winner);
    refused(loser, 412, 'precondition_failed');
    assert.equal(done(await desk.get(id, desk.expert)).title, done(winner).title);
  }
});

test('cursors: one that was changed in any byte, cut, or belongs to another list is invalid_cursor', async () => {
  for (let i = 0; i < 3; i++) await desk.filed(ground.draft.id);
  const {next} = done(await desk.published(ground.draft.id, {limit: 1}));
  const page = (cursor, path = ground.comments) => get(`${path}?limit=1&cursor=${encodeURIComponent(cursor)}`);
  const other = (char) => (char === 'A' ? 'B' : 'A');
  const near = (char) => String.fromCharCode(char.charCodeAt(0) ^ 1);
  const changed = [...next].flatMap((char, at) =>
    [other(char), near(char)].map((to) => next.slice(0, at) + to + next.slice(at + 1)));
  const cut = [...next.slice(1)].map((_, at) => next.slice(0, at + 1));
  const rows = [...changed, ...cut, `${next}A`, `${next}=`, `${next}${next}`, 'null', '..', '%', '', ' '];
  await refusesAll(rows.map((cursor) => [cursor, page(cursor), 400, 'invalid_cursor']));
  await refusesAll([['outcome', page(next, `${ground.path}/outcome`), 400, 'invalid_cursor'],
    ['filter', get(`${ground.comments}?position=for&cursor=${next}`), 400, 'invalid_cursor'],
    ['twice', get(`${ground.comments}?cursor=${next}&cursor=${next}`), 422, 'validation_failed',
      ['query /cursor duplicate_parameter']]]);
  done(await desk.published(ground.draft.id, {limit: 1, cursor: next}));
});
