// Subjects in force: policies, processes, decisions, actions and services, and what people say about them, from filing
// to the disposition.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', rate_submit: 100000}});
after(() => house.stop());
const desk = await deskOf(house);
const {anyone, admin, head, moderator, expert, client} = desk;

const PATH = '/v1/orgs/{org}/subjects/{id}';
const at = (id, header) => ({path: {org: 'isfahan', ...(id && {id})}, ...(header && {header})});
const create = (body, {who = admin, header} = {}) => who.POST('/v1/orgs/{org}/subjects', {params: at(null, header), body});
const get = (id) => anyone.GET(PATH, {params: at(id)});
const list = (query = {}) => anyone.GET('/v1/orgs/{org}/subjects', {params: {...at(), query}});
const change = (id, body, {who = admin, header = {'If-Match': '*'}} = {}) => who.PATCH(PATH,
  {params: at(id, header), headers: {'Content-Type': 'application/merge-patch+json'}, body});
const comment = (id, body, {who = anyone, header} = {}) =>
  who.POST('/v1/orgs/{org}/subjects/{id}/comments', {params: at(id, header), body});
const comments = (id, query = {}) =>
  anyone.GET('/v1/orgs/{org}/subjects/{id}/comments', {params: {...at(id), query}});
const citizen = (action, code, body) =>
  anyone.POST(`/v1/track/${action}`, {params: {header: {'Tracking-Code': code}}, body});

const newSubject = (changes = {}) => ({kind: 'decision', title: 'تغییر ساعت کار ادارات در تابستان',
  text: 'ساعت کار از ۶ تا ۱۳ است.', ...changes});
const made = async (changes) => done(await create(newSubject(changes)), 201);
const day = async (shift) => new Date((await house.now()).getTime() + shift * 24 * 3600 * 1000).toISOString().slice(0, 10);

test('createSubject: in force from today, unless said', async () => {
  const answer = await create(newSubject({unit_code: 'public-relations', source: 'https://example.ir/decision'}));
  const {id, in_force_from: from, in_force_from_jalali: jalali, updated_at: updated, ...rest} = done(answer, 201);
  assert.deepEqual(rest, {kind: 'decision', code: null, title: 'تغییر ساعت کار ادارات در تابستان',
    text: 'ساعت کار از ۶ تا ۱۳ است.', unit_code: 'public-relations', in_force_to: null, in_force_to_jalali: null,
    in_force: true, source: 'https://example.ir/decision'});
  assert.match(jalali, /^14\d\d-\d\d-\d\d$/);
  assert.ok(updated && from);
  const {history, ...page} = done(await get(id));
  assert.deepEqual(page, {id, in_force_from: from, in_force_from_jalali: jalali, updated_at: updated, ...rest});
  assert.deepEqual(history.map(({kind}) => kind), ['subject.created']);
});

test('createSubject: refused for others, for services, and where it ends before it begins', async () => {
  refused(await create(newSubject(), {who: expert}), 403, 'forbidden');
  refused(await create(newSubject({unit_code: 'nobody'})), 422, 'unknown_unit');
  refused(await create(newSubject({in_force_to: await day(-3)})), 422, 'ends_before_it_begins');
  faulty(await create(newSubject({kind: 'service', title: 'ab'})), 'body /kind not_allowed', 'body /title too_short');
  const header = {'Idempotency-Key': randomUUID()};
  assert.deepEqual(done(await create(newSubject(), {header}), 201), done(await create(newSubject(), {header}), 201));
});

test('listSubjects: newest first, by kind, by what is in force, by words in any spelling', async () => {
  const policy = await made({kind: 'policy', title: 'سياست آب‌بهای كشاورزي'});
  const past = await made({kind: 'process', title: 'فرآیند پیشین', in_force_from: await day(-9), in_force_to: await day(-5)});
  const ids = async (query) => done(await list({limit: 100, ...query})).items.map(({id}) => id);
  assert.deepEqual((await ids()).slice(0, 2), [past.id, policy.id]);
  assert.deepEqual(await ids({kind: 'policy'}), [policy.id]);
  assert.deepEqual(await ids({in_force: false}), [past.id]);
  assert.deepEqual(await ids({q: 'سیاست آب بهای کشاورزی'}), [policy.id]);
  assert.deepEqual(await ids({q: 'سیاست', in_force: false}), []);
  const pages = await allPages((query) => list(query), 2);
  assert.deepEqual(pages.flat().map(({id}) => id), await ids());
});

