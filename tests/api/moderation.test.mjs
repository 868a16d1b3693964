// Staff and comments: the queue, one comment as staff see it, and moderation. Every pair of states is tried in
// transitions.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, before, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const other = await deskOf(house, 'semnan');

const ids = (items) => items.map((item) => item.id);
const RULES = ['insult', 'personal_data', 'advertising', 'off_topic', 'unlawful', 'unintelligible'];
const reject = (reason_code = 'insult') => ({to: 'rejected', reason_code, reason: 'متن دربردارندهٔ توهین است.'});
const withhold = {to: 'withheld', reason_code: 'personal_data', reason: 'شماره ملی در متن است.'};

// --- one comment ---

test('getComment: staff see everything, with what they may do and an entity tag', async () => {
  const draft = await desk.opened();
  const contact = {mobile: '+989123456789', email: 'r@example.ir'};
  const receipt = await desk.pending(draft.id, {text: 'نظر من', contact, position: 'for', audience: 'citizen'});
  const result = await desk.getComment(receipt.id);
  const {campaign_id: campaign, ...kept} = done(result);
  assert.deepEqual(kept, {
    id: receipt.id, number: receipt.number, draft_id: draft.id, draft_version: 1, subject_id: null, clause_id: null,
    about: {kind: 'draft', id: draft.id, code: draft.number, title: draft.title}, state: 'pending', position: 'for', audience: 'citizen', author_name: null, contact, text: 'نظر من', public_text: null, late: false,
    received_at: receipt.received_at, received_on_jalali: receipt.received_on_jalali, updated_at: receipt.received_at,
    filed_by: null, reason_code: null, reason: null, objection: null, objected_at: null, disposition: null,
    disposition_reason: null, disposed_at: null, confirmed_at: null,
    allowed_transitions: ['published', 'withheld', 'rejected'],
  });
  assert.equal(etagOf(result), '"1"');
  assert.deepEqual(done(await desk.getComment(receipt.id, desk.inspector)).allowed_transitions, []);
});

test('getComment: is for staff of this organisation who read comments', async () => {
  const {id} = await desk.pending((await desk.opened()).id);
  refused(await desk.getComment(id, desk.anyone), 401, 'unauthorized');
  refused(await desk.getComment(id, desk.office), 403, 'forbidden');
  refused(await desk.getComment(id, desk.client), 403, 'forbidden');
  refused(await desk.getComment(id, other.moderator), 403, 'forbidden');
  refused(await other.getComment(id, other.moderator), 404, 'not_found');
  refused(await desk.getComment(randomUUID()), 404, 'not_found');
});

// --- moderation ---

test('transitionComment: published, the comment is public at once', async () => {
  const {id} = await desk.opened();
  const receipt = await desk.pending(id);
  assert.deepEqual(done(await desk.published(id)).items, []);
  const result = await desk.moderate(receipt.id, {to: 'published'}, {header: {'If-Match': '"1"'}});
  const kept = done(result);
  assert.deepEqual([kept.state, kept.allowed_transitions, etagOf(result)],
    ['published', ['withheld', 'rejected'], '"2"']);
  assert.ok(kept.updated_at > receipt.received_at);
  assert.deepEqual(ids(done(await desk.published(id)).items), [receipt.id]);
});

test('transitionComment: a redacted text is shown instead, and the author keeps the original', async () => {
  const {id} = await desk.opened();
  const receipt = await desk.pending(id, {text: 'زنگ بزنید: ۰۹۱۲۳۴۵۶۷۸۹'});
  done(await desk.moderate(receipt.id, {to: 'published', public_text: 'زنگ بزنید: […]'}));
  const {items: [item]} = done(await desk.published(id));
  assert.deepEqual([item.text, item.is_redacted], ['زنگ بزنید: […]', true]);
  assert.equal(done(await desk.getComment(receipt.id)).text, 'زنگ بزنید: ۰۹۱۲۳۴۵۶۷۸۹');
  assert.equal(done(await desk.track(receipt.tracking_code)).text, 'زنگ بزنید: ۰۹۱۲۳۴۵۶۷۸۹');
});

