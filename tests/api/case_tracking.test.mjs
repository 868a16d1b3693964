// The citizen's door to cases: one code, no account. Comments have the same door, see tracking.test.mjs.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf} from '../lib/casework.mjs';
import {done, faulty, refused} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const desk = await deskOf(house);
await house.moveClock(new Date('2026-11-21T08:00:00Z'));

const KEY = 'a-key-that-two-people-use';
const WRONG = '1234-5678-9012-3456-7890';
const ACTIONS = [['replies', {text: 'پاسخ من'}], ['withdraw', undefined], ['acceptance', undefined], ['reopen', {text: 'دوباره'}], ['rating', {rating: 3}]];
const kinds = (tracked) => tracked.timeline.map((event) => event.kind);
const replayed = ({response}) => response.headers.get('Idempotent-Replayed');

test('track: a case with its state, deadline, thread and timeline, and what its citizen may do', async () => {
  const receipt = await office.filed('complaint', {complainant: {name: 'زهرا'}});
  const {deadline, ...tracked} = await office.tracked(receipt.tracking_code);
  assert.deepEqual(tracked, {
    kind: 'complaint', id: receipt.id, org: 'isfahan', number: receipt.number, state: 'registered', round: 1, follows: null,
    subject: 'تأخیر در صدور پروانه', text: 'سه ماه است که پروندهٔ من بی‌پاسخ مانده است.', addressee: null, channel: 'web',
    received_at: receipt.received_at, received_on_jalali: receipt.received_on_jalali, unit: null, overdue: false,
    followup_from: null, followup_from_jalali: null, answered_at: null, answered_on_jalali: null, answer: null,
    outcome: null, reason_code: null, reason: null, may_reply: true, may_withdraw: true, may_accept: false, may_reopen: false,
    reopen_until: null, reopen_until_jalali: null, may_rate: false, rating: null, satisfaction: null, suggestion: null, messages: [],
    attachments: [],
    timeline: [{at: receipt.received_at, on_jalali: receipt.received_on_jalali, kind: 'complaint.registered'}],
  });
  assert.deepEqual([deadline.due_on, deadline.due_on_jalali, deadline.due_at],
    [receipt.due_on, receipt.due_on_jalali, receipt.due_at]);
});

test('track: the code is accepted as people write it, and never kept', async () => {
  const {id, tracking_code: code} = await office.filed('complaint');
  const persian = code.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[digit]).replaceAll('-', ' ');
  assert.equal((await office.tracked(encodeURIComponent(persian))).id, id);
  const [row] = await house.query('SELECT c::text AS file FROM casefile c WHERE id = $1', [id]);
  assert.ok(!row.file.includes(code) && !row.file.includes(code.replaceAll('-', '')));
  assert.ok(!house.server.stderr.includes(code));
});

test('track, replyTracked, withdrawTracked, reopenTracked, rateTracked: wrong codes get one answer', async () => {
  const {tracking_code: code} = await office.filed('complaint');
  const changed = code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);
  const answers = [];
  for (const wrong of [WRONG, changed, 'abc', '1'.repeat(200)]) {
    answers.push(await office.track(wrong));
    for (const [action, body] of ACTIONS) answers.push(await office.citizen(action, wrong, body));
  }
  for (const answer of answers) {
    const {request_id: _id, instance: _at, ...problem} = refused(answer, 404, 'not_found');
    assert.deepEqual(Object.keys(problem).sort(), ['code', 'status', 'title', 'type']);
  }
});

test('replyTracked: what the citizen adds is read by staff, and resumes a case that waited', async () => {
  const {id, tracking_code: code} = await office.made('complaint', 'awaiting_citizen');
  const key = randomUUID();
  const first = await office.citizen('replies', code, {text: 'شمارهٔ پرونده ۱۲ است.'}, key);
  const tracked = done(first);
  assert.deepEqual([tracked.state, tracked.messages.map(({from, text}) => [from, text])],
    ['in_progress', [['office', 'شمارهٔ پرونده چیست؟'], ['citizen', 'شمارهٔ پرونده ۱۲ است.']]]);
  const again = await office.citizen('replies', code, {text: 'شمارهٔ پرونده ۱۲ است.'}, key);
  assert.deepEqual(done(again), tracked);
  assert.deepEqual([replayed(first), replayed(again)], [null, 'true']);
  refused(await office.citizen('replies', code, {text: 'دیگر'}, key), 422, 'idempotency_mismatch');
  const kept = await office.shown('complaint', id);
  assert.deepEqual([kept.state, kept.messages.at(-1).kind, kept.messages.at(-1).author_id], ['in_progress', 'citizen', null]);
  done(await office.citizen('replies', code, {text: 'و دیگر هیچ.'}));
  assert.equal((await office.shown('complaint', id)).state, 'in_progress');
});

