// Suggestions come in: structured, with shares that add up to 100 %, anonymous ones without reward, completed by their author,
// made of messages. Their review stands in suggestion_review.test.mjs, what the public sees in suggestion_public.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf, newSuggestion} from '../lib/casework.mjs';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', rate_submit: 100000, rate_track: 100000}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const KIND = 'suggestion';
const ZAHRA = {name: 'زهرا کریمی', mobile: '09131234567', national_id: '0084575948'};
const NARGES = {name: 'نرگس یوسفی', email: 'narges@example.ir'};
const filedBy = (suggester, share, ...others) => ({suggester, ...(share !== undefined && {share}),
  ...(others.length > 0 && {co_suggesters: others})});
const fileOf = async (id) => (await office.shown(KIND, id)).suggestion;

await house.moveClock(new Date('2026-11-21T08:00:00Z'));

test('createSuggestion: what was written is kept in its parts, and the receipt opens it', async () => {
  const receipt = await office.filed(KIND, {benefit: 'صف از میان می‌رود.', cost: 'دو ماه کار', service_code: 'desk-1',
    unit_code: 'service-units', suggester: ZAHRA, show_name: true});
  assert.deepEqual([receipt.reward_possible, receipt.due_on, receipt.due_on_jalali], [true, null, null]);
  assert.match(receipt.number, /^1405-\d{7}$/);
  const kept = await office.shown(KIND, receipt.id);
  const {subject, problem, proposal} = newSuggestion();
  assert.deepEqual([kept.kind, kept.state, kept.subject, kept.text, kept.person, kept.service_code, kept.unit_code],
    ['suggestion', 'submitted', subject, `${problem}\n\n${proposal}`, ZAHRA, 'desk-1', 'service-units']);
  assert.deepEqual(kept.suggestion, {problem, proposal, benefit: 'صف از میان می‌رود.', cost: 'دو ماه کار', show_name: true,
    reward_possible: true, shares: [{...ZAHRA, main: true, share: 100}], review_round: 0, public_at: null, supports: 0,
    experts: [], progress: []});
  assert.deepEqual(kept.allowed_transitions, ['screening']);
});

test('createSuggestion: without a name it is anonymous, and the receipt says that it earns nothing', async () => {
  for (const nobody of [{}, {suggester: {}}]) {
    const receipt = await office.filed(KIND, nobody);
    assert.equal(receipt.reward_possible, false);
    assert.deepEqual([(await office.shown(KIND, receipt.id)).person, (await fileOf(receipt.id)).shares], [null, []]);
    const {suggestion} = await office.tracked(receipt.tracking_code);
    assert.deepEqual([suggestion.reward_possible, suggestion.share, suggestion.co_suggesters], [false, null, 0]);
  }
  for (const more of [{share: 100}, {co_suggesters: [{...NARGES, share: 100}]}, {suggester: {}, share: 50}])
    refused(await office.file(KIND, newSuggestion(more)), 422, 'anonymous_has_no_share');
});

test('createSuggestion: shares add up to exactly 100 percent', async () => {
  const {id} = await office.filed(KIND, filedBy(ZAHRA, 33.34, {...NARGES, share: 33.33}, {name: 'علی رضایی', share: 33.33}));
  const {shares} = await fileOf(id);
  assert.deepEqual(shares.map(({share, main, name}) => [share, main, name]),
    [[33.34, true, 'زهرا کریمی'], [33.33, false, 'نرگس یوسفی'], [33.33, false, 'علی رضایی']]);
  const [row] = await house.query(`SELECT sum((p ->> 'points')::int) AS points FROM case_suggestion,
    jsonb_array_elements(shares) p WHERE case_id = $1`, [id]);
  assert.equal(row.points, '10000');
});

for (const [what, share, other, sum] of [['99.9', 60, 39.9, 99.9], ['100.1', 60, 40.1, 100.1], ['99.99', 50, 49.99, 99.99],
  ['nobody’s', undefined, 40, 40], ['more than whole', 100, 100, 200]])
  test(`createSuggestion: shares of ${what} percent are refused, and the answer says what they add up to`, async () => {
    refused(await office.file(KIND, newSuggestion(filedBy(ZAHRA, share, {...NARGES, share: other}))), 422,
      'shares_not_whole', {sum});
  });