test('transitionComment: withheld, it leaves the public list at once and can come back', async () => {
  const {id} = await desk.opened();
  const receipt = await desk.filed(id);
  assert.equal(done(await desk.published(id)).items.length, 1);
  const kept = done(await desk.moderate(receipt.id, withhold));
  assert.deepEqual([kept.state, kept.reason_code, kept.reason], ['withheld', withhold.reason_code, withhold.reason]);
  assert.deepEqual(done(await desk.published(id)).items, []);
  assert.equal(done(await desk.track(receipt.tracking_code)).reason, withhold.reason);
  const back = done(await desk.moderate(receipt.id, {to: 'published', public_text: 'بی شماره'}));
  assert.deepEqual([back.state, back.reason_code, back.reason], ['published', null, null]);
});

for (const rule of RULES)
  test(`transitionComment: rejects for ${rule}, and the author reads why`, async () => {
    const receipt = await desk.pending((await desk.opened()).id);
    done(await desk.moderate(receipt.id, reject(rule)));
    const tracked = done(await desk.track(receipt.tracking_code));
    assert.deepEqual([tracked.state, tracked.reason_code, tracked.reason], ['rejected', rule, reject().reason]);
  });

test('transitionComment: refusing and hiding need a rule and a reason', async () => {
  const {id} = await desk.pending((await desk.opened()).id);
  for (const to of ['rejected', 'withheld'])
    faulty(await desk.moderate(id, {to}), 'body /reason_code required', 'body /reason required');
  faulty(await desk.moderate(id, {to: 'rejected', reason_code: 'dislike', reason: 'نه', public_text: 'x'}),
    'body /reason_code not_allowed', 'body /reason too_short', 'body /public_text unknown_member');
  faulty(await desk.moderate(id, {to: 'withdrawn', reason: 'به جای او'}), 'body /to no_variant');
  assert.equal(done(await desk.getComment(id)).state, 'pending');
});

test('transitionComment: of two moderators at once one decides', async () => {
  const {id} = await desk.pending((await desk.opened()).id);
  const header = {'If-Match': '"1"'};
  const results = await Promise.all([desk.moderate(id, {to: 'published'}, {header}),
    desk.moderate(id, reject(), {header}), desk.moderate(id, withhold, {header, who: desk.admin})]);
  assert.equal(results.filter(({response}) => response.status === 200).length, 1);
  for (const result of results.filter(({response}) => response.status !== 200))
    refused(result, 412, 'precondition_failed');
});

test('transitionComment: needs the entity tag, and a key of a moderator here', async () => {
  const {id} = await desk.pending((await desk.opened()).id);
  const body = {to: 'published'};
  refused(await desk.moderate(id, body, {header: {}}), 428, 'precondition_required');
  refused(await desk.moderate(id, body, {header: {'If-Match': '"2"'}}), 412, 'precondition_failed');
  refused(await desk.moderate(id, body, {who: desk.anyone}), 401, 'unauthorized');
  refused(await desk.moderate(id, body, {who: desk.expert}), 403, 'forbidden');
  refused(await desk.moderate(id, body, {who: desk.office}), 403, 'forbidden');
  refused(await desk.moderate(id, body, {who: other.moderator}), 403, 'forbidden');
  refused(await desk.moderate(randomUUID(), body), 404, 'not_found');
});

// --- the queue ---

const filed = {};
let draft;

before(async () => {
  draft = await other.opened({accepts_late: true}, {closes_at: new Date(Date.now() + 3600000).toISOString()});
  filed.pending = await other.pending(draft.id, {text: 'آب‌بهای روستای كلاته ۱۴۰۵'});
  filed.published = await other.filed(draft.id);
  filed.withheld = await other.filed(draft.id);
  filed.rejected = await other.pending(draft.id);
  filed.withdrawn = await other.pending(draft.id);
  done(await other.moderate(filed.withheld.id, withhold));
  done(await other.moderate(filed.rejected.id, reject()));
  done(await other.anyone.POST('/v1/track/withdraw',
    {params: {header: {'Tracking-Code': filed.withdrawn.tracking_code}}}));
  await other.close(draft);
  filed.late = await other.pending(draft.id);
  done(await other.dispose(filed.published.id, {disposition: 'accepted', reason: 'پذیرفته شد'}));
  filed.proposed = await other.filed(draft.id);
  done(await other.dispose(filed.proposed.id, {disposition: 'noted', reason: 'پیشنهاد'}, {who: other.expert}));
});

