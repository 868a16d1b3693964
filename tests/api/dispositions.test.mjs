// What is done with comments: an expert proposes, a head confirms, and nothing is approved before all have an answer.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const ACCEPTED = {disposition: 'accepted', reason: 'پلکان نخست تعرفه کاهش یافت.'};
const NOTED = {disposition: 'noted', reason: 'در بازنگری سال آینده بررسی می‌شود.'};
const KINDS = ['accepted', 'partly', 'not_accepted', 'noted', 'out_of_scope'];

const outcomeOf = (id, query = {}, who = desk.anyone, headers = {}) =>
  who.GET('/v1/orgs/{org}/drafts/{id}/outcome', {params: {...desk.at(id), query}, headers});
const disposeAll = (id, campaign, body, who = desk.head) =>
  who.PUT('/v1/orgs/{org}/drafts/{id}/campaigns/{campaign}/disposition', {params: desk.at(id, {campaign}), body});
const dispositionsOf = ({items}) => items.map((item) => [item.id, item.disposition]);

// A closed draft with published comments of these texts.
async function closedWith(...texts) {
  const draft = await desk.opened();
  const comments = [];
  for (const text of texts) comments.push(await desk.filed(draft.id, text ? {text} : {}));
  return {draft: await desk.close(draft), comments};
}

test('disposeOfComment: not before the window has closed', async () => {
  const draft = await desk.opened();
  const {id} = await desk.filed(draft.id);
  refused(await desk.dispose(id, ACCEPTED), 409, 'disposition_too_early', {closes_at: draft.closes_at});
  await desk.close(draft);
  done(await desk.dispose(id, ACCEPTED));
});

test('disposeOfComment: an expert proposes for staff, a head confirms for all', async () => {
  const {draft, comments: [{id}]} = await closedWith('');
  const proposed = done(await desk.dispose(id, ACCEPTED, {who: desk.expert}));
  assert.deepEqual([proposed.disposition, proposed.disposition_reason, proposed.confirmed_at],
    ['accepted', ACCEPTED.reason, null]);
  assert.ok(proposed.disposed_at);
  assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id))), [[id, null]]);

  const confirmed = await desk.dispose(id, ACCEPTED, {header: {'If-Match': '"2"'}});
  assert.ok(done(confirmed).confirmed_at);
  assert.equal(etagOf(confirmed), '"3"');
  const {items: [item]} = done(await outcomeOf(draft.id));
  assert.deepEqual([item.disposition, item.disposition_reason], ['accepted', ACCEPTED.reason]);
  assert.equal(done(await desk.published(draft.id)).items[0].disposition, 'accepted');
});

for (const disposition of KINDS)
  test(`disposeOfComment: takes ${disposition}, and the outcome is filtered by it`, async () => {
    const {draft, comments: [one, two]} = await closedWith('', '');
    done(await desk.dispose(one.id, {disposition, reason: 'توضیح برای همه'}));
    assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id, {disposition}))), [[one.id, disposition]]);
    assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id))), [[one.id, disposition], [two.id, null]]);
  });

test('disposeOfComment: only of a published comment', async () => {
  const draft = await desk.opened();
  const {id} = await desk.pending(draft.id);
  await desk.close(draft);
  refused(await desk.dispose(id, ACCEPTED), 409, 'state_conflict', {state: 'pending'});
  refused(await desk.dispose(randomUUID(), ACCEPTED), 404, 'not_found');
});

test('disposeOfComment: tells every fault at once', async () => {
  const {comments: [{id}]} = await closedWith('');
  faulty(await desk.dispose(id, {}), 'body /disposition required', 'body /reason required');
  faulty(await desk.dispose(id, {disposition: 'fine', reason: 'x', by: 'me'}), 'body /disposition not_allowed',
    'body /reason too_short', 'body /by unknown_member');
});

