// Replies go out by the channel that the case came by, and whether they arrived is recorded.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, PERSONS} from '../lib/casework.mjs';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const PERSON = {name: 'علی رضایی', mobile: '+989131234567'};
const list = (query = {}, who = office.clerk, org = 'isfahan') =>
  who.GET('/v1/orgs/{org}/deliveries', {params: {path: {org}, query}});
const record = (id, body = {state: 'delivered'}, who = office.clerk, org = 'isfahan') =>
  who.PUT('/v1/orgs/{org}/deliveries/{id}', {params: {path: {org, id}}, body});
const bySms = (kind, more) => office.filed(kind, {channel: 'sms', [PERSONS[kind]]: PERSON, ...more}, {who: office.office});
const reply = async (kind, id, text = 'رسید.') => done(await office.reply(kind, id, {text}), 201);

test('listDeliveries: the answer of who wrote by SMS waits, that of who came by the portal is there', async () => {
  const {id} = await bySms('message');
  done(await office.move('message', id, BODIES.message.assigned));
  const {messages: [said], ...rest} = done(await office.move('message', id, BODIES.message.answered));
  assert.deepEqual([said.channel, said.delivery], ['sms', {state: 'waiting', at: said.at, on_jalali: said.on_jalali, note: null}]);
  const [item] = done(await list({channel: 'sms'})).items;
  assert.deepEqual(item, {id: said.id, case_id: id, kind: 'message', number: rest.number, channel: 'sms', person: PERSON,
    text: BODIES.message.answered.text, at: said.at, on_jalali: said.on_jalali, delivery: said.delivery});
  const {id: here} = await office.filed('complaint');
  const shown = await reply('complaint', here);
  assert.deepEqual([shown.channel, shown.delivery], ['web', {state: 'delivered', at: shown.at, on_jalali: shown.on_jalali, note: null}]);
  const note = done(await office.note('complaint', here, {text: 'درونی'}), 201);
  assert.deepEqual([note.channel, note.delivery], [null, null]);
  assert.ok(!done(await list({limit: 100})).items.some(({case_id: one}) => one === here));
});

test('recordDelivery: failed and tried again, delivered and done, and on record', async () => {
  for (const kind of ['complaint', 'message', 'info_request']) {
    const {id} = await bySms(kind);
    const {id: message} = await reply(kind, id);
    const failed = done(await record(message, {state: 'failed', note: 'شماره خاموش است.'}));
    assert.deepEqual([failed.delivery.state, failed.delivery.note], ['failed', 'شماره خاموش است.']);
    assert.deepEqual(done(await list({state: 'failed', channel: 'sms'})).items.map((item) => item.id), [message]);
    const delivered = done(await record(message));
    assert.deepEqual([delivered.delivery.state, delivered.delivery.note], ['delivered', null]);
    assert.deepEqual(done(await record(message)), delivered);
    refused(await record(message, {state: 'failed'}), 409, 'state_conflict', {state: 'delivered'});
    const kept = await office.shown(kind, id);
    assert.deepEqual(kept.messages, [delivered]);
    assert.deepEqual(kept.timeline.map((event) => event.kind).slice(-2), [`${kind}.delivery_failed`, `${kind}.reply_delivered`]);
    assert.deepEqual(done(await list({state: 'failed'})).items, []);
  }
});

test('recordDelivery: of many who record it at once one is on record', async () => {
  const {id} = await bySms('message');
  const {id: message} = await reply('message', id);
  const results = await Promise.all(Array.from({length: 20}, () => record(message)));
  assert.equal(new Set(results.map((result) => JSON.stringify(done(result)))).size, 1);
  assert.equal((await office.shown('message', id)).timeline.filter(({kind}) => kind === 'message.reply_delivered').length, 1);
});

test('listDeliveries, recordDelivery: for who files on behalf, in this organisation, and what is confidential for who may read it', async () => {
  const {id} = await bySms('message');
  const {id: message} = await reply('message', id);
  for (const who of [office.deputy, office.expert, office.client]) {
    refused(await list({}, who), 403, 'forbidden');
    refused(await record(message, {state: 'delivered'}, who), 403, 'forbidden');
  }
  refused(await list({}, office.anyone), 401, 'unauthorized');
  refused(await record(message, {state: 'delivered'}, semnan.clerk, 'semnan'), 404, 'not_found');
  refused(await record(randomUUID()), 404, 'not_found');
  refused(await record(done(await office.note('message', id, {text: 'درونی'}), 201).id), 404, 'not_found');
  faulty(await record(message, {state: 'waiting'}), 'body /state not_allowed');
  faulty(await list({state: 'delivered'}), 'query /state not_allowed');
  assert.deepEqual(done(await list({}, semnan.clerk, 'semnan')).items, []);

  const {id: secret} = await bySms('message', {confidential: true});
  const {id: whispered} = await reply('message', secret);
  const seen = async (who) => done(await list({limit: 100}, who)).items.some((item) => item.id === whispered);
  assert.deepEqual([await seen(office.clerk), await seen(office.office)], [false, true]);
  refused(await record(whispered), 403, 'forbidden');
  done(await record(whispered, {state: 'delivered'}, office.office));
});

test('listDeliveries: page by page, oldest first', async () => {
  const {id} = await bySms('complaint', {channel: 'letter'});
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await reply('complaint', id, `پاسخ ${i}`)).id);
  const pages = await allPages((query) => list({channel: 'letter', ...query}), 2);
  assert.deepEqual(pages.map((page) => page.map((item) => item.id)), [made.slice(0, 2), made.slice(2, 4), made.slice(4)]);
});
