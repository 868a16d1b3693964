// The ledger: each of the 48 promises of the three strategies, what it is measured by, and how the verdict follows what
// is done.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, WAYS} from '../lib/casework.mjs';
import {done, refused} from '../lib/client.mjs';
import {chamberOf} from '../lib/committee.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {treasuryOf} from '../lib/treasury.mjs';

const house = await startHouse({settings: {worker: 'off', cache_max: 0}});
after(() => house.stop());
await house.moveClock(new Date('2026-11-21T08:00:00Z')); // 30 Aban 1405

const ids = (letter, count) => Array.from({length: count}, (_, i) => `${letter}${i + 1}`);
const PROMISES = {isfahan: ids('I', 24), semnan: ids('S', 11), 'sistan-baluchestan': ids('B', 13)};
const VERDICTS = ['kept', 'partly', 'broken', 'no_data', 'not_measurable'];

const ledger = async (org) =>
  done(await house.anyone.GET('/v1/orgs/{org}/promises', {params: {path: {org}}})).items;
const promise = async (org, code) =>
  done(await house.anyone.GET('/v1/orgs/{org}/promises/{code}', {params: {path: {org, code}}}));
const verdict = async (org, code) => {
  const {verdict: is, kept, judged} = await promise(org, code);
  return [is, kept, judged];
};

test('listPromises: each of the 48 promises is there, with its sentence and how it is measured', async () => {
  for (const [org, codes] of Object.entries(PROMISES)) {
    const items = await ledger(org);
    assert.deepEqual(items.map((one) => one.code), codes);
    for (const one of items) {
      assert.ok(VERDICTS.includes(one.verdict));
      assert.equal(one.measure === null, one.verdict === 'not_measurable', one.code);
      assert.equal(one.not_measurable !== null, one.verdict === 'not_measurable', one.code);
      for (const text of [one.sentence, one.gloss, one.text_fa, one.text_en]) assert.ok(text.length > 5, one.code);
      const {months, ...same} = await promise(org, one.code);
      assert.deepEqual(same, one);
      assert.equal(months !== null, ['answer_time', 'filings_by_kind', 'tracking_use'].includes(one.measure));
    }
  }
});

test('listPromises: every measure of the strategy files has its source', async () => {
  assert.deepEqual(await house.query(`SELECT DISTINCT p.measure FROM promise p LEFT JOIN promise_measure m USING (measure)
    WHERE p.measure IS NOT NULL AND m.measure IS NULL`), []);
  assert.deepEqual(await house.query(`SELECT source FROM promise_measure m
    WHERE NOT EXISTS (SELECT FROM pg_proc f WHERE f.proname = m.source)`), []);
});

test('getPromise: a code that is none', async () => {
  const at = (code) => house.anyone.GET('/v1/orgs/{org}/promises/{code}', {params: {path: {org: 'isfahan', code}}});
  refused(await at('I99'), 404, 'not_found');
  refused(await at('S4'), 404, 'not_found');
  refused(await at('i-1'), 404, 'not_found');
});

test('getPromise: nothing is judged before anything happened', async () => {
  for (const code of ['I1', 'I3', 'I6', 'I11', 'I12', 'I18', 'I20'])
    assert.equal((await promise('isfahan', code)).verdict, 'no_data', code);
  const one = await promise('isfahan', 'I12');
  assert.deepEqual([one.text_fa, one.text_en, one.since, one.last_broken_at],
    ['هنوز داده‌ای نیست.', 'nothing to judge it by yet', null, null]);
});

test('getPromise: I12, ten working days: kept, then partly when an answer is late or overdue', async () => {
  const office = await caseworkOf(house);
  for (let i = 0; i < 3; i++) await office.made('complaint', 'answered');
  const kept = await promise('isfahan', 'I12');
  assert.deepEqual([kept.verdict, kept.kept, kept.judged, kept.text_en, kept.text_fa, kept.since_jalali],
    ['kept', 3, 3, 'answered within 10 working days: 3 of 3', 'ظرف ۱۰ روز کاری پاسخ داده شد: ۳ از ۳', '1405-08-01']);
  assert.equal(kept.last_broken_at, null);

  const past = {channel: 'letter', received_at: '2026-10-10T08:00:00Z'};
  const {id, due_at: due} = await office.filed('complaint', past, {who: office.clerk});
  const overdue = await promise('isfahan', 'I12');
  assert.deepEqual([overdue.verdict, overdue.kept, overdue.judged, overdue.last_broken_at, overdue.figures.overdue],
    ['partly', 3, 4, due, 1]);
  for (const step of WAYS.complaint.answered) done(await office.move('complaint', id, BODIES.complaint[step]));
  const late = await promise('isfahan', 'I12');
  assert.deepEqual([late.verdict, late.kept, late.judged, late.last_broken_at, late.figures.overdue],
    ['partly', 3, 4, due, 0]);
  assert.deepEqual(await verdict('isfahan', 'I10'), ['partly', 3, 4]);
  assert.deepEqual(late.months, []); // fewer than five in a month
  for (let i = 0; i < 4; i++) await office.made('complaint', 'answered');
  const {months} = await promise('isfahan', 'I12');
  assert.deepEqual(months, [{month: '1405-08', received: 5, answered: 5, kept: 5, judged: 5}]);
});

