// What a verified citizen does once: answers a survey, rates a service. Tokens are those of a real provider; that supports
// count once is tried in suggestion_public.test.mjs.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {clientOf, done, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf, token as device} from '../lib/poll.mjs';
import {startProvider} from '../lib/provider.mjs';
import {until} from '../lib/server.mjs';

const provider = await startProvider();
const house = await startHouse({settings: {identity_issuer: provider.issuer}});
after(async () => {
  await house.stop();
  await provider.stop();
});
const poll = await pollOf(house);
const head = await house.client('head');
await until('the keys of the provider', async () => /"identity.keys"[^\n]*"count":1/.test(house.server.stderr));

const citizen = async (login) => clientOf(house.server.url, await provider.signIn(login));
const times = (n, make) => Promise.all(Array.from({length: n}, (_, i) => make(i)));

test('answerSurvey: a verified citizen answers once, raced fifty ways and signed in twice', async () => {
  const {id} = await poll.running({mode: 'identity'});
  const [zahra, again, maryam] = [await citizen('zahra'), await citizen('zahra'), await citizen('maryam')];
  const results = await times(50, (i) => poll.answer(id, {agree: 'yes'}, {who: i % 2 ? zahra : again}));
  assert.equal(results.filter(({response}) => response.status === 201).length, 1);
  for (const result of results.filter(({response}) => response.status !== 201)) refused(result, 409, 'already_answered');
  done(await poll.answer(id, {agree: 'no'}, {who: maryam}), 201);
  refused(await poll.answer(id, {agree: 'yes'}), 422, 'voter_needed', {mode: 'identity'});
  assert.match(done(await poll.get(id)).declared.who_en, /verified|identity/i);
});

test('answerSurvey: nobody can tell that the same citizen answered two surveys', async () => {
  const zahra = await citizen('zahra');
  const ids = [];
  for (let i = 0; i < 2; i++) {
    const {id} = await poll.running({mode: 'identity'});
    done(await poll.answer(id, {agree: 'yes'}, {who: zahra}), 201);
    ids.push(id);
  }
  const rows = await house.query('SELECT DISTINCT voter FROM survey_participation WHERE survey_id = ANY ($1)', [ids]);
  assert.equal(rows.length, 2);
});

test('rateService: a verified citizen rates once a day, from whatever device', async () => {
  const path = {org: 'isfahan'};
  done(await head.POST('/v1/orgs/{org}/services', {params: {path}, body: {code: 'permit', title_fa: 'صدور پروانه'}}), 201);
  const zahra = await citizen('zahra');
  const rate = () => zahra.POST('/v1/orgs/{org}/services/{code}/ratings',
    {params: {path: {...path, code: 'permit'}, header: {'Device-Token': device()}}, body: {rating: 4}});
  done(await rate(), 201);
  refused(await rate(), 409, 'rated_today');
});
