// Suggestions are reviewed: experts and their conflicts of interest, duplicates, the committee's decision, one appeal, and what
// is done. The states and who may are tried in case_transitions.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, newSuggestion} from '../lib/casework.mjs';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', rate_submit: 100000, rate_track: 100000}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const KIND = 'suggestion';
const ZAHRA = {name: 'زهرا کریمی', mobile: '09131234567'};
const review = (...experts) => ({to: 'expert_review', ...(experts.length > 0 && {experts})});
const reviewer = () => ({key_id: office.reviewerId});
const fileOf = async (id) => (await office.shown(KIND, id)).suggestion;
const replayed = ({response}) => response.headers.get('Idempotent-Replayed');

async function anotherExpert(roles = 'expert', org = 'isfahan') {
  const {key, id} = await house.key(roles, {org});
  return {who: clientOf(house.server.url, key), key_id: id};
}

await house.moveClock(new Date('2026-11-21T08:00:00Z'));

// --- experts ---

test('transitionSuggestion: a review needs at least one expert, each of whom may give opinions, once', async () => {
  const {id} = await office.made(KIND, 'screening');
  const move = (...experts) => office.move(KIND, id, review(...experts), {who: office.secretary});
  refused(await move(), 422, 'experts_needed');
  faulty(await office.move(KIND, id, {to: 'expert_review', experts: []}), 'body /experts too_few_items');
  refused(await move({key_id: randomUUID()}), 422, 'unknown_expert');
  refused(await move(reviewer(), {key_id: (await anotherExpert('clerk')).key_id}), 422, 'unknown_expert');
  refused(await move({key_id: (await anotherExpert('expert', 'semnan')).key_id}), 422, 'unknown_expert');
  refused(await move({...reviewer(), unit_code: 'nowhere'}), 422, 'unknown_unit');
  refused(await move(reviewer(), reviewer()), 422, 'expert_twice');
  const revoked = await anotherExpert();
  await house.query('UPDATE api_key SET revoked_at = now() WHERE id = $1', [revoked.key_id]);
  refused(await move({key_id: revoked.key_id}), 422, 'unknown_expert');
  const moved = done(await move({...reviewer(), name: 'مریم احمدی', unit_code: 'inspection'}));
  assert.deepEqual([moved.state, moved.suggestion.review_round], ['expert_review', 1]);
  assert.deepEqual(moved.suggestion.experts.map(({key_id, name, unit_code, opinion, recused_at}) =>
    ({key_id, name, unit_code, opinion, recused_at})),
  [{key_id: office.reviewerId, name: 'مریم احمدی', unit_code: 'inspection', opinion: null, recused_at: null}]);
});

test('transitionSuggestion: nobody reviews what they registered or suggested', async () => {
  const head = await anotherExpert('head,clerk');
  const {id} = await office.filed(KIND, {suggester: ZAHRA, share: 50, co_suggesters: [{name: 'علی رضایی', share: 50}]},
    {who: head.who});
  done(await office.move(KIND, id, {to: 'screening'}));
  for (const expert of [{key_id: head.key_id}, {...reviewer(), name: 'زهرا كريمی'}, {...reviewer(), name: 'علی رضایی'}])
    refused(await office.move(KIND, id, review(reviewer(), expert).experts.length === 2 && expert.key_id === office.reviewerId
      ? review(expert) : review(reviewer(), expert)), 422, 'expert_conflict');
  assert.equal(done(await office.move(KIND, id, review(reviewer()))).state, 'expert_review');
});

