// Units, county offices and how they are reached. A county office is an organisation of its own under its governorate.
import assert from 'node:assert/strict';
import path from 'node:path';
import {after, test} from 'node:test';
import {done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
await house.command('apply', path.join(ROOT, 'script/samples/county-office.yaml'));
const {anyone} = house;
const SB = 'sistan-baluchestan';
const COUNTY = 'zahedan-sample';
const admin = await house.client('admin', SB);
const head = await house.client('head', COUNTY);

const units = (org) => anyone.GET('/v1/orgs/{org}/units', {params: {path: {org}}});
const unit = (org, code) => anyone.GET('/v1/orgs/{org}/units/{code}', {params: {path: {org, code}}});
const contact = (org) => anyone.GET('/v1/orgs/{org}/contact', {params: {path: {org}}});
const add = (body, {who = admin, org = SB} = {}) => who.POST('/v1/orgs/{org}/contact', {params: {path: {org}}, body});
const at = (code, header = {'If-Match': '*'}, org = SB) => ({path: {org, code}, header});
const change = (code, body, header, who = admin) => who.PATCH('/v1/orgs/{org}/contact/{code}',
  {params: at(code, header), headers: {'Content-Type': 'application/merge-patch+json'}, body});
const retire = (code, header) => admin.DELETE('/v1/orgs/{org}/contact/{code}', {params: at(code, header)});
const PHONE = {code: 'phone', kind: 'phone', title_fa: 'تلفن روابط عمومی', unit_code: 'public-relations',
  as_published: '۰۵۴ ۳۳۲۲۰۰۰۰', address: 'tel:+985433220000', note: null};

test('listUnits: a tree in which a county office hangs under the unit of county offices, with its own entry', async () => {
  const {items} = done(await units(SB));
  const county = items.find(({org}) => org === COUNTY);
  assert.deepEqual([county.kind, county.parent, county.depth, county.services, county.statistics],
    ['county_office', 'county-offices', 1, 1, `/v1/orgs/${COUNTY}/stats`]);
  assert.equal(county.contacts[0].code, 'desk');
  assert.equal(items[items.indexOf(county) - 1].code, 'county-offices');
  assert.deepEqual(items.filter(({depth}) => depth === 0).map(({code}) => code).at(0), 'political-and-social');
  for (const {code, parent, depth, statistics} of items) {
    const above = items.find((item) => item.code === parent);
    assert.equal(depth, above ? above.depth + 1 : 0, code);
    assert.equal((await fetch(house.server.url + statistics)).status, 200, statistics);
  }
});

test('listUnits: units below units stand behind them', async () => {
  const {items} = done(await units('isfahan'));
  const seen = new Set([null]);
  for (const {code, parent} of items) {
    assert.ok(seen.has(parent), `${code} before ${parent}`);
    seen.add(code);
  }
  assert.deepEqual(done(await units(COUNTY)).items.map(({code, services}) => [code, services]), [['front-desk', 1]]);
});

test('getUnit: with its services, contacts and county offices', async () => {
  const offices = done(await unit(SB, 'county-offices'));
  assert.deepEqual(offices.county_offices.map(({slug}) => slug), [COUNTY]);
  const desk = done(await unit(COUNTY, 'front-desk'));
  assert.deepEqual(desk.services, [{code: 'development-plan', title_fa: 'پیگیری طرح‌های عمرانی شهرستان'}]);
  assert.deepEqual(desk.contacts.map(({kind, as_published: text}) => [kind, text]),
    [['hours', 'شنبه تا چهارشنبه، ۷:۳۰ تا ۱۴']]);
  refused(await unit(SB, 'nobody'), 404, 'not_found');
});

test('listUnits: a county office has people, cases, services and questions of its own', async () => {
  const params = {path: {org: COUNTY}};
  const body = {subject: 'راه روستا', text: 'راه روستای ما خراب است.', service_code: 'development-plan'};
  const {id} = done(await anyone.POST('/v1/orgs/{org}/complaints', {params, body}), 201);
  const own = done(await head.GET('/v1/orgs/{org}/complaints', {params}));
  assert.deepEqual(own.items.map((item) => item.id), [id]);
  refused(await admin.GET('/v1/orgs/{org}/complaints', {params}), 403, 'forbidden');
  assert.deepEqual(done(await anyone.GET('/v1/orgs/{org}/faq', {params})).items.map(({code}) => code), ['opening-hours']);
  const {items} = done(await anyone.GET('/v1/orgs'));
  assert.equal(items.find(({slug}) => slug === COUNTY).parent, SB);
});

test('getContact: what was published beside what works', async () => {
  const {channels, contacts, name_fa: name} = done(await contact('isfahan'));
  assert.equal(name, 'استانداری اصفهان');
  assert.deepEqual(contacts, []);
  const phone = channels.find(({kind}) => kind === 'phone');
  assert.match(phone.as_published, /۰۳۱-۲۲۲۲۶۵۱/);
  assert.equal(phone.address, null);
  assert.ok(phone.note);
});

test('createContact: of a unit, shown with it at once', async () => {
  const {version, ...rest} = done(await add(PHONE), 201);
  assert.deepEqual(rest, PHONE);
  assert.equal(version, '1');
  assert.deepEqual(done(await contact(SB)).contacts.map(({code}) => code), ['phone']);
  assert.deepEqual(done(await unit(SB, 'public-relations')).contacts.map(({code}) => code), ['phone']);
  refused(await add(PHONE), 409, 'code_taken');
  refused(await add({...PHONE, code: 'b', unit_code: 'nobody'}), 422, 'unknown_unit');
  faulty(await add({...PHONE, code: 'c', kind: 'pigeon', address: '054'}), 'body /kind not_allowed',
    'body /address wrong_pattern');
  refused(await add({...PHONE, code: 'd'}, {who: await house.client('expert', SB)}), 403, 'forbidden');
});

test('changeContact, retireContact: by the version that the list shows', async () => {
  const [{version}] = done(await contact(SB)).contacts;
  const header = {'If-Match': `"${version}"`};
  assert.equal(done(await change('phone', {address: null, note: 'پاسخ نمی‌دهد'}, header)).note, 'پاسخ نمی‌دهد');
  refused(await change('phone', {note: null}, header), 412, 'precondition_failed');
  refused(await change('phone', {note: null}, undefined, head), 403, 'forbidden');
  refused(await retire('phone', header), 412, 'precondition_failed');
  done(await retire('phone'), 204);
  refused(await retire('phone'), 404, 'not_found');
  assert.deepEqual(done(await contact(SB)).contacts, []);
});