test('createSuggestion: a share is positive, at most 100, and no finer than a hundredth', async () => {
  refused(await office.file(KIND, newSuggestion(filedBy(ZAHRA, 66.667, {...NARGES, share: 33.333}))), 422, 'shares_not_whole');
  faulty(await office.file(KIND, newSuggestion(filedBy(ZAHRA, -50, {...NARGES, share: 150}))),
    'body /share too_small', 'body /co_suggesters/0/share too_large');
  faulty(await office.file(KIND, newSuggestion(filedBy(ZAHRA, 100, {...NARGES, share: 0}))),
    'body /co_suggesters/0/share too_small');
  faulty(await office.file(KIND, newSuggestion(filedBy(ZAHRA, 100, {share: 50}))), 'body /co_suggesters/0/name required');
  refused(await office.file(KIND, newSuggestion(filedBy(ZAHRA, 99))), 422, 'shares_not_whole', {sum: 99});
});

test('createSuggestion: one person is named once, however it is spelt', async () => {
  const twice = async (...people) => refused(await office.file(KIND,
    newSuggestion(filedBy(people[0], 100 - 10 * (people.length - 1), ...people.slice(1).map((p) => ({...p, share: 10}))))),
  422, 'person_twice');
  await twice(ZAHRA, {name: 'ز. کریمی', national_id: ZAHRA.national_id});
  await twice(ZAHRA, {name: 'زهرا ک', mobile: ZAHRA.mobile});
  await twice({name: 'زهرا کریمی'}, {name: 'زهرا كريمي'});
  await twice(ZAHRA, NARGES, {name: 'نرگس‌ يوسفي'});
  const {id} = await office.filed(KIND, filedBy(ZAHRA, 50, {name: ZAHRA.name, mobile: '09121111111', share: 50}));
  assert.equal((await fileOf(id)).shares.length, 2); // two of that name, told apart by their numbers
});

test('createSuggestion: problem and proposal are needed, unknown members are refused', async () => {
  faulty(await office.file(KIND, {subject: 'نوبت'}), 'body /problem required', 'body /proposal required');
  faulty(await office.file(KIND, newSuggestion({text: 'متن', complainant: ZAHRA})), 'body /text unknown_member',
    'body /complainant unknown_member');
});

test('createSuggestion: repeated with its key it is filed once, raced 20 ways too', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const body = newSuggestion(filedBy(ZAHRA, 60, {...NARGES, share: 40}));
  const receipts = await Promise.all(Array.from({length: 20}, () => office.file(KIND, body, {header})));
  const first = done(receipts[0], 201);
  for (const receipt of receipts) assert.deepEqual(done(receipt, 201), first);
  assert.equal(receipts.filter(({response}) => response.headers.get('Idempotent-Replayed')).length, 19);
  refused(await office.file(KIND, newSuggestion(), {header}), 422, 'idempotency_mismatch');
});

test('createSuggestion: by a clerk with channel, date and reference, the same reference being the same suggestion', async () => {
  const body = newSuggestion({channel: 'letter', received_at: '2026-11-18T06:00:00Z', external_ref: '۱۲/ب', suggester: ZAHRA});
  refused(await office.file(KIND, body), 403, 'not_for_public');
  const first = done(await office.file(KIND, body, {who: office.clerk}), 201);
  const again = await office.file(KIND, newSuggestion({...body, subject: 'همان نامه'}), {who: office.clerk});
  assert.deepEqual(done(again, 201), first);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  assert.equal((await office.shown(KIND, first.id)).received_on_jalali, '1405-08-27');
});

test('createSuggestion: where a strategy promises an answer it has a clock of its own (I10)', async () => {
  const policy = `UPDATE case_policy SET working_days = $1
    WHERE case_kind = 'suggestion' AND org_id = (SELECT id FROM organisation WHERE slug = 'semnan')`;
  const promised = (days) => house.query(policy, [days]).then(() => house.query('NOTIFY mosharekat_policy'));
  await promised(15);
  let receipt;
  for (let tries = 0; tries < 50 && !receipt?.due_on; tries++) receipt = await semnan.filed(KIND);
  assert.equal(receipt.due_on, '2026-12-12');
  assert.equal((await semnan.filed('complaint')).due_on, null);
  const kept = await semnan.shown(KIND, receipt.id);
  assert.deepEqual([kept.deadline.working_days, kept.open, kept.overdue], [15, true, false]);
  await promised(null);
});