const QUEUES = [
  [{}, ['pending', 'published', 'withheld', 'rejected', 'withdrawn', 'late', 'proposed']],
  [{state: 'pending'}, ['pending', 'late']],
  [{state: 'published'}, ['published', 'proposed']],
  [{state: 'withheld'}, ['withheld']],
  [{state: 'rejected'}, ['rejected']],
  [{state: 'withdrawn'}, ['withdrawn']],
  [{late: true}, ['late', 'proposed']],
  [{late: false, state: 'pending'}, ['pending']],
  [{disposed: true}, ['published']],
  [{disposed: false, state: 'published'}, ['proposed']],
  [{disposition: 'noted'}, ['proposed']],
  [{q: 'روستاي کلاته 1405'}, ['pending']],
  [{q: 'اب بهای'}, ['pending']],
  [{q: 'نظر', state: 'rejected'}, ['rejected']],
];

for (const [query, names] of QUEUES)
  test(`listComments: ${JSON.stringify(query)} gives, oldest first, ${names.join(', ')}`, async () => {
    const {items} = done(await other.queue(query));
    assert.deepEqual(ids(items), names.map((name) => filed[name].id));
  });

test('listComments: filters by draft, campaign and time of change', async () => {
  const {items} = done(await other.queue({draft_id: draft.id}));
  assert.equal(items.length, 7);
  assert.deepEqual(done(await other.queue({draft_id: randomUUID()})).items, []);
  const {campaign_id: campaign, updated_at: at} = items.at(-1);
  assert.deepEqual(ids(done(await other.queue({campaign_id: campaign})).items), [filed.proposed.id]);
  assert.deepEqual(ids(done(await other.queue({updated_since: at})).items), [filed.proposed.id]);
});

test('listComments: pages through the queue without gap or repetition, and counts it', async () => {
  const pages = await allPages((query) => other.queue(query), 3);
  assert.deepEqual(pages.map((page) => page.length), [3, 3, 1]);
  assert.deepEqual(ids(pages.flat()), QUEUES[0][1].map((name) => filed[name].id));
  const found = await allPages((query) => other.queue({q: 'نظر', ...query}), 2);
  assert.deepEqual(ids(found.flat()), QUEUES[0][1].slice(1).map((name) => filed[name].id));
  assert.equal(done(await other.queue({limit: 1}, other.moderator, {Prefer: 'count=exact'})).total, 7);
  assert.equal(done(await other.queue({q: 'نظر', limit: 1}, other.moderator, {Prefer: 'count=exact'})).total, 6);
});

test('listComments: names every faulty filter', async () => {
  faulty(await desk.queue({state: 'received', draft_id: '1', campaign_id: 'x', late: 'maybe', disposed: 1,
    disposition: 'good', updated_since: '2026-13-01T00:00:00Z', q: 'x'.repeat(201)}),
  'query /state not_allowed', 'query /draft_id wrong_format', 'query /campaign_id wrong_format',
  'query /late wrong_type', 'query /disposed wrong_type', 'query /disposition not_allowed',
  'query /updated_since wrong_format', 'query /q too_long');
});

test('listComments: is for staff of this organisation who read comments', async () => {
  refused(await desk.queue({}, desk.anyone), 401, 'unauthorized');
  refused(await desk.queue({}, desk.client), 403, 'forbidden');
  refused(await desk.queue({}, other.moderator), 403, 'forbidden');
  const {id} = await desk.pending((await desk.opened()).id, {text: newText()});
  assert.ok(!ids(done(await other.queue({limit: 100})).items).includes(id));
});
