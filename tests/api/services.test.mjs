// The service desk: the catalogue as staff keep it, ratings of the public, and what cases may be about.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', rate_submit: 100000}});
after(() => house.stop());
const {anyone} = house;
const {admin, head, moderator, expert, client, clerk} =
  await house.people(['admin', 'head', 'moderator', 'expert', 'client', 'clerk'], 'isfahan');

const ORG = 'isfahan';
const PATH = '/v1/orgs/{org}/services/{code}';
const at = (code, header) => ({path: {org: ORG, ...(code && {code})}, ...(header && {header})});
const MERGE = {'Content-Type': 'application/merge-patch+json'};
const create = (body, {who = admin, org = ORG, header} = {}) =>
  who.POST('/v1/orgs/{org}/services', {params: {path: {org}, header}, body});
const get = (code, who = anyone, headers) => who.GET(PATH, {params: at(code), headers});
const list = (query = {}, org = ORG, headers) =>
  anyone.GET('/v1/orgs/{org}/services', {params: {path: {org}, query}, headers});
const change = (code, body, {who = admin, header = {'If-Match': '*'}} = {}) =>
  who.PATCH(PATH, {params: at(code, header), headers: MERGE, body});
const retire = (code, {who = admin, header = {'If-Match': '*'}} = {}) => who.DELETE(PATH, {params: at(code, header)});
const rate = (code, body, device = randomUUID(), key) => anyone.POST('/v1/orgs/{org}/services/{code}/ratings',
  {params: at(code, {...(device && {'Device-Token': device}), ...(key && {'Idempotency-Key': key})}), body});
const complain = (body, org = ORG, {who = anyone, header} = {}) => who.POST('/v1/orgs/{org}/complaints',
  {params: {path: {org}, header}, body: {subject: 'تأخیر در پروانه', text: 'سه ماه است که منتظرم.', ...body}});

let next = 0;
const newService = (changes = {}) => ({code: `service-${++next}`, title_fa: 'صدور پروانهٔ ساختمانی', ...changes});
const made = async (changes) => done(await create(newService(changes)), 201);

const FULL = {
  code: 'building-permit', title_fa: 'صدور پروانهٔ ساختمانی روستایی', title_en: 'Rural building permit',
  unit_code: 'service-units', keywords: ['جواز ساخت', 'بنیاد مسکن'], documents: ['سند مالکیت', 'نقشه'], fee: 'رایگان',
  duration: '۱۰ روز کاری', channel: 'حضوری و الکترونیکی', address: 'https://example.ir/permit',
};

test('createService: as given, and public at once', async () => {
  const answer = await create(FULL);
  const {subject_id: subject, updated_at: updated, ...rest} = done(answer, 201);
  assert.deepEqual(rest, FULL);
  assert.match(subject, /^[0-9a-f-]{36}$/);
  assert.ok(updated);
  assert.equal(etagOf(answer), '"1"');
  assert.ok(answer.response.headers.get('Location').endsWith(`/services/${FULL.code}`));
  const {feedback, ...page} = done(await get(FULL.code));
  assert.deepEqual(page, {...FULL, subject_id: subject, updated_at: updated});
  assert.deepEqual(feedback.ratings, {count: 0, mean: null, stars: {1: 0, 2: 0, 3: 0, 4: 0, 5: 0}});
  assert.deepEqual([feedback.suggestions, feedback.complaints], [0, 0]);
});

test('createService: the same key gives the same service, another body is refused', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const body = newService();
  const first = done(await create(body, {header}), 201);
  const second = await create(body, {header});
  assert.deepEqual(done(second, 201), first);
  assert.equal(second.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await create({...body, fee: 'رایگان'}, {header}), 422, 'idempotency_mismatch');
});

test('createService: a code is used once, fifty at a time', async () => {
  const body = newService();
  const results = await Promise.all(Array.from({length: 50}, () => create(body)));
  assert.equal(results.filter(({response}) => response.status === 201).length, 1);
  for (const result of results.filter(({response}) => response.status !== 201)) refused(result, 409, 'code_taken');
});

test('createService: faults are told at once, and foreign units refused', async () => {
  faulty(await create({code: 'Not A Slug', keywords: ['a', 'a'], address: 'nowhere', owner: 1}),
    'body /title_fa required', 'body /code wrong_format', 'body /keywords not_unique', 'body /address wrong_format',
    'body /owner unknown_member');
  refused(await create(newService({unit_code: 'nobody'})), 422, 'unknown_unit');
});