test('fileOpinion: by an expert who was asked, once, declaring no conflict of interest', async () => {
  const {id} = await office.filed(KIND);
  const opinion = {text: 'شدنی است و هزینهٔ کمی دارد.', recommendation: 'approve', no_conflict: true};
  refused(await office.opine(id), 409, 'state_conflict', {state: 'submitted'});
  done(await office.move(KIND, id, {to: 'screening'}));
  done(await office.move(KIND, id, review(reviewer())));
  refused(await office.move(KIND, id, {to: 'committee'}, {who: office.expert}), 409, 'opinion_needed');
  refused(await office.opine(id, opinion, {who: office.expert}), 403, 'not_an_expert');
  refused(await office.opine(id, opinion, {who: office.secretary}), 403, 'forbidden');
  faulty(await office.opine(id, {...opinion, no_conflict: false}), 'body /no_conflict not_allowed');
  faulty(await office.opine(id, {text: 'نه', recommendation: 'maybe'}), 'body /text too_short', 'body /recommendation not_allowed',
    'body /no_conflict required');
  const header = {'Idempotency-Key': randomUUID()};
  const raced = await Promise.all(Array.from({length: 10}, () => office.opine(id, opinion, {header})));
  const first = done(raced.find((result) => !replayed(result)), 201);
  assert.deepEqual([first.recommendation, first.opinion, first.review_round, first.key_id],
    ['approve', opinion.text, 1, office.reviewerId]);
  for (const again of raced) assert.deepEqual(done(again, 201), first);
  assert.equal(raced.filter((result) => replayed(result)).length, 9);
  refused(await office.opine(id, {...opinion, text: 'دیگر'}, {header}), 422, 'idempotency_mismatch');
  refused(await office.opine(id, opinion), 409, 'opinion_given');
  refused(await office.recuse(id), 409, 'opinion_given');
  assert.equal((await fileOf(id)).experts[0].opinion, opinion.text);
  assert.equal(done(await office.move(KIND, id, {to: 'committee'}, {who: office.expert})).state, 'committee');
});

test('recuseExpert: who has an interest steps back, and another expert is asked', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'screening');
  done(await office.move(KIND, id, review(reviewer())));
  const header = {'Idempotency-Key': randomUUID()};
  const recused = done(await office.recuse(id, {header}), 201);
  assert.deepEqual([recused.recusal, recused.filed_at], ['از بستگان من است.', null]);
  assert.deepEqual(done(await office.recuse(id, {header}), 201), recused);
  refused(await office.recuse(id), 409, 'expert_recused');
  refused(await office.opine(id), 409, 'expert_recused');
  refused(await office.move(KIND, id, {to: 'committee'}), 409, 'opinion_needed');
  const other = await anotherExpert();
  refused(await office.move(KIND, id, review(), {who: office.secretary}), 422, 'experts_needed');
  const asked = done(await office.move(KIND, id, review({key_id: other.key_id}), {who: office.secretary}));
  assert.deepEqual([asked.suggestion.review_round, asked.suggestion.experts.map(({key_id}) => key_id).sort()],
    [1, [office.reviewerId, other.key_id].sort()]);
  done(await office.opine(id, undefined, {who: other.who}), 201);
  done(await office.move(KIND, id, {to: 'committee'}));
  assert.ok(!(await office.tracked(code)).timeline.some(({kind}) => kind.includes('recused')));
});

test('transitionSuggestion: from the committee back to experts begins another review of those who had no conflict', async () => {
  const {id} = await office.made(KIND, 'screening');
  const other = await anotherExpert();
  done(await office.move(KIND, id, review(reviewer(), {key_id: other.key_id})));
  done(await office.recuse(id, {who: other.who}), 201);
  done(await office.opine(id), 201);
  done(await office.move(KIND, id, {to: 'committee'}));
  await office.judged(id);
  const back = done(await office.move(KIND, id, review(), {who: office.chair}));
  assert.deepEqual(back.suggestion.experts.map(({review_round, key_id, filed_at}) => [review_round, key_id, filed_at !== null]),
    [[1, office.reviewerId, true], [1, other.key_id, false], [2, office.reviewerId, false]].sort(
      (a, b) => a[0] - b[0] || back.suggestion.experts.findIndex((e) => e.key_id === a[1]) -
        back.suggestion.experts.findIndex((e) => e.key_id === b[1])));
  refused(await office.move(KIND, id, {to: 'committee'}), 409, 'opinion_needed');
  done(await office.opine(id), 201);
  assert.equal(done(await office.move(KIND, id, {to: 'committee'})).state, 'committee');
});

// --- decisions ---

