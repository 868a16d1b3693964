// Who may do what, for every operation of the contract: an operation more is tried here without a line of its own.
//
// Refusals of staff operations are drawn from `security`; things of another organisation, and parts of another thing, are
// asked for under one's own. What each operation does to its own things stands in the tests of its resource.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {OPERATIONS, holdingsOf, requestOf} from '../lib/holdings.mjs';
import {ROLES} from '../lib/lifecycle.mjs';
import {newSurvey} from '../lib/poll.mjs';
import {startProvider} from '../lib/provider.mjs';
import {until} from '../lib/server.mjs';

const provider = await startProvider();
const house = await startHouse({settings: {worker: 'off', identity_issuer: provider.issuer}});
const signer = await house.startServer({identity_issuer: provider.issuer}); // its worker fetches the keys
after(async () => {
  await house.stop();
  await provider.stop();
});
const ours = await holdingsOf(house, 'isfahan', 'ours');
const sibling = await holdingsOf(house, 'isfahan', 'sibling');
const foreign = await holdingsOf(house, 'semnan', 'foreign');
for (const {committee, nested} of [sibling, foreign]) // sessions and versions count from 1: these have one more than ours
  nested.number = (await committee.opened([]));
for (const {poll, of, nested} of [sibling, foreign]) {
  done(await poll.addVersion(of.surveys.id, {questions: newSurvey().questions, changelog: 'روشن‌تر'}), 201);
  nested.n = 2;
}
await until('the keys of the provider', async () => /"identity.keys"[^\n]*"count":1/.test(house.server.stderr));
await signer.stop();
const citizen = await provider.signIn('zahra');
const keys = Object.fromEntries(await Promise.all(ROLES.map(async ({name}) => [name, (await house.keyOf(name)).key])));
const {key: elsewhere} = await house.keyOf('admin', 'semnan');

// How much happened in the other organisation, and to what is its own.
const happenedElsewhere = async () => (await house.query(`SELECT count(*)::int AS n FROM event e
  JOIN organisation o ON o.id = e.org_id WHERE o.slug = 'semnan'`))[0].n;
const before = await happenedElsewhere();

async function answerTo([target, options]) {
  const response = await fetch(house.server.url + target, options);
  const isProblem = response.headers.get('Content-Type')?.startsWith('application/problem+json');
  const body = isProblem ? await response.json() : await response.arrayBuffer();
  return `${response.status} ${isProblem ? body.code : ''}`.trim();
}

const answers = (operation, things, options) => answerTo(requestOf(operation, things, options));
const isPublic = ({security}) => security.some((way) => Object.keys(way).length === 0);
const isForCitizens = ({security}) => security.some((way) => way.citizen);
const wantedOf = ({security}) => security.find((way) => way.staff)?.staff ?? [];
const STAFF_ONLY = OPERATIONS.filter((operation) => !isPublic(operation));

test('every operation of staff is refused without a key, with one that nobody was given, and to a citizen', async () => {
  assert.ok(STAFF_ONLY.length > 70);
  for (const operation of STAFF_ONLY) {
    assert.equal(await answers(operation, ours), '401 unauthorized', operation.id);
    assert.equal(await answers(operation, ours, {key: 'nobody'}), '401 unauthorized', operation.id);
    if (!isForCitizens(operation))
      assert.equal(await answers(operation, ours, {key: citizen}), '403 forbidden', operation.id);
  }
});

test('every operation of staff is refused to the administrator of another organisation', async () => {
  for (const operation of STAFF_ONLY)
    assert.equal(await answers(operation, ours, {key: elsewhere}), '403 forbidden', operation.id);
});

test('every operation of staff is refused to each role that lacks one of its permissions', async () => {
  let tried = 0;
  for (const operation of STAFF_ONLY)
    for (const {name, permissions} of ROLES.filter((role) => wantedOf(operation).some((one) => !role.permissions.includes(one)))) {
      assert.equal(await answers(operation, ours, {key: keys[name]}), '403 forbidden', `${operation.id} by ${name}`);
      assert.ok(permissions);
      tried++;
    }
  assert.ok(tried > 600);
});

// The first parameter after the organisation names the thing; those behind it are parts of it.
const thingOf = ({needs}) => needs.filter((name) => name !== 'org')[0];
const partsOf = ({needs}) => needs.filter((name) => name !== 'org').slice(1);
const IN_ORG = OPERATIONS.filter(({path}) => path.startsWith('/v1/orgs/{org}/'));
const OF_STRATEGY = new Set(['getUnit', 'getPromise']); // their codes are those of the strategy, no secret in any organisation

test('every operation about a thing does not find that of another organisation, whoever asks', async () => {
  const about = IN_ORG.filter((operation) => thingOf(operation) && !OF_STRATEGY.has(operation.id));
  assert.ok(about.length > 90);
  const found = [];
  for (const operation of about)
    for (const key of isPublic(operation) ? [keys.admin, undefined, citizen] : [keys.admin])
      found.push([operation.id, await answers(operation, foreign, {org: 'isfahan', key})]);
  assert.deepEqual(found.filter(([, answer]) => answer !== '404 not_found'), []);
});

test('every operation about a part of a thing does not find a part of another one', async () => {
  const about = IN_ORG.flatMap((operation) => partsOf(operation).map((part) => [operation, part]));
  assert.ok(about.length > 15);
  const found = [];
  for (const [operation, part] of about)
    for (const other of operation.id === 'addSessionItem' ? [foreign] : [sibling, foreign]) { // it is to become a part
      assert.ok(other.nested[part], part);
      const changes = {[part]: other.nested[part]};
      found.push([operation.id, part, await answers(operation, ours, {key: keys.admin, changes})]);
    }
  assert.deepEqual(found.filter(([, , answer]) => answer !== '404 not_found'), []);
});

test('what was asked for in vain did nothing', async () => {
  assert.equal(await happenedElsewhere(), before);
});

// Otherwise the tests above would hold for whatever is asked for wrongly.
test('every operation about a thing finds one of its own organisation', async () => {
  const last = OPERATIONS.filter(({method}) => method === 'DELETE');
  const found = [];
  for (const operation of [...IN_ORG.filter((one) => !last.includes(one)), ...last])
    found.push([operation.id, await answers(operation, ours, {key: keys.admin})]);
  const wrong = ['401 unauthorized', '403 forbidden', '404 not_found', '422 validation_failed'];
  assert.deepEqual(found.filter(([id, answer]) => wrong.includes(answer) && !OF_STRATEGY.has(id)), []);
});
