// The citizen's door: everything that whoever has the tracking code may do, and that nobody else learns anything.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

const REJECTION = {to: 'rejected', reason_code: 'off_topic', reason: 'به این پیش‌نویس مربوط نیست.'};
const inPersian = (digits) => digits.replace(/\d/g, (d) => String.fromCodePoint(0x6f0 + Number(d)));
const inArabic = (digits) => digits.replace(/\d/g, (d) => String.fromCodePoint(0x660 + Number(d)));

const header = (code, key) => ({'Tracking-Code': code, ...(key && {'Idempotency-Key': key})});
const withdraw = (code, key) => desk.anyone.POST('/v1/track/withdraw', {params: {header: header(code, key)}});
const object = (code, text = 'نظر من به ماده ۲ مربوط است.', key = undefined) =>
  desk.anyone.POST('/v1/track/objection', {params: {header: header(code, key)}, body: {text}});
const timelineOf = ({timeline}) => timeline.map((entry) => entry.kind);

const rejected = async () => {
  const draft = await desk.opened();
  const receipt = await desk.pending(draft.id);
  done(await desk.moderate(receipt.id, REJECTION));
  return {draft, ...receipt, code: receipt.tracking_code};
};

test('track: shows the comment, its draft and what happened so far', async () => {
  const draft = await desk.opened();
  const receipt = await desk.pending(draft.id, {text: 'متن نظر'});
  const result = await desk.track(receipt.tracking_code);
  const {timeline, ...tracked} = done(result);
  assert.deepEqual(tracked, {
    kind: 'comment', id: receipt.id, number: receipt.number, state: 'pending', received_at: receipt.received_at,
    received_on_jalali: receipt.received_on_jalali, late: false, text: 'متن نظر',
    draft: {id: draft.id, org: 'isfahan', number: draft.number, kind: draft.kind, title: draft.title, state: 'open',
      closes_at: draft.closes_at, closes_on_jalali: draft.closes_on_jalali}, subject: null,
    reason_code: null, reason: null, may_withdraw: true, may_object: false, disposition: null,
    disposition_reason: null,
  });
  assert.deepEqual(timeline, [{at: receipt.received_at, on_jalali: receipt.received_on_jalali, kind: 'comment.received'}]);
  assert.equal(result.response.headers.get('Cache-Control'), 'no-store');
});

test('track: takes the code however it is typed', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const digits = code.replaceAll('-', '');
  const typed = [code, digits, digits.replace(/(.{5})/g, '$1 ').trim(), code.replaceAll('-', ' - '),
    encodeURIComponent(inPersian(code)), encodeURIComponent(inPersian(digits)), encodeURIComponent(inArabic(code)),
    encodeURIComponent(inPersian(digits.slice(0, 7)) + digits.slice(7)), encodeURIComponent(`\u200f${code}`),
    encodeURIComponent(code.replaceAll('-', '–'))];
  for (const text of typed) done(await desk.track(text));
});

test('track: takes Persian digits as bytes too, not only percent-encoded', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const bytes = Buffer.from(inPersian(code)).toString('latin1');
  assert.equal((await fetch(`${house.server.url}/v1/track`, {headers: {'Tracking-Code': bytes}})).status, 200);
});

test('track: unknown, malformed and mistyped codes get one and the same answer', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const swapped = code.replace(/(\d)(?!\1)(\d)/, '$2$1');
  const wrong = ['0000-0000-0000-0000-0000', '1234-5678-9012-3456-7890', swapped, code.slice(0, -1), `${code}1`,
    'abc', '-', '%D9', '%', "' OR 1=1", '1'.repeat(200), encodeURIComponent('کد من')];
  const answers = [];
  for (const text of wrong) {
    const {response, error} = await desk.track(text);
    const {request_id: _, ...problem} = error;
    const {date: _date, 'x-request-id': _id, ...headers} = Object.fromEntries(response.headers);
    answers.push({status: response.status, problem, headers});
  }
  assert.deepEqual([answers[0].status, answers[0].problem.code], [404, 'not_found']);
  for (const [i, answer] of answers.entries()) assert.deepEqual(answer, answers[0], wrong[i]);
});

test('track: needs a code in the header, and never in the address', async () => {
  faulty(await desk.anyone.GET('/v1/track'), 'header /Tracking-Code required');
  faulty(await desk.track('1'.repeat(201)), 'header /Tracking-Code too_long');
  faulty(await desk.anyone.GET('/v1/track', {params: {query: {code: '1'}}}), 'query /code unknown_parameter',
    'header /Tracking-Code required');
});

test('track: follows the comment to its disposition, once that is confirmed', async () => {
  const draft = await desk.opened();
  const {id, tracking_code: code} = await desk.pending(draft.id);
  done(await desk.moderate(id, {to: 'published'}));
  await desk.close(draft);
  done(await desk.dispose(id, {disposition: 'partly', reason: 'پلکان نخست کاهش یافت.'}, {who: desk.expert}));
  const proposed = done(await desk.track(code));
  assert.deepEqual([proposed.state, proposed.draft.state, proposed.disposition], ['published', 'closed', null]);
  done(await desk.dispose(id, {disposition: 'partly', reason: 'پلکان نخست کاهش یافت.'}));
  const tracked = done(await desk.track(code));
  assert.deepEqual([tracked.disposition, tracked.disposition_reason], ['partly', 'پلکان نخست کاهش یافت.']);
  assert.deepEqual(timelineOf(tracked), ['comment.received', 'comment.published', 'comment.disposed']);
});