test('transitionSuggestion: what the committee may not decide yet, it may not', async () => {
  const {id} = await office.made(KIND, 'committee');
  const {body} = await house.query(`SELECT pg_get_functiondef('suggestion_decision_fault'::regproc) AS body`).then(([row]) => row);
  await house.query(`CREATE OR REPLACE FUNCTION suggestion_decision_fault(suggestion uuid, target text, now timestamptz)
    RETURNS text LANGUAGE sql STABLE AS $$ SELECT CASE WHEN target = 'approved' THEN 'busy' END $$`);
  try {
    refused(await office.move(KIND, id, BODIES[KIND].approved, {who: office.chair}), 503, 'busy');
    assert.equal((await office.shown(KIND, id)).state, 'committee');
    assert.equal(done(await office.move(KIND, id, BODIES[KIND].rejected, {who: office.chair})).state, 'rejected');
  } finally {
    await house.query(body);
  }
});

test('transitionSuggestion: the decision carries its text to the author, and counts as the answer', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'approved');
  const {text} = BODIES[KIND].approved;
  const kept = await office.shown(KIND, id);
  assert.deepEqual([kept.answer, kept.open, kept.answered_days, kept.closed_at, kept.outcome], [text, false, 0, null, null]);
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.state, tracked.answer, tracked.may_reopen, tracked.may_rate], ['approved', text, false, true]);
  assert.equal(done(await office.citizen('rating', code, {rating: 5})).rating, 5);
});

test('reopenTracked: a rejection is appealed once, in time, and the appeal goes back to the committee', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'rejected', {unit_code: 'service-units'});
  const rejected = await office.tracked(code);
  assert.deepEqual([rejected.may_reopen, rejected.reason], [true, BODIES[KIND].rejected.reason]);
  const appealed = done(await office.citizen('reopen', code, {text: 'هزینه درست برآورد نشد.'}));
  assert.deepEqual([appealed.state, appealed.round, appealed.answer, appealed.unit.code, appealed.may_reopen],
    ['appealed', 2, null, 'service-units', false]);
  done(await office.move(KIND, id, {to: 'committee'}, {who: office.secretary}));
  await office.judged(id);
  done(await office.move(KIND, id, BODIES[KIND].rejected, {who: office.chair}));
  const again = await office.tracked(code);
  assert.deepEqual([again.state, again.may_reopen, again.reopen_until], ['rejected', false, null]);
  refused(await office.citizen('reopen', code, {text: 'باز هم'}), 409, 'state_conflict', {state: 'rejected'});
  const late = await office.made(KIND, 'rejected');
  await house.moveClock('31 days');
  refused(await office.citizen('reopen', late.tracking_code, {text: 'دیر'}), 409, 'reopen_too_late');
  assert.equal((await office.tracked(late.tracking_code)).may_reopen, false);
});

test('withdrawTracked: until the committee has it', async () => {
  for (const state of ['submitted', 'screening', 'needs_completion', 'expert_review']) {
    const {tracking_code: code} = await office.made(KIND, state);
    assert.equal(done(await office.citizen('withdraw', code)).state, 'withdrawn');
  }
  const {tracking_code: code} = await office.made(KIND, 'committee');
  refused(await office.citizen('withdraw', code), 409, 'state_conflict', {state: 'committee'});
});

// --- duplicates ---

test('markSuggestionDuplicate: the author supports the original and follows it with their own code', async () => {
  const original = await office.made(KIND, 'approved');
  const {id, tracking_code: code} = await office.made(KIND, 'screening', {problem: 'صف میز خدمت طولانی است.'});
  refused(await office.duplicate(id, original.id, {who: office.expert}), 403, 'forbidden');
  refused(await office.duplicate(id, id), 409, 'no_original');
  refused(await office.duplicate(id, randomUUID()), 409, 'no_original');
  refused(await office.duplicate(id, (await semnan.filed(KIND)).id), 409, 'no_original');
  refused(await office.duplicate(id, (await office.filed('complaint')).id), 409, 'no_original');
  refused(await office.duplicate(id, original.id, {header: {'If-Match': '"1"'}}), 412, 'precondition_failed');
  refused(await office.duplicate(original.id, id), 409, 'state_conflict', {state: 'approved'});
  const header = {'If-Match': await office.tagOf(KIND, id), 'Idempotency-Key': randomUUID()};
  const marked = await office.duplicate(id, original.id, {header});
  assert.deepEqual([done(marked).state, done(marked).merged_into, done(marked).open], ['duplicate', original.id, false]);
  assert.deepEqual(done(await office.duplicate(id, original.id, {header})), done(marked));
  assert.deepEqual([(await fileOf(original.id)).supports, (await office.shown(KIND, original.id)).merged_filers], [1, 1]);
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.state, tracked.follows, tracked.answer, tracked.suggestion.problem, tracked.suggestion.supports],
    ['approved', original.number, BODIES[KIND].approved.text, 'صف میز خدمت طولانی است.', 1]);
  done(await office.move(KIND, original.id, BODIES[KIND].planned));
  assert.deepEqual((await office.tracked(code)).suggestion.progress.map(({text}) => text), [BODIES[KIND].planned.text]);
  refused(await office.duplicate((await office.made(KIND, 'screening')).id, id), 409, 'no_original');
});