test('changeSubject: with the version that is known; its history is kept', async () => {
  const {id} = await made();
  const tag = etagOf(await get(id));
  const {in_force: inForce} = done(await change(id, {in_force_from: await day(-4), in_force_to: await day(-2)},
    {header: {'If-Match': tag}, who: head}));
  assert.equal(inForce, false);
  refused(await change(id, {title: 'دیگر'}, {header: {'If-Match': tag}}), 412, 'precondition_failed');
  refused(await change(id, {in_force_from: await day(0)}), 422, 'ends_before_it_begins');
  refused(await change(id, {title: 'دیگر'}, {who: moderator}), 403, 'forbidden');
  refused(await comment(id, {text: newText()}), 409, 'not_in_force', {in_force_to: await day(-2)});
  done(await change(id, {in_force_to: null}));
  done(await comment(id, {text: newText()}), 201);
  assert.deepEqual(done(await get(id)).history.map(({kind}) => kind),
    ['subject.created', 'subject.changed', 'subject.changed']);
});

test('createSubjectComment: waits for moderation, is tracked, and disposed of without a window', async () => {
  const {id, title} = await made();
  const body = {text: 'این تصمیم برای مادران شاغل دشوار است.', position: 'against', audience: 'stakeholder',
    contact: {mobile: '09123456789'}};
  const {id: own, tracking_code: code, late} = done(await comment(id, body), 201);
  assert.equal(late, false);
  assert.deepEqual(done(await comments(id)).items, []);

  const kept = done(await desk.getComment(own));
  assert.deepEqual([kept.state, kept.draft_id, kept.subject_id, kept.about],
    ['pending', null, id, {kind: 'decision', id, code: null, title}]);
  const {items: [queued]} = done(await desk.queue({subject_id: id}));
  assert.deepEqual([queued.id, queued.about.title], [own, title]);

  refused(await desk.dispose(own, {disposition: 'noted', reason: 'یادداشت شد'}), 409, 'state_conflict');
  done(await desk.moderate(own, {to: 'published'}));
  assert.deepEqual(done(await comments(id, {position: 'against'})).items.map((item) => [item.id, item.draft_version]),
    [[own, null]]);
  const tracked = done(await desk.track(code));
  assert.deepEqual([tracked.draft, tracked.subject.id, tracked.subject.title, tracked.may_withdraw],
    [null, id, title, true]);
  done(await desk.dispose(own, {disposition: 'accepted', reason: 'مهدکودک‌ها هم‌زمان شدند.'}));
  const after = done(await desk.track(code));
  assert.deepEqual([after.disposition, after.may_withdraw], ['accepted', false]);
  refused(await citizen('withdraw', code), 409, 'state_conflict');
  assert.deepEqual(done(await comments(id)).items.map((item) => item.disposition), ['accepted']);
});

test('createSubjectComment: withdrawn, rejected and objected to like one on a draft', async () => {
  const {id} = await made();
  const first = done(await comment(id, {text: newText()}), 201);
  assert.equal(done(await citizen('withdraw', first.tracking_code)).state, 'withdrawn');
  const second = done(await comment(id, {text: newText()}), 201);
  done(await desk.moderate(second.id, {to: 'rejected', reason_code: 'insult', reason: 'توهین دارد.'}));
  assert.equal(done(await citizen('objection', second.tracking_code, {text: 'توهین نیست'})).state, 'pending');
});

