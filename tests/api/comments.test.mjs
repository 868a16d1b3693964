// Comments of the public: filing them, reading the published ones, figures and campaigns. What a retry does is in
// idempotency.test.mjs, the tracking code in tracking.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {CLAUSES, deskOf, later, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const ids = (items) => items.map((item) => item.id);
const rowCount = async () => Number((await house.query('SELECT count(*) FROM comment'))[0].count);
const summaryOf = (id, who = desk.anyone) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/summary', {params: desk.at(id)});
const campaignsOf = (id, who = desk.moderator, query = {}) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/campaigns', {params: {...desk.at(id), query}});

const FULL = {
  text: 'این تعرفه برای خانوارهای کم‌درآمد سنگین است.', clause_id: 'm2', position: 'against', audience: 'stakeholder',
  author_name: 'مریم', contact: {mobile: '۰۹۱۲۳۴۵۶۷۸۹', email: 'maryam@example.ir'},
};

test('createComment: gives a receipt of facts that never change', async () => {
  const {id} = await desk.opened();
  const result = await desk.comment(id, FULL);
  const {id: own, number, tracking_code: code, received_at: at, received_on_jalali: day, ...rest} = done(result, 201);
  assert.match(own, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.match(number, /^14\d\d-\d{7}$/);
  assert.match(code, /^\d{4}(-\d{4}){4}$/);
  assert.match(day, /^14\d\d-\d\d-\d\d$/);
  assert.ok(Math.abs(new Date(at) - await house.now()) < 5000);
  assert.deepEqual(rest, {late: false});
  assert.equal(result.response.headers.get('Cache-Control'), 'no-store');

  const kept = done(await desk.getComment(own));
  assert.deepEqual({...FULL, contact: {...FULL.contact}}, Object.fromEntries(
    Object.keys(FULL).map((name) => [name, kept[name]])));
  assert.deepEqual([kept.state, kept.draft_id, kept.draft_version, kept.filed_by, kept.late],
    ['pending', id, 1, null, false]);
});

test('createComment: a text alone is enough', async () => {
  const {id} = await desk.opened();
  const {id: own} = done(await desk.comment(id, {text: 'خوب'}), 201);
  const {clause_id: clause, position, audience, author_name: name, contact} = done(await desk.getComment(own));
  assert.deepEqual([clause, position, audience, name, contact], [null, null, null, null, null]);
});

test('createComment: tells every fault at once and keeps nothing', async () => {
  const {id} = await desk.opened();
  const before = await rowCount();
  faulty(await desk.comment(id, {}), 'body /text required');
  faulty(await desk.comment(id, {text: 'به', clause_id: '', position: 'maybe', audience: 'all', author_name: '',
    contact: {mobile: '021', email: 'x@y', fax: '1'}, rating: 5}),
  'body /text too_short', 'body /clause_id too_short', 'body /clause_id wrong_pattern', 'body /position not_allowed',
  'body /audience not_allowed', 'body /author_name too_short', 'body /contact/mobile wrong_format',
  'body /contact/email wrong_format', 'body /contact/fax unknown_member', 'body /rating unknown_member');
  faulty(await desk.comment(id, {text: 'ن'.repeat(10001), author_name: 'علی\u0007', contact: null}),
    'body /text too_long', 'body /author_name control_character', 'body /contact wrong_type');
  faulty(await desk.comment(id, ['text']), 'body  wrong_type');
  refused(await desk.comment(id, {text: newText(), clause_id: 'm9'}), 422, 'unknown_clause');
  assert.equal(await rowCount(), before);
});

test('createComment: text is kept as typed, in NFC, lines included', async () => {
  const {id} = await desk.opened();
  const {id: own} = await desk.filed(id, {text: 'سطر یکم\nسطر دوم\tبا «ي» و «ك» و نیم‌فاصله؛ A\u030A'});
  const {items: [item]} = done(await desk.published(id));
  assert.deepEqual([item.id, item.text], [own, 'سطر یکم\nسطر دوم\tبا «ي» و «ك» و نیم‌فاصله؛ \u00C5']);
});

test('createComment: no comment before, after or outside a window', async () => {
  const scheduled = await desk.opened({}, {opens_at: later(await house.now(), 2)});
  refused(await desk.comment(scheduled.id, {text: newText()}), 409, 'window_not_open',
    {opens_at: scheduled.opens_at});
  const withdrawn = await desk.opened();
  done(await desk.move(withdrawn.id, {to: 'withdrawn', reason: 'بازنویسی'}));
  refused(await desk.comment(withdrawn.id, {text: newText()}), 409, 'state_conflict', {state: 'withdrawn'});
  const closed = await desk.close(await desk.opened());
  refused(await desk.comment(closed.id, {text: newText()}), 409, 'window_closed', {closes_at: closed.closes_at});
  const approved = await desk.approved({accepts_late: true});
  refused(await desk.comment(approved.id, {text: newText()}), 409, 'window_closed', {closes_at: approved.closes_at});
  const exempted = await desk.begun();
  done(await desk.move(exempted.id, {to: 'exempted', reason_code: 'classified', reason: 'محرمانه'}));
  refused(await desk.comment(exempted.id, {text: newText()}), 404, 'not_found');
  refused(await desk.comment(randomUUID(), {text: newText()}), 404, 'not_found');
});

test('createComment: late ones are taken, and flagged, where the draft takes them', async () => {
  const draft = await desk.opened({accepts_late: true});
  assert.equal((await desk.filed(draft.id)).late, false);
  await desk.close(draft);
  const closed = await desk.filed(draft.id);
  done(await desk.move(draft.id, {to: 'reviewing'}));
  const reviewing = await desk.filed(draft.id);
  assert.deepEqual([closed.late, reviewing.late], [true, true]);
  const {items} = done(await desk.published(draft.id));
  assert.deepEqual(items.map((item) => item.late), [true, true, false]);
  assert.deepEqual(ids(done(await desk.queue({late: true, draft_id: draft.id})).items), [closed.id, reviewing.id]);
});

test('createComment: a trusted key is published at once; with other keys it waits like any other', async () => {
  const {id} = await desk.opened();
  const trusted = await desk.filed(id);
  const waiting = await desk.pending(id);
  assert.equal(done(await desk.getComment(trusted.id)).state, 'published');
  assert.match(done(await desk.getComment(trusted.id)).filed_by, /^[0-9a-f-]{36}$/);
  assert.equal(done(await desk.getComment(waiting.id)).state, 'pending');
  for (const who of [desk.moderator, await house.client('client', 'semnan')]) {
    const {id: filed} = done(await desk.comment(id, {text: newText()}, {who}), 201);
    assert.equal(done(await desk.getComment(filed)).state, 'pending');
  }
  const unknown = await desk.anyone.POST('/v1/orgs/{org}/drafts/{id}/comments',
    {params: desk.at(id), body: {text: newText()}, headers: {Authorization: 'Bearer wrong'}});
  refused(unknown, 401, 'unauthorized');
});

test('createComment: what an author gives in confidence appears in no public answer', async () => {
  const draft = await desk.opened();
  const receipt = done(await desk.comment(draft.id, FULL, {who: desk.client}), 201);
  const url = `${house.server.url}/v1/orgs/isfahan/drafts/${draft.id}`;
  for (const path of ['', '/comments', '/outcome', '/events', '/summary']) {
    const text = await (await fetch(url + path)).text();
    assert.doesNotMatch(text, /maryam@|۰۹۱۲|0912|contact|filed_by/, path);
    assert.ok(!text.includes(receipt.tracking_code), path);
  }
  const tracked = await fetch(`${house.server.url}/v1/track`, {headers: {'Tracking-Code': receipt.tracking_code}});
  assert.doesNotMatch(await tracked.text(), /maryam@|۰۹۱۲|0912/);
  assert.ok(!house.server.stderr.includes(receipt.tracking_code) && !/maryam@/.test(house.server.stderr));
});

test('listDraftComments: shows what is published, newest first, at once', async () => {
  const {id} = await desk.opened();
  assert.deepEqual(done(await desk.published(id)), {items: [], next: null});
  const first = await desk.filed(id, {clause_id: 'm1', position: 'for', author_name: 'رضا'});
  const waiting = await desk.pending(id, {clause_id: 'm1'});
  const second = await desk.filed(id, {clause_id: 'm2', position: 'against', audience: 'specialist'});
  assert.deepEqual(ids(done(await desk.published(id)).items), [second.id, first.id]);
  done(await desk.moderate(waiting.id, {to: 'published'}));
  const {items} = done(await desk.published(id));
  assert.deepEqual(ids(items), [second.id, waiting.id, first.id]);
  const {text, campaign_id: campaign, ...rest} = items[2];
  assert.deepEqual(rest, {
    id: first.id, number: first.number, draft_version: 1, clause_id: 'm1', position: 'for', audience: null,
    author_name: 'رضا', is_redacted: false, late: false, received_at: first.received_at,
    received_on_jalali: first.received_on_jalali, disposition: null, disposition_reason: null,
  });
});

test('listDraftComments: filters by clause and position, pages and counts', async () => {
  const {id} = await desk.opened();
  const filed = [];
  for (let i = 0; i < 12; i++)
    filed.unshift(await desk.filed(id, {clause_id: CLAUSES[i % 2].id, position: ['for', 'against', 'neutral'][i % 3]}));
  const pages = await allPages((query) => desk.published(id, query), 5);
  assert.deepEqual(pages.map((page) => page.length), [5, 5, 2]);
  assert.deepEqual(ids(pages.flat()), ids(filed));
  const chosen = done(await desk.published(id, {clause_id: 'm1', position: 'for'}));
  assert.deepEqual(ids(chosen.items), [filed[5].id, filed[11].id]);
  assert.deepEqual(done(await desk.published(id, {clause_id: 'm7'})).items, []);
  const counted = await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/comments',
    {params: {...desk.at(id), query: {limit: 1, position: 'for'}, header: {Prefer: 'count=exact'}}});
  assert.equal(done(counted).total, 4);
  faulty(await desk.published(id, {position: 'x', state: 'pending'}), 'query /position not_allowed',
    'query /state unknown_parameter');
  refused(await desk.published(randomUUID()), 404, 'not_found');
});