test('markSuggestionDuplicate: supports of earlier duplicates move on, and their authors too', async () => {
  const [first, second, third] = [await office.made(KIND, 'screening'), await office.made(KIND, 'screening'),
    await office.made(KIND, 'screening')];
  done(await office.duplicate(first.id, second.id));
  done(await office.duplicate(second.id, third.id));
  assert.deepEqual([(await fileOf(third.id)).supports, (await office.shown(KIND, third.id)).merged_filers], [2, 2]);
  assert.equal((await office.tracked(first.tracking_code)).follows, third.number);
});

test('markSuggestionDuplicate: two that are marked as each other’s at the same moment do not both vanish', async () => {
  const [a, b] = [await office.made(KIND, 'screening'), await office.made(KIND, 'screening')];
  const results = await Promise.all([office.duplicate(a.id, b.id), office.duplicate(b.id, a.id)]);
  assert.deepEqual(results.map(({response}) => response.status).sort(), [200, 409]);
  const states = [(await office.shown(KIND, a.id)).state, (await office.shown(KIND, b.id)).state].sort();
  assert.deepEqual(states, ['duplicate', 'screening']);
});

test('completeTracked: whoever follows an original does not complete it', async () => {
  const original = await office.made(KIND, 'needs_completion');
  const {id, tracking_code: code} = await office.made(KIND, 'screening');
  done(await office.duplicate(id, original.id));
  refused(await office.citizen('completion', code, {problem: 'دیگر', proposal: 'دیگر'}), 409, 'state_conflict', {state: 'duplicate'});
  assert.equal(done(await office.citizen('replies', code, {text: 'من هم همین را می‌گویم.'})).state, 'needs_completion');
  assert.equal((await fileOf(original.id)).problem, newSuggestion().problem);
});

// --- carrying out ---

test('tellProgress: in public, once it is approved, by whoever carries it out', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'committee');
  refused(await office.tell(id, 'زود است'), 409, 'state_conflict', {state: 'committee'});
  done(await office.move(KIND, id, BODIES[KIND].approved, {who: office.chair}));
  refused(await office.tell(id, 'نه', {who: office.expert}), 403, 'forbidden');
  const header = {'Idempotency-Key': randomUUID()};
  const told = done(await office.tell(id, 'اعتبار آن تأمین شد.', {header}), 201);
  assert.deepEqual([told.state, told.text], ['approved', 'اعتبار آن تأمین شد.']);
  const again = await office.tell(id, 'اعتبار آن تأمین شد.', {header});
  assert.deepEqual([done(again, 201), replayed(again)], [told, 'true']);
  refused(await office.tell(id, 'دیگر', {header}), 422, 'idempotency_mismatch');
  for (const state of ['planned', 'implementing', 'implemented']) done(await office.move(KIND, id, BODIES[KIND][state]));
  done(await office.tell(id, 'یک سال گذشت: صفی نیست.'), 201);
  const progress = [['approved', 'اعتبار آن تأمین شد.'], ...['planned', 'implementing', 'implemented'].map((state) =>
    [state, BODIES[KIND][state].text]), ['implemented', 'یک سال گذشت: صفی نیست.']];
  for (const view of [await fileOf(id), (await office.tracked(code)).suggestion, done(await office.shownPublicly(id))])
    assert.deepEqual(view.progress.map(({state, text}) => [state, text]), progress);
  assert.ok((await office.shown(KIND, id)).closed_at);
  refused(await office.tell(randomUUID(), 'هیچ'), 404, 'not_found');
});
