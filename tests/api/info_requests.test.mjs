// Requests for information: no reason is asked, the clock does not stop, every outcome names what it must.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, newCase, OUTCOMES} from '../lib/casework.mjs';
import {done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const KIND = 'info_request';
await house.moveClock(new Date('2026-11-21T08:00:00Z'));

test('createInfoRequest: nobody is asked why', async () => {
  faulty(await office.file(KIND, newCase({reason: 'پژوهش'})), 'body /reason unknown_member');
  const receipt = await office.filed(KIND, {applicant: {name: 'مریم احمدی'}});
  assert.equal(receipt.due_on, '2026-12-05');
  const kept = await office.shown(KIND, receipt.id);
  assert.deepEqual([kept.state, kept.person, kept.followup_from], ['registered', {name: 'مریم احمدی'}, null]);
});

test('createInfoRequest: Semnan tells the applicant to follow up after ten days, beside the ten working days', async () => {
  const {id, tracking_code: code} = await semnan.filed(KIND, {channel: 'foia', received_at: '2026-11-18T06:00:00Z'},
    {who: semnan.clerk});
  const kept = await semnan.shown(KIND, id);
  assert.deepEqual([kept.due_on, kept.followup_from, kept.followup_from_jalali], ['2026-12-02', '2026-11-28', '1405-09-07']);
  assert.equal((await semnan.tracked(code)).followup_from, '2026-11-28');
});

test('listInfoRequests, getInfoRequest: for staff who read cases', async () => {
  const {id} = await office.filed(KIND);
  const {items} = done(await office.list(KIND, {state: 'registered', limit: 100}, office.foi_officer));
  assert.ok(items.some((item) => item.id === id));
  refused(await office.get(KIND, id, office.client), 403, 'forbidden');
  refused(await office.get('complaint', id), 404, 'not_found');
});

test('changeInfoRequest, replyToInfoRequest, noteOnInfoRequest: by who decides on them', async () => {
  const {id, tracking_code: code} = await office.filed(KIND);
  const patched = done(await office.patch(KIND, id, {county: '1001'}, {who: office.foi_officer}));
  assert.equal(patched.county, '1001');
  assert.equal(done(await office.note(KIND, id, {text: 'بایگانی پرسیده شد.'}, {who: office.foi_officer}), 201).kind, 'note');
  assert.equal(done(await office.reply(KIND, id, {text: 'در دست بررسی است.'}, {who: office.foi_officer}), 201).kind, 'reply');
  refused(await office.reply(KIND, id, {text: 'x'}, {who: office.inspector}), 403, 'forbidden');
  assert.deepEqual((await office.tracked(code)).messages.map(({text}) => text), ['در دست بررسی است.']);
});

test('transitionInfoRequest: asking for clarification does not stop the clock', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'clarification');
  const before = await office.shown(KIND, id);
  assert.deepEqual([before.paused_at, before.due_on, before.messages.at(-1).text],
    [null, '2026-12-05', BODIES.info_request.clarification.text]);
  assert.ok(before.first_response_at);
  const tracked = done(await office.citizen('replies', code, {text: 'سال ۱۴۰۴'}));
  assert.deepEqual([tracked.state, tracked.deadline.due_on], ['assigned', '2026-12-05']);
});

const NEEDED = {
  answered_full: ['body /text required'], answered_partial: ['body /text required', 'body /severed required'],
  refused: ['body /article required', 'body /reason required'], not_held: [], referred: ['body /institution required'],
  already_public: ['body /address required'], rejected_vague: ['body /reason required'],
};