test('disposeOfComment: needs the entity tag, and a key that may', async () => {
  const {comments: [{id}]} = await closedWith('');
  refused(await desk.dispose(id, ACCEPTED, {header: {}}), 428, 'precondition_required');
  refused(await desk.dispose(id, ACCEPTED, {header: {'If-Match': '"8"'}}), 412, 'precondition_failed');
  refused(await desk.dispose(id, ACCEPTED, {who: desk.anyone}), 401, 'unauthorized');
  refused(await desk.dispose(id, ACCEPTED, {who: desk.moderator}), 403, 'forbidden');
  refused(await desk.dispose(id, ACCEPTED, {who: await house.client('head', 'semnan')}), 403, 'forbidden');
});

test('disposeOfComment: a new proposal takes the confirmation back', async () => {
  const {draft, comments: [{id}]} = await closedWith('');
  done(await desk.dispose(id, ACCEPTED));
  done(await desk.dispose(id, NOTED, {who: desk.expert}));
  assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id))), [[id, null]]);
});

test('disposeOfCampaign: one answer for all that say the same, but for those answered already', async () => {
  const same = 'آب‌بها را گران نکنید';
  const {draft, comments} = await closedWith(same, `${same}!`, '', `«${same}»`);
  const {campaign_id: campaign} = done(await desk.getComment(comments[0].id));
  done(await desk.dispose(comments[1].id, NOTED));
  assert.deepEqual(done(await disposeAll(draft.id, campaign, ACCEPTED, desk.expert)),
    {campaign_id: campaign, comments: 2});
  assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id))).map(([, kind]) => kind), [null, 'noted', null, null]);
  assert.deepEqual(done(await disposeAll(draft.id, campaign, ACCEPTED)), {campaign_id: campaign, comments: 2});
  assert.deepEqual(dispositionsOf(done(await outcomeOf(draft.id))).map(([, kind]) => kind),
    ['accepted', 'noted', null, 'accepted']);
  assert.equal(done(await disposeAll(draft.id, campaign, NOTED)).comments, 0);
  const {items: [group]} = done(await desk.moderator.GET('/v1/orgs/{org}/drafts/{id}/campaigns',
    {params: desk.at(draft.id)}));
  assert.deepEqual([group.comments, group.without_disposition], [3, 0]);
  for (const i of [0, 3])
    assert.equal(done(await desk.track(comments[i].tracking_code)).timeline.at(-1).kind, 'comment.disposed');
});

test('disposeOfCampaign: is refused like a single one', async () => {
  const draft = await desk.opened();
  const {id} = await desk.filed(draft.id);
  const {campaign_id: campaign} = done(await desk.getComment(id));
  refused(await disposeAll(draft.id, campaign, ACCEPTED), 409, 'disposition_too_early', {closes_at: draft.closes_at});
  await desk.close(draft);
  refused(await disposeAll(draft.id, randomUUID(), ACCEPTED), 404, 'not_found');
  refused(await disposeAll(randomUUID(), campaign, ACCEPTED), 404, 'not_found');
  refused(await disposeAll(draft.id, 'x', ACCEPTED), 404, 'not_found');
  refused(await disposeAll(draft.id, campaign, ACCEPTED, desk.anyone), 401, 'unauthorized');
  refused(await disposeAll(draft.id, campaign, ACCEPTED, desk.moderator), 403, 'forbidden');
  faulty(await disposeAll(draft.id, campaign, {disposition: 'noted'}), 'body /reason required');
});

test('listDraftOutcome: lists the published comments oldest first, in pages, and counts them', async () => {
  const {draft, comments} = await closedWith('', '', '', '', '');
  await desk.moderate(comments[2].id, {to: 'rejected', reason_code: 'off_topic', reason: 'بی‌ربط'});
  const left = comments.filter((_, i) => i !== 2).map(({id}) => id);
  const pages = await allPages((query) => outcomeOf(draft.id, query), 2);
  assert.deepEqual(pages.map((page) => page.length), [2, 2]);
  assert.deepEqual(pages.flat().map(({id}) => id), left);
  assert.equal(done(await outcomeOf(draft.id, {limit: 1}, desk.anyone, {Prefer: 'count=exact'})).total, 4);
  faulty(await outcomeOf(draft.id, {disposition: 'x'}), 'query /disposition not_allowed');
  refused(await outcomeOf(randomUUID()), 404, 'not_found');
  assert.deepEqual(done(await outcomeOf(draft.id, {}, await house.client('head', 'semnan'))), done(await outcomeOf(draft.id)));
});