test('replyTracked: takes files along, and ends with the case', async () => {
  const attachment = randomUUID();
  await house.query(`INSERT INTO attachment (id, org_id, sha256, size, media_type, uploaded_at, scan)
    SELECT $1, id, sha256('x'), 1, 'image/png', now(), 'none' FROM organisation WHERE slug = 'isfahan'`, [attachment]);
  const {tracking_code: code} = await office.filed('complaint');
  const tracked = done(await office.citizen('replies', code, {text: 'مدرک', attachments: [attachment]}));
  assert.deepEqual(tracked.attachments.map((one) => one.id), [attachment]);
  assert.ok(tracked.attachments[0].message_id);
  refused(await office.citizen('replies', code, {text: 'باز', attachments: [attachment]}), 422, 'unknown_attachment');
  done(await office.citizen('withdraw', code));
  refused(await office.citizen('replies', code, {text: 'باز'}), 409, 'state_conflict', {state: 'withdrawn'});
  faulty(await office.citizen('replies', code, {text: ''}), 'body /text too_short');
});

test('withdrawTracked: ends an open case, and repeated changes nothing more', async () => {
  const {id, tracking_code: code} = await office.filed('complaint');
  const first = done(await office.citizen('withdraw', code, undefined, KEY));
  assert.deepEqual([first.state, first.may_withdraw, first.may_reply, kinds(first)],
    ['withdrawn', false, false, ['complaint.registered', 'complaint.withdrawn']]);
  for (const key of [KEY, undefined]) {
    const again = await office.citizen('withdraw', code, undefined, key);
    assert.deepEqual(done(again), first);
    assert.equal(replayed(again), 'true');
  }
  const kept = await office.shown('complaint', id);
  assert.deepEqual([kept.open, kept.escalation_level], [false, 0]);
  const {tracking_code: another} = await office.filed('complaint');
  assert.equal(done(await office.citizen('withdraw', another, undefined, KEY)).state, 'withdrawn');
});

test('reopenTracked: within the days of the policy, to inspection, with a new clock', async () => {
  const {id, tracking_code: code} = await office.made('complaint', 'answered');
  const answered = await office.tracked(code);
  const until = new Date(new Date(answered.answered_at).getTime() + 30 * 86400e3);
  assert.equal(answered.may_reopen, true);
  assert.ok(Math.abs(new Date(answered.reopen_until) - until) < 1000);
  await house.moveClock(new Date('2026-11-28T08:00:00Z'));
  const tracked = done(await office.citizen('reopen', code, {text: 'درست نشد.'}));
  assert.deepEqual([tracked.state, tracked.round, tracked.unit.code, tracked.deadline.received_on, tracked.deadline.due_on,
    tracked.answer, tracked.may_reopen, tracked.messages.at(-1).text],
  ['in_progress', 2, 'inspection', '2026-11-28', '2026-12-12', null, false, 'درست نشد.']);
  assert.equal(kinds(tracked).at(-1), 'complaint.reopened');
  assert.equal((await office.shown('complaint', id)).closes_on, null);
  refused(await office.citizen('reopen', code, {text: 'باز'}), 409, 'state_conflict', {state: 'in_progress'});
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
});

test('reopenTracked: too late it is refused, saying until when it was possible', async () => {
  const {tracking_code: code} = await office.made('complaint', 'closed');
  const {reopen_until: until} = await office.tracked(code);
  await house.moveClock(new Date(new Date(until).getTime() + 1000));
  assert.equal((await office.tracked(code)).may_reopen, false);
  refused(await office.citizen('reopen', code, {text: 'دیر شد'}), 409, 'reopen_too_late', {reopen_until: until});
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
});

test('acceptTracked: the citizen closes what is answered, may still rate and reopen it, and says so once', async () => {
  const {id, tracking_code: code} = await office.made('complaint', 'answered');
  assert.equal((await office.tracked(code)).may_accept, true);
  const results = await Promise.all(Array.from({length: 10}, () => office.citizen('acceptance', code)));
  for (const result of results) assert.equal(done(result).state, 'closed');
  assert.equal(results.filter((result) => replayed(result)).length, 9);
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.may_accept, tracked.may_rate, tracked.may_reopen, kinds(tracked).at(-1)], [false, true, true, 'complaint.closed']);
  const kept = await office.shown('complaint', id);
  assert.deepEqual([kept.closes_on, kept.timeline.at(-1).actor, kept.timeline.filter(({kind}) => kind === 'complaint.closed').length],
    [null, 'public', 1]);
  assert.ok(kept.closed_at);
  assert.equal(done(await office.citizen('reopen', code, {text: 'باز هم خراب شد.'})).state, 'in_progress');
});

