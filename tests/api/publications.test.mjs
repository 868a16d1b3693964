// Answered information requests, published: in the officer's words, without the applicant's name unless it is asked for.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf, OUTCOMES} from '../lib/casework.mjs';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const KIND = 'info_request';
const APPLICANT = {name: 'مریم احمدی', mobile: '+989131234567', email: 'm@example.ir', national_id: '0084575948'};
const SECRET = 'این متن را تنها اداره می‌خواند';
const WORDS = {title: 'هزینهٔ پل', question: 'هزینهٔ بازسازی پل چقدر بود؟', answer: 'دوازده میلیارد ریال.'};
const ANY = {'If-Match': '*'};

const publish = (id, body = WORDS, {who = office.foi_officer, header = ANY, org = 'isfahan'} = {}) =>
  who.PUT('/v1/orgs/{org}/info-requests/{id}/publication', {params: {path: {org, id}, header}, body});
const unpublish = (id, {who = office.foi_officer, header = ANY, org = 'isfahan'} = {}) =>
  who.DELETE('/v1/orgs/{org}/info-requests/{id}/publication', {params: {path: {org, id}, header}});
const read = (id, org = 'isfahan') =>
  house.anyone.GET('/v1/orgs/{org}/info-requests/public/{id}', {params: {path: {org, id}}});
const list = (query = {}, org = 'isfahan') =>
  house.anyone.GET('/v1/orgs/{org}/info-requests/public', {params: {path: {org}, query}});
const answered = (state = 'answered_full') =>
  office.made(KIND, state, {text: SECRET, subject: SECRET.slice(0, 20), applicant: APPLICANT});

test('publishInfoRequest: in the words of the officer, with no name, and nothing else of the request', async () => {
  const {id, number, tracking_code: code} = await answered();
  refused(await read(id), 404, 'not_found');
  const result = await publish(id);
  const {received_on, received_on_jalali: jalali, published_at: at, updated_at, published_on_jalali: on, ...rest} = done(result);
  assert.deepEqual(rest, {id, number, state: 'answered_full', applicant: null, ...WORDS});
  assert.equal(at, updated_at);
  assert.match(`${received_on} ${jalali} ${on}`, /^20\d\d-\d\d-\d\d 14\d\d-\d\d-\d\d 14\d\d-\d\d-\d\d$/);
  const shown = await read(id);
  assert.deepEqual([done(shown), etagOf(shown)], [result.data, '"1"']);
  const text = JSON.stringify([shown.data, done(await list())]);
  for (const value of [SECRET.slice(0, 20), ...Object.values(APPLICANT)]) assert.ok(!text.includes(value), value);
  const known = await house.anyone.GET('/v1/orgs/{org}/info-requests/public/{id}',
    {params: {path: {org: 'isfahan', id}}, headers: {'If-None-Match': etagOf(shown)}});
  assert.equal(known.response.status, 304);
  const tracked = await office.tracked(code);
  assert.equal(tracked.timeline.at(-1).kind, 'info_request.published');
});

test('publishInfoRequest: in other words with its tag, and the name only where it is asked for', async () => {
  const {id} = await answered('answered_partial');
  const first = await publish(id);
  refused(await publish(id, WORDS, {header: {}}), 428, 'precondition_required');
  refused(await publish(id, WORDS, {header: {'If-Match': '"7"'}}), 412, 'precondition_failed');
  const second = await publish(id, {...WORDS, title: 'هزینهٔ دو پل', show_name: true}, {header: {'If-Match': etagOf(first)}});
  const {title, applicant, state, published_at: at} = done(second);
  assert.deepEqual([title, applicant, state, at, etagOf(second)],
    ['هزینهٔ دو پل', APPLICANT.name, 'answered_partial', first.data.published_at, '"2"']);
  assert.deepEqual(done(await read(id)), second.data);
  assert.equal(done(await publish(id)).applicant, null);
  const raced = await Promise.all(Array.from({length: 10}, () => publish(id, WORDS, {header: {'If-Match': '"3"'}})));
  assert.deepEqual(raced.map(({response}) => response.status).sort(), [200, ...Array(9).fill(412)]);
  const {id: nameless} = await office.made(KIND, 'refused');
  assert.equal(done(await publish(nameless, {...WORDS, show_name: true})).applicant, null);
});

test('publishInfoRequest: after an outcome, by who decides on requests, of this organisation', async () => {
  for (const state of ['registered', 'assigned', 'clarification', 'withdrawn', 'appealed'])
    refused(await publish((await office.made(KIND, state)).id), 409, 'state_conflict', {state});
  for (const state of [...OUTCOMES, 'appeal_upheld']) done(await publish((await office.made(KIND, state)).id));
  const {id} = await answered();
  refused(await publish(id, WORDS, {who: office.anyone}), 401, 'unauthorized');
  for (const who of [office.expert, office.inspector, office.office]) refused(await publish(id, WORDS, {who}), 403, 'forbidden');
  refused(await publish(id, WORDS, {who: semnan.foi_officer}), 403, 'forbidden');
  refused(await publish(id, WORDS, {who: semnan.foi_officer, org: 'semnan'}), 404, 'not_found');
  refused(await publish(randomUUID()), 404, 'not_found');
  refused(await publish((await office.made('complaint', 'answered')).id), 404, 'not_found');
  faulty(await publish(id, {title: 'x', answer: '\u200c\u200c\u200c', name: 1}), 'body /title too_short', 'body /question required',
    'body /answer blank', 'body /name unknown_member');
  const {id: message} = await office.filed('message', {confidential: true});
  const {id: secret} = done(await office.convert(message, {to: 'info_request'}), 201);
  done(await office.move(KIND, secret, {to: 'assigned'}));
  done(await office.move(KIND, secret, {to: 'not_held'}));
  refused(await publish(secret), 403, 'forbidden');
  done(await publish(secret, WORDS, {who: office.admin}));
});

test('unpublishInfoRequest: it is gone at once, and can be published again', async () => {
  const {id, tracking_code: code} = await answered();
  refused(await unpublish(id), 404, 'not_found');
  done(await publish(id));
  done(await read(id));
  refused(await unpublish(id, {who: office.expert}), 403, 'forbidden');
  refused(await unpublish(id, {header: {'If-Match': '"9"'}}), 412, 'precondition_failed');
  done(await unpublish(id), 204);
  refused(await read(id), 404, 'not_found');
  assert.ok(!done(await list({limit: 100})).items.some((item) => item.id === id));
  assert.equal((await office.tracked(code)).timeline.at(-1).kind, 'info_request.unpublished');
  assert.equal(etagOf(await publish(id)), '"1"');
});

test('listPublishedInfoRequests, getPublishedInfoRequest: newest first, page by page, each organisation its own', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) {
    const {id} = await answered();
    done(await publish(id, {...WORDS, title: `عنوان ${i}`}));
    made.unshift(id);
  }
  const pages = await allPages((query) => list(query), 2);
  assert.deepEqual(pages.flat().slice(0, 5).map(({id}) => id), made);
  assert.equal(new Set(pages.flat().map(({id}) => id)).size, pages.flat().length);
  assert.deepEqual(done(await list({}, 'semnan')), {items: [], next: null});
  refused(await read(made[0], 'semnan'), 404, 'not_found');
});