test('getDraftSummary: counts all that came, and of the published ones who said what', async () => {
  const draft = await desk.opened({accepts_late: true});
  assert.deepEqual(done(await summaryOf(draft.id)),
    {draft_id: draft.id, received: 0, states: {}, positions: {}, audiences: {}, dispositions: {}, late: 0});
  await desk.filed(draft.id, {position: 'for', audience: 'citizen'});
  await desk.filed(draft.id, {position: 'against', audience: 'citizen'});
  await desk.filed(draft.id);
  await desk.pending(draft.id, {position: 'for'});
  await desk.close(draft);
  const {id: disposed} = await desk.filed(draft.id, {position: 'for'});
  done(await desk.dispose(disposed, {disposition: 'noted', reason: 'یادداشت شد'}));
  const waiting = await desk.filed(draft.id);
  done(await desk.dispose(waiting.id, {disposition: 'accepted', reason: 'هنوز تأیید نشده'}, {who: desk.expert}));
  assert.deepEqual(done(await summaryOf(draft.id)), {draft_id: draft.id, received: 6, states: {published: 5, pending: 1},
    positions: {for: 2, against: 1}, audiences: {citizen: 2}, dispositions: {noted: 1}, late: 2});
  refused(await summaryOf(randomUUID()), 404, 'not_found');
  assert.equal(done(await summaryOf(draft.id, await house.client('head', 'semnan'))).received, 6);
});

