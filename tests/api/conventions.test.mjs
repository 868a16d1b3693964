// What holds for every operation: problems in two languages, faults told all at once, methods, request ids, origins,
// rates. Caching is in cache.test.mjs, the docs in docs.test.mjs, broken requests in tests/faults/.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, newDraft, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const ORIGINS = 'https://mosharekat.example.ir http://localhost:3000';
const house = await startHouse({settings: {worker: 'off', cors_origins: ORIGINS}});
after(() => house.stop());
const desk = await deskOf(house);
const {url} = house.server;

const send = (method, target, headers = {}, body = undefined) => fetch(url + target, {method, headers, body});
const problemOf = async (response) => ({response, error: await response.json()});

// --- problems ---

const REGISTRY = [...fs.readFileSync(path.join(ROOT, 'include/http/problem.def'), 'utf8')
  .matchAll(/^PROBLEM\((\w+), (\d+), "([^"]*)", "([^"]*)"\)/gm)]
  .map(([, code, status, title_fa, title_en]) => ({code, status: Number(status), title_fa, title_en}));

test('listProblems: lists the registry, each code once', async () => {
  const {items} = done(await house.anyone.GET('/v1/problems'));
  assert.ok(items.length > 40);
  assert.deepEqual(items, REGISTRY);
  assert.equal(new Set(items.map((item) => item.code)).size, items.length);
});

test('listProblems: takes no parameters', async () => {
  faulty(await house.anyone.GET('/v1/problems', {params: {query: {lang: 'en'}}}), 'query /lang unknown_parameter');
  refused(await clientOf(url, 'wrong').GET('/v1/problems'), 401, 'unauthorized');
});

const LANGUAGES = [
  [undefined, 'fa'], ['*', 'fa'], ['fa', 'fa'], ['fa-IR', 'fa'], ['en', 'en'], ['en-GB,en;q=0.9,fa;q=0.8', 'en'],
  ['fa;q=0.5, en;q=0.4', 'fa'], ['de, en;q=0.1', 'en'], ['de', 'fa'], ['en;q=0', 'fa'], ['nonsense;;', 'fa'],
];

for (const [accept, language] of LANGUAGES)
  test(`getOrg: Accept-Language ${accept} is answered in ${language}`, async () => {
    const response = await send('GET', '/v1/orgs/nowhere', accept ? {'Accept-Language': accept} : {});
    const {title_fa, title_en} = REGISTRY.find(({code}) => code === 'not_found');
    const problem = refused(await problemOf(response), 404, 'not_found', {instance: '/v1/orgs/nowhere'});
    assert.equal(problem.title, language === 'fa' ? title_fa : title_en);
    assert.equal(response.headers.get('Content-Language'), language);
    assert.match(response.headers.get('Vary'), /Accept-Language/);
  });

test('createDraft: faults are explained in both languages, and say what would have been right', async () => {
  const create = (language) => desk.expert.POST('/v1/orgs/{org}/drafts', {params: {path: {org: 'isfahan'}},
    body: newDraft({title: 'x'.repeat(301)}), headers: {'Accept-Language': language}});
  const [persian] = faulty(await create('fa'), 'body /title too_long');
  const [english] = faulty(await create('en'), 'body /title too_long');
  assert.deepEqual([persian.expected, english.expected], ['300', '300']);
  assert.match(english.detail, /at most 300 characters/);
  assert.match(persian.detail, /300/);
  assert.match(persian.detail, /[آ-ی]/);
});

test('createDraft: 200 faults of one body are all told, with their pointers', async () => {
  const clauses = Array.from({length: 100}, (_, i) => ({id: `c${i}`, heading: '', text: i}));
  const faults = clauses.flatMap((_, i) => [`body /clauses/${i}/heading too_short`, `body /clauses/${i}/text wrong_type`]);
  const errors = faulty(await desk.create(newDraft({clauses})), ...faults);
  assert.equal(errors.length, 200);
});