test('recordForComplaint, recordForMessage, recordForInfoRequest, recordForSuggestion: what the citizen said by another channel', async () => {
  const said = (kind, id, body, who = office.clerk, key = undefined) => who.POST(office.path(kind, '/{id}/citizen-messages'),
    {params: {...office.at(id), ...(key && {header: {'Idempotency-Key': key}})}, body});
  const body = {text: 'شمارهٔ پرونده ۱۲ است.', channel: 'phone'};
  const waiting = {complaint: ['awaiting_citizen', 'in_progress'], message: ['assigned', 'assigned'],
    info_request: ['clarification', 'assigned'], suggestion: ['needs_completion', 'screening']};
  for (const [kind, [from, to]] of Object.entries(waiting)) {
    const {id, tracking_code: code} = await office.made(kind, from);
    refused(await said(kind, id, body, office.deputy), 403, 'forbidden');
    refused(await said(kind, id, body, office.anyone), 401, 'unauthorized');
    refused(await said(kind, id, {...body, channel: 'pigeon'}), 422, 'unknown_channel');
    faulty(await said(kind, id, {text: 'بی کانال'}), 'body /channel required');
    refused(await said(kind, randomUUID(), body), 404, 'not_found');
    const key = randomUUID();
    const first = await said(kind, id, body, office.clerk, key);
    const kept = done(first);
    const again = await said(kind, id, body, office.clerk, key);
    assert.deepEqual([done(again).messages, replayed(again)], [kept.messages, 'true']);
    const {kind: from_whom, text, channel, author_id: author} = kept.messages.at(-1);
    assert.deepEqual([kept.state, from_whom, text, channel], [to, 'citizen', body.text, 'phone']);
    assert.equal(author, (await house.keyOf('clerk')).id);
    const {kind: event, actor, data} = kept.timeline.at(-1);
    assert.deepEqual([event, actor, data], [`${kind}.citizen_replied`, 'staff', {channel: 'phone'}]);
    const {from: shown, text: words} = (await office.tracked(code)).messages.at(-1);
    assert.deepEqual([shown, words], ['citizen', body.text]);
  }
  const {id: ended} = await office.made('complaint', 'rejected');
  refused(await said('complaint', ended, body), 409, 'state_conflict', {state: 'rejected'});
  const {id: secret} = await office.filed('message', {confidential: true});
  refused(await said('message', secret, body), 403, 'forbidden');
  done(await said('message', secret, body, office.office));
});

test('rateTracked: once, after an answer', async () => {
  const {id, tracking_code: code} = await office.made('complaint', 'in_progress');
  refused(await office.citizen('rating', code, {rating: 1}), 409, 'state_conflict', {state: 'in_progress'});
  done(await office.move('complaint', id, {to: 'answered', text: 'انجام شد.'}));
  assert.equal((await office.tracked(code)).may_rate, true);
  for (const rating of [0, 6, 1.5]) assert.equal((await office.citizen('rating', code, {rating})).response.status, 422);
  const key = randomUUID();
  const first = done(await office.citizen('rating', code, {rating: 5, text: 'سپاس'}, key));
  assert.deepEqual([first.rating, first.may_rate, kinds(first).at(-1)], [5, false, 'complaint.rated']);
  const again = await office.citizen('rating', code, {rating: 5, text: 'سپاس'}, key);
  assert.deepEqual([done(again), replayed(again)], [first, 'true']);
  refused(await office.citizen('rating', code, {rating: 1}), 409, 'already_rated');
  const {rating} = await office.shown('complaint', id);
  assert.deepEqual([rating.rating, rating.text], [5, 'سپاس']);
});

test('rateTracked: of two at once one counts', async () => {
  const {tracking_code: code} = await office.made('message', 'answered');
  const results = await Promise.all([1, 5].map((rating) => office.citizen('rating', code, {rating})));
  assert.deepEqual(results.map(({response}) => response.status).sort(), [200, 409]);
});

test('replyTracked, reopenTracked, rateTracked: a comment has none of these', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  for (const [action, body] of ACTIONS.filter(([name]) => name !== 'withdraw'))
    refused(await office.citizen(action, code, body), 404, 'not_found');
  assert.equal((await office.tracked(code)).kind, 'comment');
});

// Members of an answer, however deep, that name a day or an instant which people look at.
function* datesOf(answer, at = '') {
  for (const [name, value] of Object.entries(answer ?? {})) {
    if (typeof value === 'object') yield* datesOf(value, `${at}/${name}`);
    else if (/^at$|^date$|_(at|on|from|until)$/.test(name) && !/^(updated_at|due_at)$/.test(name))
      yield {pointer: `${at}/${name}`, value, twin: answer[[`${name}_jalali`, name.replace(/_?at$/, '_on_jalali').replace(/^_/, '')]
        .find((other) => other in answer)]};
  }
}

test('track, getComplaint: every date has its Jalali twin, and it is the one that ICU gives', async () => {
  const {id, tracking_code: code} = await office.made('complaint', 'answered');
  done(await office.citizen('rating', code, {rating: 4}));
  const format = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn',
    {year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'Asia/Tehran'});
  for (const shown of [await office.tracked(code), await office.shown('complaint', id)]) {
    const dates = [...datesOf(shown)];
    assert.ok(dates.length > 20, `${dates.length}`);
    for (const {pointer, value, twin} of dates) {
      const parts = value && Object.fromEntries(format.formatToParts(new Date(/T/.test(value) ? value : `${value}T09:00:00Z`))
        .map(({type, value: part}) => [type, part]));
      assert.equal(twin, value && `${parts.year}-${parts.month}-${parts.day}`, pointer);
    }
  }
});