test('createService, changeService, retireService: for holders of service.write alone', async () => {
  const {code} = await made();
  for (const who of [expert, client]) {
    refused(await create(newService(), {who}), 403, 'forbidden');
    refused(await change(code, {fee: 'x'}, {who}), 403, 'forbidden');
    refused(await retire(code, {who}), 403, 'forbidden');
  }
  refused(await create(newService(), {who: anyone}), 401, 'unauthorized');
  for (const who of [head, moderator]) done(await create(newService(), {who}), 201);
});

test('listServices: in order, by unit, page by page, and by words in any spelling', async () => {
  const house2 = 'semnan';
  const staff = await house.client('admin', house2);
  const put = async (body) => done(await create(body, {who: staff, org: house2}), 201);
  await put({code: 'one', title_fa: 'گواهی پایان‌کار', keywords: ['خانه‌سازی']});
  await put({code: 'two', title_fa: 'تعرفهٔ آب‌بهای كشاورزي', title_en: 'Water Tariff', position: 1});
  await put({code: 'three', title_fa: 'جواز کسب'});
  const codes = async (query) => done(await list(query, house2)).items.map(({code}) => code);
  assert.deepEqual(await codes(), ['one', 'two', 'three']);
  assert.deepEqual((await allPages((query) => list(query, house2), 1)).map((page) => page.length), [1, 1, 1]);
  assert.deepEqual(await codes({q: 'آب بهای کشاورزی'}), ['two']);
  assert.deepEqual(await codes({q: 'water'}), ['two']);
  assert.deepEqual(await codes({q: 'خانه سازی'}), ['one']);
  assert.deepEqual(await codes({q: 'دریا'}), []);
  assert.deepEqual(await codes({unit: 'none'}), []);
  assert.equal(done(await list({limit: 1}, house2, {Prefer: 'count=exact'})).total, 3);
});

test('changeService: with the version that is known; null takes a member away', async () => {
  const {code} = await made({fee: 'رایگان', duration: '۲ روز'});
  refused(await change(code, {fee: null}, {header: {}}), 428, 'precondition_required');
  const answer = await change(code, {fee: null, keywords: ['جواز']}, {header: {'If-Match': '"1"'}});
  const {fee, keywords, duration} = done(answer);
  assert.deepEqual([fee, keywords, duration], [null, ['جواز'], '۲ روز']);
  assert.equal(etagOf(answer), '"2"');
  refused(await change(code, {fee: 'x'}, {header: {'If-Match': '"1"'}}), 412, 'precondition_failed');
  refused(await change(code, {unit_code: 'nobody'}), 422, 'unknown_unit');
  refused(await change('nothing', {fee: 'x'}), 404, 'not_found');
  faulty(await change(code, {title_fa: null}), 'body /title_fa wrong_type');
});

test('changeService: the tag of a page that was read changes it, and one of two at once is told', async () => {
  const {code} = await made();
  const tag = etagOf(await get(code));
  const results = await Promise.all(['الف', 'ب'].map((fee) => change(code, {fee}, {header: {'If-Match': tag}})));
  assert.deepEqual(results.map(({response}) => response.status).sort(), [200, 412]);
});

test('retireService: gone from lists, and its code stays its own', async () => {
  const {code} = await made();
  refused(await retire(code, {header: {'If-Match': '"7"'}}), 412, 'precondition_failed');
  done(await retire(code), 204);
  refused(await get(code), 404, 'not_found');
  refused(await retire(code), 404, 'not_found');
  refused(await create(newService({code})), 409, 'code_taken');
  assert.ok(!done(await list({limit: 100})).items.some((item) => item.code === code));
});

// --- the routing rule: a complaint about a service is assigned to the unit that gives it ---

const caseOf = async (id) => done(await admin.GET('/v1/orgs/{org}/complaints/{id}', {params: {path: {org: ORG, id}}}));
const told = ({state, unit_code: unit, timeline}) => [state, unit, timeline.map(({kind, actor}) => `${kind} ${actor}`)];
const ROUTED = ['complaint.registered public', 'complaint.assigned system'];
const ON_BEHALF = ['complaint.registered staff', 'complaint.assigned system'];