test('listSuggestions: for staff alone, by state, unit and words', async () => {
  const {id} = await office.filed(KIND, {subject: 'سامانهٔ کتابخانهٔ مجازی', unit_code: 'inspection'});
  const ids = async (query) => done(await office.list(KIND, {limit: 100, ...query})).items.map((item) => item.id);
  assert.deepEqual(await ids({q: 'كتابخانه مجازي'}), [id]);
  assert.ok((await ids({unit: 'inspection', state: 'submitted'})).includes(id));
  assert.deepEqual(await ids({state: 'approved'}), []);
  refused(await office.list(KIND, {}, office.anyone), 401, 'unauthorized');
  refused(await office.list(KIND, {}, office.client), 403, 'forbidden');
  faulty(await office.list(KIND, {state: 'answered'}), 'query /state not_allowed');
});

test('getSuggestion: of this organisation, through this door', async () => {
  const {id} = await office.filed(KIND);
  refused(await office.get('complaint', id), 404, 'not_found');
  refused(await semnan.get(KIND, id), 404, 'not_found');
  refused(await office.get(KIND, id, office.anyone), 401, 'unauthorized');
});

test('changeSuggestion: whoever screens puts the words in order, until experts review them', async () => {
  const {id} = await office.filed(KIND, {cost: 'نمی‌دانم'});
  const words = {problem: 'صف طولانی است.', proposal: 'نوبت اینترنتی', cost: null};
  refused(await office.patch(KIND, id, words, {who: office.clerk}), 403, 'forbidden');
  refused(await office.patch(KIND, id, words, {who: office.member}), 403, 'forbidden');
  const changed = done(await office.patch(KIND, id, words, {who: office.secretary}));
  assert.deepEqual([changed.suggestion.problem, changed.suggestion.proposal, changed.suggestion.cost],
    ['صف طولانی است.', 'نوبت اینترنتی', null]);
  assert.equal(changed.text, `${newSuggestion().problem}\n\n${newSuggestion().proposal}`);
  faulty(await office.patch(KIND, id, {problem: null}, {who: office.secretary}), 'body /problem wrong_type');
  const reviewed = await office.made(KIND, 'expert_review');
  refused(await office.patch(KIND, reviewed.id, words, {who: office.secretary}), 409, 'text_frozen');
  assert.equal(done(await office.patch(KIND, reviewed.id, {service_code: 'desk-2'}, {who: office.secretary})).service_code, 'desk-2');
});

test('replyToSuggestion, noteOnSuggestion: the author reads replies alone', async () => {
  const {id, tracking_code: code} = await office.filed(KIND);
  done(await office.reply(KIND, id, {text: 'سپاس.'}, {who: office.secretary}), 201);
  done(await office.note(KIND, id, {text: 'مشابه پارسال.'}, {who: office.expert}), 201);
  refused(await office.reply(KIND, id, {text: 'نه'}, {who: office.expert}), 403, 'forbidden');
  refused(await office.note(KIND, id, {text: 'نه'}, {who: office.deputy}), 403, 'forbidden');
  assert.deepEqual((await office.tracked(code)).messages.map(({text}) => text), ['سپاس.']);
});

test('track: the author sees state, words and progress, never opinions or the others’ names', async () => {
  const {tracking_code: code} = await office.made(KIND, 'committee', filedBy(ZAHRA, 60, {...NARGES, share: 40}));
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.kind, tracked.state, tracked.may_withdraw, tracked.may_reply], ['suggestion', 'committee', false, true]);
  assert.deepEqual(tracked.suggestion, {problem: newSuggestion().problem, proposal: newSuggestion().proposal, benefit: null,
    cost: null, show_name: false, reward_possible: true, share: 60, co_suggesters: 1, may_complete: false, supports: 0,
    progress: [], reward: null});
  assert.ok(!JSON.stringify(tracked).includes('شدنی'));
  assert.ok(!JSON.stringify(tracked).includes('نرگس'));
  assert.deepEqual(tracked.timeline.map(({kind}) => kind), ['suggestion.submitted', 'suggestion.screening',
    'suggestion.expert_review', 'suggestion.opinion_filed', 'suggestion.committee']);
});