for (const to of OUTCOMES)
  test(`transitionInfoRequest: ${to} says what it must, and the applicant reads it`, async () => {
    const {id, tracking_code: code} = await office.made(KIND, 'assigned');
    if (NEEDED[to].length > 0) faulty(await office.move(KIND, id, {to}), ...NEEDED[to]);
    const {to: _, text, reason, ...rest} = BODIES.info_request[to];
    const moved = done(await office.move(KIND, id, BODIES.info_request[to]));
    assert.deepEqual([moved.answer, moved.outcome, moved.open, moved.answered_days],
      [text ?? reason ?? null, Object.keys(rest).length > 0 ? rest : null, false, 0]);
    const tracked = await office.tracked(code);
    assert.deepEqual([tracked.state, tracked.answer, tracked.outcome, tracked.reason],
      [to, moved.answer, moved.outcome, reason ?? null]);
  });

test('transitionInfoRequest: a refusal cites an article from 13 to 17, and the head refuses', async () => {
  const {id} = await office.made(KIND, 'assigned');
  faulty(await office.move(KIND, id, {to: 'refused', article: 12, reason: 'محرمانه است'}), 'body /article not_allowed');
  faulty(await office.move(KIND, id, {to: 'answered_partial', text: 'بخشی', severed: []}), 'body /severed too_few_items');
  refused(await office.move(KIND, id, BODIES.info_request.refused, {who: office.foi_officer}), 403, 'forbidden');
  assert.equal(done(await office.move(KIND, id, BODIES.info_request.refused, {who: office.head})).state, 'refused');
});

test('transitionInfoRequest: a vague request is rejected within the deadline or not at all', async () => {
  const [early, late] = [await office.made(KIND, 'clarification'), await office.made(KIND, 'clarification')];
  await house.moveClock(new Date('2026-12-05T20:29:50Z'));
  assert.equal(done(await office.move(KIND, early.id, BODIES[KIND].rejected_vague)).state, 'rejected_vague');
  await house.moveClock(new Date('2026-12-05T20:30:01Z'));
  refused(await office.move(KIND, late.id, BODIES[KIND].rejected_vague), 409, 'deadline_passed', {due_at: '2026-12-05T20:30:00Z'});
  assert.equal(done(await office.move(KIND, late.id, BODIES[KIND].answered_full)).state, 'answered_full');
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
});

test('transitionInfoRequest: who holds it, where to file it anew, and the number at the national commission', async () => {
  const elsewhere = {institution: 'سازمان برنامه', address: 'https://foia.iran.gov.ir/'};
  for (const to of ['not_held', 'referred']) {
    const {id, tracking_code: code} = await office.made(KIND, 'assigned');
    assert.deepEqual(done(await office.move(KIND, id, {to, ...elsewhere})).outcome, elsewhere);
    assert.deepEqual((await office.tracked(code)).outcome, elsewhere);
  }
  for (const to of ['appeal_upheld', 'appeal_dismissed']) {
    const {id, tracking_code: code} = await office.made(KIND, 'appealed');
    done(await office.move(KIND, id, {...BODIES[KIND][to], commission_number: '۱۲۳/الف'}, {who: office.inspector}));
    assert.deepEqual((await office.tracked(code)).outcome, {commission_number: '۱۲۳/الف'});
  }
});

test('reopenTracked: the appeal of an information request goes to inspection with a new clock', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'refused');
  await house.moveClock(new Date('2026-11-28T08:00:00Z'));
  const tracked = done(await office.citizen('reopen', code, {text: 'ماده ۱۳ شامل آن نیست.'}));
  assert.deepEqual([tracked.state, tracked.round, tracked.deadline.due_on, tracked.unit.code, tracked.answer],
    ['appealed', 2, '2026-12-12', 'inspection', null]);
  const upheld = done(await office.move(KIND, id, {to: 'appeal_upheld', reason: 'حق با درخواست‌کننده است.', text: 'گزارش پیوست است.'},
    {who: office.inspector}));
  assert.deepEqual([upheld.answer, upheld.open, upheld.answered_days], ['گزارش پیوست است.', false, 0]);
  assert.equal((await office.tracked(code)).may_reopen, false);
  refused(await office.citizen('reopen', code, {text: 'باز هم'}), 409, 'state_conflict', {state: 'appeal_upheld'});
});