test('createSubjectComment: a repeated request is one comment, a trusted key is published at once', async () => {
  const {id} = await made();
  const header = {'Idempotency-Key': randomUUID()};
  const body = {text: newText()};
  const results = await Promise.all(Array.from({length: 20}, () => comment(id, body, {header})));
  assert.equal(new Set(results.map((result) => JSON.stringify(done(result, 201)))).size, 1);
  refused(await comment(id, {text: newText()}, {header}), 422, 'idempotency_mismatch');
  const {id: own} = done(await comment(id, {text: newText()}, {who: client}), 201);
  assert.deepEqual(done(await comments(id)).items.map((item) => item.id), [own]);
  refused(await comment(randomUUID(), body), 404, 'not_found');
  faulty(await comment(id, {text: 'ab', clause_id: 'm1'}), 'body /text too_short', 'body /clause_id unknown_member');
});

test('createSubjectComment: near-identical texts are one campaign, another on another subject', async () => {
  const [one, two] = [await made(), await made()];
  const text = 'ساعت کار را تغییر ندهید لطفاً';
  const file = async (id, words) => done(await desk.getComment(done(await comment(id, {text: words}), 201).id)).campaign_id;
  const first = await file(one.id, text);
  assert.equal(await file(one.id, 'ساعت كار را تغيير ندهيد، لطفاً!'), first);
  assert.notEqual(await file(two.id, text), first);
  assert.equal(done(await desk.queue({campaign_id: first})).items.length, 2);
});

test('listSubjectComments: newest first, page by page, counted on request', async () => {
  const {id} = await made();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift(done(await comment(id, {text: newText()}, {who: client}), 201).id);
  const pages = await allPages((query) => comments(id, query), 2);
  assert.deepEqual(pages.flat().map((item) => item.id), ids);
  const counted = await anyone.GET('/v1/orgs/{org}/subjects/{id}/comments',
    {params: at(id), headers: {Prefer: 'count=exact'}});
  assert.equal(done(counted).total, 5);
  refused(await comments(randomUUID()), 404, 'not_found');
});

test('getSubject: a service is a subject, changed on the service desk alone, and takes opinions until it is retired', async () => {
  const params = {path: {org: 'isfahan'}};
  const {subject_id: id, title_fa: title} = done(await admin.POST('/v1/orgs/{org}/services',
    {params, body: {code: 'permit', title_fa: 'صدور پروانه', fee: 'رایگان'}}), 201);
  const subject = done(await get(id));
  assert.deepEqual([subject.kind, subject.code, subject.title, subject.in_force], ['service', 'permit', title, true]);
  refused(await change(id, {title: 'دیگر'}), 409, 'subject_of_service');
  const {id: own, tracking_code: code} = done(await comment(id, {text: newText()}, {who: client}), 201);
  assert.equal(done(await desk.track(code)).subject.code, 'permit');
  assert.deepEqual(done(await desk.getComment(own)).about, {kind: 'service', id, code: 'permit', title});
  const service = {params: {path: {org: 'isfahan', code: 'permit'}, header: {'If-Match': '*'}}};
  assert.equal(done(await head.GET('/v1/orgs/{org}/services/{code}', service)).feedback.comments, 1);
  done(await admin.PATCH('/v1/orgs/{org}/services/{code}',
    {...service, headers: {'Content-Type': 'application/merge-patch+json'}, body: {title_fa: 'پروانهٔ ساختمانی'}}));
  assert.equal(done(await get(id)).title, 'پروانهٔ ساختمانی');
  done(await admin.DELETE('/v1/orgs/{org}/services/{code}', service), 204);
  refused(await comment(id, {text: newText()}), 409, 'not_in_force');
  assert.equal(done(await comments(id)).items.length, 1);
});

test('createSubjectComment: stands in the open data with its subject', async () => {
  const {id} = await made();
  const {number} = done(await comment(id, {text: newText()}, {who: client}), 201);
  const lines = (await (await fetch(`${house.server.url}/v1/orgs/isfahan/export/comments.ndjson`)).text()).trim().split('\n');
  const row = lines.map((line) => JSON.parse(line)).find((item) => item.number === number);
  assert.deepEqual([row.draft_id, row.subject_id], [null, id]);
});