test('completeTracked: what the author gives replaces what was filed, and screening goes on', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'needs_completion', {cost: 'نمی‌دانم'});
  assert.equal((await office.tracked(code)).suggestion.may_complete, true);
  const body = {problem: 'صف در میز خدمت', proposal: 'نوبت با پیامک', text: 'کامل کردم.'};
  faulty(await office.citizen('completion', code, {proposal: 'نوبت'}), 'body /problem required');
  const key = randomUUID();
  const completed = done(await office.citizen('completion', code, body, key));
  assert.deepEqual([completed.state, completed.suggestion.problem, completed.suggestion.proposal, completed.suggestion.cost,
    completed.messages.at(-1).text, completed.suggestion.may_complete],
  ['screening', body.problem, body.proposal, 'نمی‌دانم', 'کامل کردم.', false]);
  const again = await office.citizen('completion', code, body, key);
  assert.deepEqual([done(again), again.response.headers.get('Idempotent-Replayed')], [completed, 'true']);
  refused(await office.citizen('completion', code, body), 409, 'state_conflict', {state: 'screening'});
  assert.equal((await office.shown(KIND, id)).timeline.at(-1).kind, 'suggestion.completed');
  const complaint = await office.filed('complaint');
  refused(await office.citizen('completion', complaint.tracking_code, body), 409, 'state_conflict', {state: 'registered'});
});

test('convertMessage: a message becomes a suggestion that is to be completed', async () => {
  const message = await office.filed('message', {subject: 'یک پیشنهاد', text: 'کاش نوبت اینترنتی بود.', sender: ZAHRA,
    channel: 'phone', received_at: '2026-11-18T06:00:00Z'}, {who: office.clerk});
  const receipt = done(await office.convert(message.id, {to: 'suggestion'}), 201);
  const kept = await office.shown(KIND, receipt.id);
  assert.deepEqual([kept.state, kept.received_at, kept.channel, kept.converted_from, kept.suggestion.problem,
    kept.suggestion.proposal, kept.suggestion.shares],
  ['submitted', '2026-11-18T06:00:00Z', 'phone', message.id, 'کاش نوبت اینترنتی بود.', '', [{...ZAHRA, main: true, share: 100}]]);
  done(await office.move(KIND, receipt.id, {to: 'screening'}));
  refused(await office.move(KIND, receipt.id, office.bodyOf(KIND, 'expert_review')), 409, 'completion_needed');
  done(await office.move(KIND, receipt.id, {to: 'needs_completion', text: 'چه باید کرد؟'}));
  done(await office.citizen('completion', message.tracking_code, {problem: 'صف طولانی', proposal: 'نوبت اینترنتی'}));
  assert.equal(done(await office.move(KIND, receipt.id, office.bodyOf(KIND, 'expert_review'))).state, 'expert_review');
});

test('convertMessage: what was said in confidence never becomes public', async () => {
  const {id: message} = await office.filed('message', {confidential: true, text: 'رازی که نباید گفته شود.'});
  const {id} = done(await office.convert(message, {to: 'suggestion'}), 201);
  done(await office.patch(KIND, id, {proposal: 'رازداری بیشتر'}));
  refused(await office.patch(KIND, id, {proposal: 'دیگر'}, {who: office.secretary}), 403, 'forbidden');
  for (const to of ['screening', 'expert_review']) done(await office.move(KIND, id, office.bodyOf(KIND, to)));
  refused(await office.opine(id), 403, 'forbidden'); // the expert may not read it
  const {key, id: confidant} = await house.key('office,expert');
  const who = clientOf(house.server.url, key);
  done(await office.move(KIND, id, {to: 'expert_review', experts: [{key_id: confidant}]}));
  done(await office.opine(id, undefined, {who}), 201);
  done(await office.move(KIND, id, {to: 'committee'}));
  await house.query("UPDATE casefile SET state = 'approved', answered_at = now() WHERE id = $1", [id]); // as a committee would
  refused(await office.tell(id, 'به زودی'), 403, 'forbidden');
  refused(await office.shownPublicly(id), 404, 'not_found');
  const {items} = done(await office.similar({text: 'رازی که نباید گفته شود'}, office.admin));
  assert.ok(!items.some((item) => item.id === id));
  const other = await office.made(KIND, 'screening');
  refused(await office.duplicate(id, other.id), 403, 'forbidden');
});
