// Rate limits: each class has its own, told in headers, and one caller's excess is nobody else's.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {clientOf, done, refused} from '../lib/client.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf} from '../lib/poll.mjs';

// A burst is a quarter of what is allowed in a minute.
const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const limited = await house.startServer({worker: 'off', rate_read: 240, rate_submit: 20, rate_vote: 40, rate_track: 16, rate_staff: 120,
  rate_denied: 12});
const anyone = clientOf(limited.url);

// Calls until it is refused: how often it was not, and the refusal.
async function exhaust(call) {
  for (let count = 0; count < 200; count++) {
    const result = await call();
    if (result.response.status === 429) return {count, result};
  }
  throw new Error('no limit in 200 calls');
}

function tooMany(result) {
  refused(result, 429, 'too_many_requests');
  const {headers} = result.response;
  assert.match(headers.get('Retry-After'), /^[1-9]\d*$/);
  assert.match(headers.get('RateLimit'), /^limit=\d+, remaining=0, reset=\d+$/);
  return Number(headers.get('Retry-After'));
}

test('createComment: has its own limit for an address, and counts down to it', async () => {
  const {id} = await desk.opened();
  const post = (client) => client.POST('/v1/orgs/{org}/drafts/{id}/comments',
    {params: desk.at(id), body: {text: newText()}});
  const first = await post(anyone);
  assert.match(first.response.headers.get('RateLimit'), /^limit=5, remaining=4, reset=3$/);
  const {count, result} = await exhaust(() => post(anyone));
  assert.ok(count >= 4 && count <= 6, `${count}`);
  const wait = tooMany(result);
  assert.ok(wait <= 3);
  done(await anyone.GET('/v1/orgs'));
  const trusted = (await house.key('client')).key;
  done(await post(clientOf(limited.url, trusted)), 201);
  await sleep(wait * 1000);
  done(await post(anyone), 201);
});

test('answerSurvey: many behind one address answer; the limit is its own', async () => {
  const poll = await pollOf(house);
  const {id} = await poll.running();
  const {count, result} = await exhaust(() => poll.vote(id, {agree: 'yes'}, {who: anyone}));
  assert.ok(count >= 9 && count <= 12, `${count}`);
  tooMany(result);
});

test('track: has its own limit, with a key as without', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const track = (client) => client.GET('/v1/track', {params: {header: {'Tracking-Code': code}}});
  const {count, result} = await exhaust(() => track(anyone));
  assert.ok(count >= 4 && count <= 6, `${count}`);
  tooMany(result);
  const {key} = await house.key('admin');
  tooMany(await track(clientOf(limited.url, key)));
});

test('listOrgs: reading has a limit of its own', async () => {
  const {count, result} = await exhaust(() => anyone.GET('/v1/orgs'));
  assert.ok(count >= 40 && count < 100, `${count}`);
  tooMany(result);
});

test('listComments: a key has its own limit, whatever other keys do', async () => {
  const list = (key) => clientOf(limited.url, key).GET('/v1/orgs/{org}/comments', {params: {path: {org: 'isfahan'}}});
  const [one, two] = [await house.key('moderator'), await house.key('moderator')];
  const {count, result} = await exhaust(() => list(one.key));
  assert.ok(count >= 30 && count < 60, `${count}`);
  tooMany(result);
  done(await list(two.key));
});

test('listComments: who tries keys is stopped, and good keys still work from that address', async () => {
  const list = (key) => clientOf(limited.url, key).GET('/v1/orgs/{org}/comments', {params: {path: {org: 'isfahan'}}});
  const {key} = await house.key('moderator');
  done(await list(key));
  const {count, result} = await exhaust(() => list(`wrong-${Math.random()}`));
  assert.ok(count >= 2 && count <= 5, `${count}`);
  tooMany(result);
  done(await list(key));
  assert.ok((await limited.metric('rate_limited_total')) >= 1);
});
