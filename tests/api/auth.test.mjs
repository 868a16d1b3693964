// Keys: who is somebody, for how long, and where.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {clientOf, done, refused} from '../lib/client.mjs';
import {deskOf, later, newDraft, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const {url} = house.server;

const LIST = '/v1/orgs/{org}/comments';
const list = (client, org = 'isfahan') => client.GET(LIST, {params: {path: {org}}});
const withAuthorization = (value) => clientOf(url, undefined, {Authorization: value});
const isRefused = ({response}) => response.status === 401;

function unauthorized(result) {
  refused(result, 401, 'unauthorized');
  assert.equal(result.response.headers.get('WWW-Authenticate'), 'Bearer');
}

test('listComments: without a key it is refused, and told how to come back', async () => {
  unauthorized(await list(house.anyone));
});

test('listComments: keys that nobody was given, or that are written otherwise, are refused alike', async () => {
  const {key} = await house.key('moderator');
  done(await list(withAuthorization(`Bearer ${key}`)));
  done(await list(withAuthorization(`bearer ${key}`)));
  for (const value of ['Bearer', 'Bearer ', 'Bearer  ', `Basic ${key}`, key, `Bearer ${key}x`, `Bearer ${key.slice(1)}`,
    `Bearer ${key.toUpperCase()}`, `Bearer ${'k'.repeat(300)}`, `Bearer ${key} ${key}`])
    unauthorized(await list(withAuthorization(value)));
});

test('listOrgs: a refused key is refused where none is needed, so that nobody believes it works', async () => {
  unauthorized(await withAuthorization('Bearer wrong').GET('/v1/orgs'));
  done(await house.anyone.GET('/v1/orgs'));
});

test('listComments: a revoked key stops working within seconds, on every server', async () => {
  const second = await house.startServer({worker: 'off'});
  const {id, key} = await house.key('moderator');
  const clients = [clientOf(url, key), clientOf(second.url, key)];
  for (const client of clients) done(await list(client));
  await house.command('key', 'revoke', id);
  for (const client of clients) {
    await until('the key to be refused', async () => isRefused(await list(client)), 3000);
    unauthorized(await list(client));
  }
  await second.stop();
});

test('listComments: a key that was just made works, even where it was refused a moment before', async () => {
  const {key} = await house.key('moderator');
  done(await list(clientOf(url, key)));
});

test('listComments: a key works through its last day and not a moment longer', async () => {
  const today = later(await house.now(), 0, 3.5 * 3600).slice(0, 10); // in Tehran
  const {key} = await house.key('moderator', {expires: today});
  const client = clientOf(url, key);
  const midnight = later(`${today}T00:00:00+03:30`, 1);
  await house.moveClock(new Date(new Date(midnight).getTime() - 60000));
  done(await list(client));
  await house.moveClock(new Date(midnight));
  unauthorized(await list(client));
  await house.moveClock('-2 days');
});

test('createDraft: a key is for one organisation', async () => {
  const {head} = await house.people(['head'], 'semnan');
  const create = (org) => head.POST('/v1/orgs/{org}/drafts', {params: {path: {org}}, body: newDraft()});
  refused(await create('isfahan'), 403, 'forbidden');
  refused(await create('nowhere'), 404, 'not_found');
  done(await create('semnan'), 201);
});

test('getDraft: a key that gives no right to more shows what the public sees', async () => {
  const hidden = await desk.begun();
  const {id} = await desk.opened();
  const foreigner = (await house.people(['expert'], 'semnan')).expert;
  for (const who of [desk.client, foreigner]) {
    refused(await desk.get(hidden.id, who), 404, 'not_found');
    assert.equal(done(await desk.get(id, who)).state, 'open');
  }
  assert.equal(done(await desk.get(hidden.id, desk.expert)).state, 'preparing');
});

test('createDraft: a key for all organisations works in each', async () => {
  const {head} = await house.people(['head'], 'all');
  for (const org of ['isfahan', 'semnan', 'sistan-baluchestan'])
    done(await head.POST('/v1/orgs/{org}/drafts', {params: {path: {org}}, body: newDraft()}), 201);
});

test('transitionDraft: several roles add up', async () => {
  const {key} = await house.key('expert,approver');
  const both = clientOf(url, key);
  const draft = done(await desk.create(newDraft(), {who: both}), 201);
  refused(await desk.move(draft.id, {to: 'published'}, {who: both}), 403, 'forbidden');
  const exempt = {to: 'exempted', reason_code: 'urgent', reason: 'سیلاب'};
  done(await desk.move(draft.id, exempt));
  done(await desk.move(draft.id, {to: 'approved'}, {who: both}));
});

test('createComment: events name the key that acted, and answers to the public do not', async () => {
  const {id, key} = await house.key('client');
  const draft = await desk.opened();
  const receipt = done(await desk.comment(draft.id, {text: newText()}, {who: clientOf(url, key)}), 201);
  assert.equal(done(await desk.getComment(receipt.id)).filed_by, id);
  const [event] = await house.query("SELECT actor_kind, actor_id FROM event WHERE subject_id = $1", [receipt.id]);
  assert.deepEqual(event, {actor_kind: 'staff', actor_id: id});
  assert.ok(!JSON.stringify(done(await desk.published(draft.id))).includes(id));
});

test('listComments: no key ever stands in the log', async () => {
  const {key} = await house.key('moderator');
  done(await list(clientOf(url, key)));
  await until('the log', () => house.server.logged('request').length > 0);
  assert.ok(!house.server.stderr.includes(key));
});