test('createDraft: more faults than an answer lists are counted', async () => {
  const clauses = Array.from({length: 500}, () => ({heading: '', text: '', a: 1, b: 2}));
  const {errors, errors_omitted: omitted} = refused(await desk.create(newDraft({clauses})), 422, 'validation_failed');
  assert.deepEqual([errors.length, omitted], [1000, 1000]);
});

test('createDraft: unknown members are refused, however deep, with their names escaped', async () => {
  const clauses = [{...CLAUSES[0], 'a/b~c': 1}, CLAUSES[1]];
  faulty(await desk.create({...newDraft({clauses}), state: 'approved', 'عضو': null}), 'body /state unknown_member',
    'body /عضو unknown_member', 'body /clauses/0/a~1b~0c unknown_member');
});

test('createComment: bodies that are no JSON, too large, too deep or of another type are refused', async () => {
  const {id} = await desk.opened();
  const post = async (body, type = 'application/json') =>
    problemOf(await send('POST', `/v1/orgs/isfahan/drafts/${id}/comments`, {'Content-Type': type}, body));
  refused(await post('{"text":'), 400, 'malformed_json');
  refused(await post('{"text":"a","text":"b"}'), 400, 'malformed_json');
  refused(await post(''), 400, 'malformed_json');
  refused(await post('['.repeat(40) + ']'.repeat(40)), 400, 'json_too_complex');
  refused(await post(`[${'1,'.repeat(20001)}1]`), 400, 'json_too_complex');
  refused(await post(JSON.stringify({text: 'ا'.repeat(200000)})), 413, 'body_too_large');
  refused(await post('text=سلام', 'application/x-www-form-urlencoded'), 415, 'unsupported_media_type',
    {expected: 'application/json'});
  const fine = await send('POST', `/v1/orgs/isfahan/drafts/${id}/comments`,
    {'Content-Type': 'Application/JSON; charset=UTF-8'}, JSON.stringify({text: newText()}));
  assert.equal(fine.status, 201);
});

// --- methods ---

test('getDraft: HEAD answers with the headers of GET and no body', async () => {
  const {id} = await desk.opened();
  const target = `/v1/orgs/isfahan/drafts/${id}`;
  const [get, head] = [await send('GET', target), await send('HEAD', target)];
  assert.deepEqual([head.status, await head.text()], [200, '']);
  for (const name of ['ETag', 'Content-Type', 'Cache-Control', 'Vary', 'Content-Length'])
    assert.equal(head.headers.get(name), get.headers.get(name), name);
  assert.equal((await send('HEAD', target, {'If-None-Match': get.headers.get('ETag')})).status, 304);
  assert.equal((await send('HEAD', '/v1/orgs/nowhere')).status, 404);
});

for (const [target, allow] of [
  ['/v1/orgs', 'GET, HEAD, OPTIONS'],
  ['/v1/orgs/isfahan/drafts', 'GET, HEAD, POST, OPTIONS'],
  ['/v1/orgs/isfahan/drafts/x', 'GET, HEAD, PATCH, OPTIONS'],
  ['/v1/orgs/isfahan/comments/x/disposition', 'PUT, OPTIONS'],
])
  test(`OPTIONS and wrong methods name what ${target} accepts`, async () => {
    const options = await send('OPTIONS', target);
    assert.deepEqual([options.status, options.headers.get('Allow'), await options.text()], [204, allow, '']);
    const wrong = await send('DELETE', target);
    refused(await problemOf(wrong), 405, 'method_not_allowed');
    assert.equal(wrong.headers.get('Allow'), allow);
  });

test('an unknown address is not found, whatever the method', async () => {
  for (const target of ['/', '/v1', '/v1/', '/v1/orgs/', '/v2/orgs', '/v1/orgs/isfahan/drafts/', '/V1/orgs'])
    for (const method of ['GET', 'POST', 'OPTIONS'])
      refused(await problemOf(await send(method, target)), 404, 'not_found');
});