test('createComplaint: about a service it is assigned to the unit that gives it, at once', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const {id, tracking_code: tracking} = done(await complain({service_code: code}), 201);
  const kept = await caseOf(id);
  assert.deepEqual(told(kept), ['assigned', 'public-relations', ROUTED]);
  assert.deepEqual(kept.timeline[1].data, {unit_code: 'public-relations'});
  assert.deepEqual([kept.first_response_at, kept.open], [null, true]);
  assert.deepEqual(kept.allowed_transitions, ['assigned', 'in_progress', 'rejected', 'merged']);
  const tracked = done(await anyone.GET('/v1/track', {params: {header: {'Tracking-Code': tracking}}}));
  assert.deepEqual([tracked.state, tracked.unit.code, tracked.timeline.map(({kind}) => kind)],
    ['assigned', 'public-relations', ['complaint.registered', 'complaint.assigned']]);
});

test('createComplaint: no rule assigns what names its unit, or a service that no unit gives', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const {code: nobodys} = await made({unit_code: null});
  for (const [body, unit] of [[{unit_code: 'inspection'}, 'inspection'], [{service_code: nobodys}, null], [{}, null],
    [{service_code: code, unit_code: 'inspection'}, 'inspection']]) {
    const {id} = done(await complain(body), 201);
    assert.deepEqual(told(await caseOf(id)), ['registered', unit, ROUTED.slice(0, 1)], JSON.stringify(body));
  }
});

test('createComplaint: repeated, also by fifty at once, it is assigned once', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const header = {'Idempotency-Key': randomUUID()};
  const results = await Promise.all(Array.from({length: 50}, () => complain({service_code: code}, ORG, {header})));
  const [first, ...others] = results.map((result) => done(result, 201));
  for (const other of others) assert.deepEqual(other, first);
  assert.deepEqual(told(await caseOf(first.id)), ['assigned', 'public-relations', ROUTED]);
});

test('createComplaint: on behalf it is assigned likewise, and once for each reference', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const body = {service_code: code, channel: 'samad', external_ref: `S-${randomUUID()}`, received_at: '2026-11-20T08:00:00Z'};
  const receipt = done(await complain(body, ORG, {who: clerk}), 201);
  for (const received_at of ['2026-11-20T08:00:00Z', '2026-11-19T08:00:00Z'])
    assert.deepEqual(done(await complain({...body, received_at}, ORG, {who: clerk}), 201), receipt);
  assert.deepEqual(told(await caseOf(receipt.id)),
    ['assigned', 'public-relations', [...ON_BEHALF, 'complaint.received_earlier staff']]);
});

test('convertMessage: a complaint about a service is assigned to the unit that gives it', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const {code: nobodys} = await made({unit_code: null});
  const converted = async (body) => {
    const message = {subject: 'صف میز خدمت', addressee: {kind: 'governor'}, text: 'هر روز دو ساعت در صف می‌مانیم.', unit_code: 'inspection'};
    const {id} = done(await anyone.POST('/v1/orgs/{org}/messages', {params: {path: {org: ORG}}, body: message}), 201);
    const header = {'If-Match': '*', 'Idempotency-Key': randomUUID()};
    const convert = () => clerk.POST('/v1/orgs/{org}/messages/{id}/convert',
      {params: {path: {org: ORG, id}, header}, body: {to: 'complaint', ...body}});
    const answer = await convert();
    if (answer.data) assert.deepEqual(done(await convert(), 201), answer.data);
    return answer;
  };
  const of = async (body) => caseOf(done(await converted(body), 201).id);
  const kept = await of({service_code: code});
  assert.deepEqual([kept.service_code, ...told(kept)], [code, 'assigned', 'public-relations', ON_BEHALF]);
  for (const body of [{service_code: nobodys}, {service_code: code, unit_code: 'inspection'}, {}])
    assert.deepEqual(told(await of(body)), ['registered', 'inspection', ON_BEHALF.slice(0, 1)]);
  refused(await converted({service_code: 'unheard-of'}), 422, 'unknown_service');
});

test('createSuggestion: about a service it goes to its unit, and is screened like any other', async () => {
  const {code} = await made({unit_code: 'public-relations'});
  const body = {subject: 'نوبت اینترنتی', problem: 'مراجعان در صف می‌مانند.', proposal: 'نوبت از درگاه داده شود.', service_code: code};
  const {id} = done(await anyone.POST('/v1/orgs/{org}/suggestions', {params: {path: {org: ORG}}, body}), 201);
  assert.deepEqual(told(done(await admin.GET('/v1/orgs/{org}/suggestions/{id}', {params: {path: {org: ORG, id}}}))),
    ['submitted', 'public-relations', ['suggestion.submitted public']]);
});