test('transitionDraft: approval waits until every published comment has a confirmed answer', async () => {
  const {draft, comments} = await closedWith('', '', '');
  const approve = () => desk.move(draft.id, {to: 'approved'}, {who: desk.approver});
  done(await desk.move(draft.id, {to: 'reviewing'}));
  refused(await approve(), 409, 'comments_without_disposition', {comments: 3});
  done(await desk.dispose(comments[0].id, ACCEPTED));
  done(await desk.dispose(comments[1].id, ACCEPTED, {who: desk.expert}));
  refused(await approve(), 409, 'comments_without_disposition', {comments: 2});
  done(await desk.dispose(comments[1].id, ACCEPTED));
  done(await desk.moderate(comments[2].id, {to: 'rejected', reason_code: 'unlawful', reason: 'خلاف قانون'}));
  const approved = done(await approve());
  assert.equal(approved.state, 'approved');
  assert.equal(approved.approved_at, approved.updated_at);
});

test('transitionDraft: a comment that waits for moderation does not hold approval up', async () => {
  const draft = await desk.opened();
  await desk.pending(draft.id);
  await desk.close(draft);
  done(await desk.move(draft.id, {to: 'reviewing'}));
  done(await desk.move(draft.id, {to: 'approved'}, {who: desk.approver}));
});

test('transitionDraft: by-laws are promulgated and tariffs sent, and not the other way round', async () => {
  const directive = await desk.approved();
  const tariff = await desk.approved({kind: 'tariff'});
  const send = {to: 'sent', authority: 'وزارت نیرو', letter_number: '۱۲/۳۴'};
  const promulgate = {to: 'promulgated', number: '۵۶۷', date: '2027-01-10'};
  const office = {who: desk.office};
  refused(await desk.move(directive.id, send, office), 409, 'ends_otherwise', {kind: 'directive', ends: 'promulgated'});
  refused(await desk.move(tariff.id, promulgate, office), 409, 'ends_otherwise', {kind: 'tariff', ends: 'sent'});
  const issued = done(await desk.move(directive.id, promulgate, office));
  assert.deepEqual([issued.state, issued.promulgation, issued.sent],
    ['promulgated', {number: '۵۶۷', date: '2027-01-10'}, null]);
  const sent = done(await desk.move(tariff.id, send, office));
  assert.deepEqual([sent.state, sent.sent, sent.promulgation],
    ['sent', {authority: 'وزارت نیرو', letter_number: '۱۲/۳۴'}, null]);
  assert.equal(sent.issued_at, sent.updated_at);
  assert.match(sent.issued_on_jalali, /^14\d\d-\d\d-\d\d$/);
});

test('transitionDraft: an exemption is listed in public with its reason, and without its text', async () => {
  const {id} = await desk.begun();
  faulty(await desk.move(id, {to: 'exempted'}), 'body /reason_code required', 'body /reason required');
  done(await desk.move(id, {to: 'exempted', reason_code: 'classified', reason: 'امنیتی است.'}));
  const shown = done(await desk.get(id));
  assert.deepEqual([shown.state, shown.exemption, shown.clauses, shown.shown_version],
    ['exempted', {code: 'classified', reason: 'امنیتی است.'}, null, null]);
  const {items} = done(await desk.list({state: 'exempted'}));
  assert.deepEqual(items.map((item) => item.id), [id]);
  done(await desk.move(id, {to: 'approved'}, {who: desk.approver}));
  assert.deepEqual(done(await desk.get(id)).clauses, null);
});