test('an unknown method is not implemented', async () => {
  refused(await problemOf(await send('PROPFIND', '/v1/orgs')), 501, 'method_not_implemented');
});

// --- request ids ---

test('X-Request-Id is the one that was sent if it is a plain one, and a new one otherwise', async () => {
  const idOf = async (id) => (await send('GET', '/v1/orgs', id === undefined ? {} : {'X-Request-Id': id}))
    .headers.get('X-Request-Id');
  assert.equal(await idOf('gateway-7.a_B'), 'gateway-7.a_B');
  const made = await Promise.all([idOf(), idOf(), idOf('a b'), idOf('"><script>'), idOf('x'.repeat(300))]);
  for (const id of made) assert.match(id, /^[0-9a-f]{16,64}$/);
  assert.equal(new Set(made).size, made.length);
});

// --- other origins ---

test('an origin of the list may read answers and nobody else', async () => {
  for (const origin of ORIGINS.split(' ')) {
    const {headers} = await send('GET', '/v1/orgs', {Origin: origin});
    assert.equal(headers.get('Access-Control-Allow-Origin'), origin);
    assert.match(headers.get('Access-Control-Expose-Headers'), /\bETag\b.*\bLink\b/);
    assert.match(headers.get('Vary'), /\bOrigin\b/);
    assert.equal(headers.get('Access-Control-Allow-Credentials'), null);
  }
  for (const origin of ['https://example.ir', 'http://mosharekat.example.ir', 'https://mosharekat.example.ir:8443',
    'https://mosharekat.example.ir.evil.ir', 'null', 'http://localhost', '*', ORIGINS]) {
    const {headers, status} = await send('GET', '/v1/orgs', {Origin: origin});
    assert.deepEqual([status, headers.get('Access-Control-Allow-Origin')], [200, null], origin);
  }
});

test('a preflight is answered for an origin of the list', async () => {
  const ask = {'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'content-type'};
  const yes = await send('OPTIONS', '/v1/orgs/isfahan/drafts', {Origin: 'http://localhost:3000', ...ask});
  assert.equal(yes.status, 204);
  assert.match(yes.headers.get('Access-Control-Allow-Methods'), /\bPOST\b/);
  assert.match(yes.headers.get('Access-Control-Allow-Headers'), /\bIdempotency-Key\b.*\bIf-Match\b.*\bTracking-Code\b/);
  const no = await send('OPTIONS', '/v1/orgs/isfahan/drafts', {Origin: 'https://evil.ir', ...ask});
  assert.deepEqual([no.headers.get('Access-Control-Allow-Origin'), no.headers.get('Access-Control-Allow-Methods')],
    [null, null]);
});

test('problems, too, may be read by an origin of the list', async () => {
  const {headers} = await send('GET', '/v1/orgs/nowhere', {Origin: 'http://localhost:3000'});
  assert.equal(headers.get('Access-Control-Allow-Origin'), 'http://localhost:3000');
});

// --- answers in general ---

test('every answer forbids guessing its type, and what is personal is not to be kept', async () => {
  const {id} = await desk.opened();
  for (const target of ['/v1/orgs', '/v1/orgs/nowhere', `/v1/orgs/isfahan/drafts/${id}`, '/docs'])
    assert.equal((await send('GET', target)).headers.get('X-Content-Type-Options'), 'nosniff', target);
  const cacheControl = (result) => result.response.headers.get('Cache-Control');
  assert.equal(cacheControl(await desk.get(id)), 'public, max-age=0, must-revalidate');
  assert.equal(cacheControl(await desk.get(id, desk.head)), 'no-store');
  assert.equal(cacheControl(await desk.queue()), 'no-store');
  assert.equal(cacheControl(await desk.get('x')), 'no-store');
});