test('getPromise: an open case breaks the promise when its day is over, and not before', async () => {
  const office = await caseworkOf(house);
  const before = (await promise('isfahan', 'I23')).judged;
  const {due_at: due} = await office.filed('info_request');
  assert.equal((await promise('isfahan', 'I23')).judged, before);
  const now = await house.now();
  await house.moveClock(new Date(new Date(due).getTime() + 1000));
  const after = await promise('isfahan', 'I23');
  assert.deepEqual([after.judged, after.verdict, after.last_broken_at], [before + 1, 'partly', due]);
  await house.moveClock(now);
});

test('getPromise: without a promised number of days nothing is judged, and messages show up by kind and channel', async () => {
  const office = await caseworkOf(house, 'semnan');
  assert.equal((await promise('semnan', 'S9')).verdict, 'no_data');
  const {id} = await office.filed('message', {addressee: {kind: 'governor'}, channel: 'email'}, {who: office.clerk});
  assert.equal((await promise('semnan', 'S7')).verdict, 'kept');
  done(await office.move('message', id, {to: 'assigned', unit_code: 'public-relations'}));
  done(await office.move('message', id, BODIES.message.answered));
  const {verdict: is, kept, judged} = await promise('semnan', 'S10');
  assert.deepEqual([is, kept], ['kept', judged]);
  assert.equal((await promise('semnan', 'S11')).verdict, 'no_data');
  await office.filed('message', {addressee: {kind: 'governor'}, channel: 'voicemail'}, {who: office.clerk});
  const voicemail = await promise('semnan', 'S11');
  assert.deepEqual([voicemail.verdict, voicemail.kept, voicemail.judged, voicemail.figures, voicemail.text_fa, voicemail.text_en],
    ['kept', null, null, {voicemail: null}, 'دریافت شد: پیام‌گیر کمتر از ۵', 'received: voicemail fewer than 5']);
  for (let i = 0; i < 5; i++) await office.filed('message', {addressee: {kind: 'governor'}, channel: 'voicemail'}, {who: office.clerk});
  const more = await promise('semnan', 'S11');
  assert.deepEqual([more.verdict, more.kept, more.figures, more.text_fa], ['kept', 5, {voicemail: 5}, 'دریافت شد: پیام‌گیر ۵']);
});

test('getPromise: drafts, from the window to promulgation, and what breaks these promises', async () => {
  const desk = await deskOf(house);
  const draft = await desk.opened();
  for (const audience of ['citizen', 'specialist']) await desk.filed(draft.id, {audience});
  assert.deepEqual(await verdict('isfahan', 'I1'), ['kept', 1, 1]);
  assert.deepEqual(await verdict('isfahan', 'I3'), ['kept', 1, 1]);
  assert.deepEqual(await verdict('isfahan', 'I5'), ['partly', 2, 3]);
  assert.deepEqual(await verdict('isfahan', 'I20'), ['kept', 1, 1]);
  assert.equal((await promise('isfahan', 'I6')).verdict, 'no_data');

  const {id} = await desk.begun();
  done(await desk.move(id, {to: 'exempted', reason_code: 'urgent', reason: 'فوریت سیلاب'}));
  const openness = await promise('isfahan', 'I1');
  assert.deepEqual([openness.verdict, openness.figures], ['partly', {drafts: 2, opened: 1, exempted: 1}]);
  assert.ok(openness.last_broken_at);
  const exemptions = await promise('isfahan', 'I2');
  assert.deepEqual([exemptions.verdict, exemptions.figures.by_reason], ['kept', {urgent: 1}]);

  await desk.approved();
  const procedure = await promise('isfahan', 'I6');
  assert.deepEqual([procedure.verdict, procedure.kept, procedure.judged], ['kept', 1, 1]);
  await house.query(`UPDATE draft SET closes_at = opens_at + interval '3 days' WHERE id = $1`, [draft.id]);
  const window = await promise('isfahan', 'I3');
  assert.deepEqual([window.verdict, window.kept, window.judged], ['partly', 1, 2]);
  assert.deepEqual(window.figures.promised.map(({unit, length}) => [unit, length])[0], ['days', 7]);
});