test('track, withdrawTracked, objectTracked: need no key, but a wrong one is refused', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const stranger = clientOf(house.server.url, 'wrong');
  const params = {header: header(code)};
  for (const result of [await desk.track(code, stranger), await stranger.POST('/v1/track/withdraw', {params}),
    await stranger.POST('/v1/track/objection', {params, body: {text: 'نه'}})]) refused(result, 401, 'unauthorized');
  assert.equal(done(await desk.track(code, desk.client)).state, 'pending');
});

test('withdrawTracked: hides the text and keeps the count', async () => {
  const draft = await desk.opened();
  const {id, tracking_code: code} = await desk.filed(draft.id);
  assert.equal(done(await desk.published(draft.id)).items.length, 1);
  const tracked = done(await withdraw(code));
  assert.deepEqual([tracked.state, tracked.may_withdraw, timelineOf(tracked)],
    ['withdrawn', false, ['comment.received', 'comment.withdrawn']]);
  assert.deepEqual(done(await desk.published(draft.id)).items, []);
  const summary = done(await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/summary', {params: desk.at(draft.id)}));
  assert.deepEqual([summary.received, summary.states], [1, {withdrawn: 1}]);
  assert.equal(done(await desk.getComment(id)).state, 'withdrawn');
  refused(await desk.moderate(id, {to: 'published'}), 409, 'state_conflict', {state: 'withdrawn', allowed: []});
});

test('withdrawTracked: again, and again with the same key, changes nothing more', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const key = randomUUID();
  const first = done(await withdraw(code, key));
  const again = await withdraw(code, key);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  for (const result of [again, await withdraw(code)]) assert.deepEqual(done(result), first);
});

test('withdrawTracked: ends with the window', async () => {
  const draft = await desk.opened();
  const {tracking_code: code} = await desk.pending(draft.id);
  await desk.close(draft);
  assert.equal(done(await desk.track(code)).may_withdraw, false);
  refused(await withdraw(code), 409, 'window_closed', {closes_at: draft.closes_at});
  assert.equal(done(await desk.track(code)).state, 'pending');
});

test('withdrawTracked: unknown codes are not found, and a body is not taken', async () => {
  refused(await withdraw('1234-5678-9012-3456-7890'), 404, 'not_found');
  faulty(await desk.anyone.POST('/v1/track/withdraw'), 'header /Tracking-Code required');
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  const withBody = await desk.anyone.POST('/v1/track/withdraw', {params: {header: header(code)}, body: {text: 'x'}});
  refused(withBody, 400, 'bad_request');
  assert.equal(done(await desk.track(code)).state, 'pending');
});

test('objectTracked: brings a rejected comment back before the moderator, once', async () => {
  const {id, code} = await rejected();
  const before = done(await desk.track(code));
  assert.deepEqual([before.state, before.reason_code, before.reason, before.may_object],
    ['rejected', REJECTION.reason_code, REJECTION.reason, true]);
  const tracked = done(await object(code));
  assert.deepEqual([tracked.state, tracked.may_object], ['pending', false]);
  const kept = done(await desk.getComment(id));
  assert.equal(kept.objection, 'نظر من به ماده ۲ مربوط است.');
  assert.ok(kept.objected_at);
  refused(await object(code, 'یک بار دیگر'), 409, 'already_objected');
  done(await desk.moderate(id, REJECTION));
  assert.equal(done(await desk.track(code)).may_object, false);
  refused(await object(code, 'باز هم'), 409, 'already_objected');
  assert.deepEqual(timelineOf(done(await desk.track(code))),
    ['comment.received', 'comment.rejected', 'comment.objected', 'comment.rejected']);
});

test('objectTracked: only against a rejection', async () => {
  const {tracking_code: code} = await desk.pending((await desk.opened()).id);
  refused(await object(code), 409, 'state_conflict', {state: 'pending'});
  refused(await object('1234-5678-9012-3456-7890'), 404, 'not_found');
  faulty(await object(code, ''), 'body /text too_short');
  faulty(await desk.anyone.POST('/v1/track/objection', {body: {}}), 'header /Tracking-Code required',
    'body /text required');
});

test('objectTracked: repeated with its Idempotency-Key it is the same objection', async () => {
  const {code} = await rejected();
  const key = randomUUID();
  const first = await object(code, 'چون مربوط است', key);
  const again = await object(code, 'چون مربوط است', key);
  assert.deepEqual(done(again), done(first));
  assert.deepEqual([first, again].map(({response}) => response.headers.get('Idempotent-Replayed')), [null, 'true']);
  refused(await object(code, 'چیز دیگر', key), 422, 'idempotency_mismatch');
});

test('objectTracked: the same Idempotency-Key in other hands is another request', async () => {
  const [one, two] = [await rejected(), await rejected()];
  done(await object(one.code, 'همان متن', 'a-key-that-two-share'));
  const tracked = done(await object(two.code, 'همان متن', 'a-key-that-two-share'));
  assert.deepEqual([tracked.id, tracked.state], [two.id, 'pending']);
});

test('withdrawTracked: the same Idempotency-Key in other hands is another request', async () => {
  const {id} = await desk.opened();
  const [one, two] = [await desk.pending(id), await desk.pending(id)];
  done(await withdraw(one.tracking_code, 'a-key-that-two-share'));
  const tracked = done(await withdraw(two.tracking_code, 'a-key-that-two-share'));
  assert.deepEqual([tracked.id, tracked.state, timelineOf(tracked)],
    [two.id, 'withdrawn', ['comment.received', 'comment.withdrawn']]);
});