test('listCampaigns: near-identical texts are grouped, counted, and all kept', async () => {
  const {id} = await desk.opened();
  const variants = ['آب‌بها را گران نکنید!', 'آب بها را گران نكنيد', '«آب‌بها را گران نکنید...»', 'آب‌بهــا را گران نکنید؟'];
  const group = [];
  for (const text of variants) group.push(await desk.filed(id, {text}));
  const other = await desk.filed(id, {text: 'آب‌بها را ارزان نکنید!'});
  const {items} = done(await desk.published(id));
  const campaignOf = new Map(items.map((item) => [item.id, item.campaign_id]));
  assert.equal(new Set(group.map((one) => campaignOf.get(one.id))).size, 1);
  assert.notEqual(campaignOf.get(other.id), campaignOf.get(group[0].id));
  assert.deepEqual(items.map((item) => item.text).sort(), [...variants, 'آب‌بها را ارزان نکنید!'].sort());

  assert.deepEqual(done(await campaignsOf(id)).items, [{campaign_id: campaignOf.get(group[0].id), comments: 4,
    without_disposition: 4, first_received_at: group[0].received_at, first_received_on_jalali: group[0].received_on_jalali,
    sample: variants[0]}]);
  const elsewhere = await desk.opened();
  await desk.filed(elsewhere.id, {text: variants[0]});
  assert.notEqual(done(await desk.published(elsewhere.id)).items[0].campaign_id, campaignOf.get(group[0].id));
  assert.deepEqual(done(await campaignsOf(elsewhere.id)).items, []);
});

test('listCampaigns: pages from the largest group to the smallest without gap', async () => {
  const {id} = await desk.opened();
  const words = ['آب', 'برق', 'گاز', 'راه', 'نان', 'خاک', 'باد'];
  for (const [n, word] of words.entries())
    for (let i = 0; i < 3 + (n % 3); i++) await desk.filed(id, {text: `${word} را گران نکنید${'!'.repeat(i)}`});
  const {items: all, next} = done(await campaignsOf(id));
  assert.deepEqual([all.map(({comments}) => comments), next], [[5, 5, 4, 4, 3, 3, 3], null]);
  for (const limit of [1, 2, 3, 7])
    assert.deepEqual((await allPages((page) => campaignsOf(id, desk.moderator, page), limit)).flat(), all);
  refused(await campaignsOf(id, desk.moderator, {cursor: 'x'}), 400, 'invalid_cursor');
});

test('listCampaigns: is for staff who read comments', async () => {
  const {id} = await desk.opened();
  refused(await campaignsOf(id, desk.anyone), 401, 'unauthorized');
  refused(await campaignsOf(id, desk.office), 403, 'forbidden');
  refused(await campaignsOf(randomUUID()), 404, 'not_found');
});