test('getService: counts ratings, and cases about it, small groups apart', async () => {
  const {code} = await made();
  for (const stars of [5, 4, 4]) done(await rate(code, {rating: stars}), 201);
  for (let i = 0; i < 3; i++) done(await complain({service_code: code}), 201);
  const few = done(await get(code, head)).feedback;
  assert.deepEqual(few.ratings, {count: 3, mean: 4.33, stars: {1: 0, 2: 0, 3: 0, 4: 2, 5: 1}});
  assert.equal(few.complaints, 3);
  assert.equal(done(await get(code)).feedback.complaints, null);
  for (let i = 0; i < 2; i++) done(await complain({service_code: code}), 201);
  assert.equal(done(await get(code, head)).feedback.complaints, 5);
});

test('rateService: once a day for each device, raced fifty ways', async () => {
  const {code} = await made();
  const other = await made();
  const device = randomUUID();
  const results = await Promise.all(Array.from({length: 50}, () => rate(code, {rating: 3}, device)));
  assert.equal(results.filter(({response}) => response.status === 201).length, 1);
  for (const result of results.filter(({response}) => response.status !== 201)) refused(result, 409, 'rated_today');
  done(await rate(other.code, {rating: 3}, device), 201);
  await house.moveClock('1 day');
  done(await rate(code, {rating: 5}, device), 201);
  assert.equal(done(await get(code, head)).feedback.ratings.count, 2);
  const hashes = await house.query('SELECT DISTINCT voter FROM service_rating WHERE rating = 3 AND service_id = ANY ($1)',
    [[other.subject_id, (await house.query('SELECT id FROM service WHERE code = $1', [code]))[0].id]]);
  assert.equal(hashes.length, 2);
});

test('rateService: a retry is no second rating, and nobody rates without a token', async () => {
  const {code} = await made();
  const [device, key] = [randomUUID(), randomUUID()];
  const first = done(await rate(code, {rating: 2, text: 'کند است'}, device, key), 201);
  const again = await rate(code, {rating: 2, text: 'کند است'}, device, key);
  assert.deepEqual(done(again, 201), first);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await rate(code, {rating: 1}, device, key), 422, 'idempotency_mismatch');
  refused(await rate(code, {rating: 1}, null), 422, 'voter_needed');
  refused(await rate('nothing', {rating: 1}), 404, 'not_found');
  faulty(await rate(code, {rating: 6}), 'body /rating too_large');
  faulty(await rate(code, {text: 'خوب'}), 'body /rating required');
});

test('listServiceRatings: with their texts, newest first, for staff', async () => {
  const {code} = await made();
  const LIST = '/v1/orgs/{org}/services/{code}/ratings';
  for (const [rating, text] of [[1, 'بد بود'], [5, undefined], [4, 'خوب بود']]) done(await rate(code, {rating, text}), 201);
  const ratings = (query = {}, who = moderator) => who.GET(LIST, {params: {...at(code), query}});
  const {items} = done(await ratings());
  assert.deepEqual(items.map(({rating, text}) => [rating, text]), [[4, 'خوب بود'], [5, null], [1, 'بد بود']]);
  assert.match(items[0].rated_on_jalali, /^14\d\d-\d\d-\d\d$/);
  assert.deepEqual((await allPages((query) => ratings(query), 2)).map((page) => page.length), [2, 1]);
  refused(await ratings({}, anyone), 401, 'unauthorized');
  refused(await ratings({}, client), 403, 'forbidden');
});

test('createComplaint, changeComplaint: about a service of the catalogue, where there is one', async () => {
  const {code} = await made();
  const {id} = done(await complain({service_code: code}), 201);
  refused(await complain({service_code: 'unheard-of'}), 422, 'unknown_service');
  const amend = (body) => admin.PATCH('/v1/orgs/{org}/complaints/{id}',
    {params: {path: {org: ORG, id}, header: {'If-Match': '*'}}, headers: MERGE, body});
  refused(await amend({service_code: 'unheard-of'}), 422, 'unknown_service');
  done(await amend({service_code: null}));
  done(await complain({service_code: 'anything'}, 'sistan-baluchestan'), 201);
  done(await retire(code), 204);
  refused(await complain({service_code: code}), 422, 'unknown_service');
});