test('getPromise: comments get their answer (B10, B13), and it is broken where one does not', async () => {
  const desk = await deskOf(house, 'sistan-baluchestan');
  const draft = await desk.opened();
  const {id} = await desk.filed(draft.id, {audience: 'citizen'});
  await desk.close(draft);
  done(await desk.move(draft.id, {to: 'reviewing'}));
  done(await desk.dispose(id, {disposition: 'accepted', reason: 'در متن آمد.'}));
  done(await desk.move(draft.id, {to: 'approved'}, {who: desk.approver}));
  for (const code of ['B10', 'B13']) assert.deepEqual(await verdict('sistan-baluchestan', code), ['kept', 1, 1]);
  await house.query('UPDATE comment SET confirmed_at = NULL WHERE id = $1', [id]);
  const broken = await promise('sistan-baluchestan', 'B13');
  assert.deepEqual([broken.verdict, broken.kept, broken.judged], ['broken', 0, 1]);
  assert.ok(broken.last_broken_at);
  assert.deepEqual(await verdict('sistan-baluchestan', 'B1'), ['kept', 1, 1]);
  assert.equal((await promise('sistan-baluchestan', 'B2')).verdict, 'no_data');
});

test('getPromise: bills are sent (B2, B3, B4), for a month open', async () => {
  const desk = await deskOf(house, 'sistan-baluchestan');
  const {id} = await desk.approved({kind: 'bill'});
  done(await desk.move(id, {to: 'sent', authority: 'مجلس شورای اسلامی', letter_number: '۱۲/۳'}, {who: desk.office}));
  assert.deepEqual(await verdict('sistan-baluchestan', 'B2'), ['kept', 1, 1]);
  const ended = await promise('sistan-baluchestan', 'B3');
  assert.deepEqual([ended.verdict, ended.figures], ['kept', {issued: 1, sent: 1, promulgated: 0}]);
  assert.equal((await promise('sistan-baluchestan', 'B4')).verdict, 'kept');
});

test('getPromise: a committee with its quorum decides suggestions (S4); one approved without it breaks the promise', async () => {
  const chamber = await chamberOf(house, 'semnan');
  const committee = await chamber.seated();
  const decide = (id) => house.query(`UPDATE casefile SET state = 'approved', answered_at = $2, first_response_at = $2,
    answer = 'تصویب شد.' WHERE id = $1`, [id, new Date()]);
  const [first, second] = [await chamber.before({unit: null}), await chamber.before({unit: null})];
  assert.equal((await promise('semnan', 'S4')).verdict, 'no_data');
  await committee.judged(first);
  await decide(first);
  assert.deepEqual(await verdict('semnan', 'S4'), ['kept', 1, 1]);
  await decide(second);
  const broken = await promise('semnan', 'S4');
  assert.deepEqual([broken.verdict, broken.kept, broken.judged, broken.figures.approved], ['partly', 1, 2, 2]);
  assert.ok(broken.last_broken_at);
  assert.equal((await promise('semnan', 'S3')).verdict, 'kept');
});

test('getPromise: measures that raise the quality of services are kept up to date (I21), for a year', async () => {
  assert.equal((await promise('isfahan', 'I21')).verdict, 'no_data');
  const add = (state, age) => house.query(`INSERT INTO measure (id, org_id, title, text, state, created_at, updated_at)
    SELECT gen_random_uuid(), o.id, 'نوبت‌دهی', 'نوبت‌دهی اینترنتی', $1, $2, $2 FROM organisation o WHERE slug = 'isfahan'`,
  [state, new Date(Date.parse('2026-11-21T08:00:00Z') - age * 24 * 3600 * 1000)]);
  await add('under_way', 30);
  await add('done', 900);
  assert.deepEqual(await verdict('isfahan', 'I21'), ['kept', 2, 2]);
  await add('planned', 800);
  const broken = await promise('isfahan', 'I21');
  assert.deepEqual([broken.verdict, broken.kept, broken.judged], ['partly', 2, 3]);
  assert.ok(broken.last_broken_at < '2026-11-21');
});

test('getPromise: rewards for submitting and for taking part (S5) are kept when they are paid', async () => {
  const treasury = treasuryOf(await caseworkOf(house, 'semnan'));
  assert.equal((await promise('semnan', 'S5')).verdict, 'no_data');
  const [id, reward] = await treasury.granted(1000);
  assert.deepEqual(await verdict('semnan', 'S5'), ['broken', 0, 1]);
  done(await treasury.pay(id, reward.id, {line: 0}));
  assert.deepEqual(await verdict('semnan', 'S5'), ['kept', 1, 1]);
  const expert = done(await treasury.propose(id, {for: 'participant', name: 'مهندس صادقی', role: 'کارشناس', amount: 500}), 201);
  done(await treasury.decide(id, expert.id));
  const unpaid = await promise('semnan', 'S5');
  assert.deepEqual([unpaid.verdict, unpaid.figures], ['partly', {decided: 2, paid: 1, for_submitting: 1, for_taking_part: 1}]);
  assert.ok(unpaid.last_broken_at);
});
