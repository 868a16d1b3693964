// Complaints: filed without an account or on somebody's behalf, due when it was promised, worked through by staff.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf, newCase} from '../lib/casework.mjs';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');
const other = await caseworkOf(house, 'sistan-baluchestan');

const KIND = 'complaint';
const PERSON = {name: 'زهرا کریمی', mobile: '+989131234567', email: 'z@example.ir', national_id: '0084575948'};
await house.moveClock(new Date('2026-11-21T08:00:00Z')); // Saturday, 30 Aban 1405
const ids = (items) => items.map((item) => item.id);
const replayed = ({response}) => response.headers.get('Idempotent-Replayed');

// --- filing ---

test('createComplaint: the receipt has number, code and the day on which the answer is due', async () => {
  const result = await office.file(KIND);
  const {tracking_code: code, number, id, received_at: at, ...rest} = done(result, 201);
  assert.match(code, /^\d{4}(-\d{4}){4}$/);
  assert.match(number, /^1405-\d{7}$/);
  assert.deepEqual(rest, {received_on_jalali: '1405-08-30', due_on: '2026-12-05', due_on_jalali: '1405-09-14',
    due_at: '2026-12-05T20:30:00Z'});
  assert.equal(result.response.headers.get('Location'), `/v1/orgs/isfahan/complaints/${id}`);
  const kept = await office.shown(KIND, id);
  assert.deepEqual([kept.state, kept.received_at, kept.channel, kept.person, kept.filed_by, kept.open],
    ['registered', at, 'web', null, null, true]);
});

test('createComplaint: ten working days of Isfahan, explained day by day', async () => {
  const {id, tracking_code: code} = await office.filed(KIND);
  const {deadline} = await office.shown(KIND, id);
  assert.deepEqual([deadline.received_on, deadline.working_days, deadline.due_on], ['2026-11-21', 10, '2026-12-05']);
  assert.deepEqual(deadline.explanation.map((day) => [day.date.slice(5), day.counted, day.why.code]), [
    ['11-21', 0, 'day_zero'], ['11-22', 1, 'working'], ['11-23', 2, 'working'], ['11-24', 3, 'working'],
    ['11-25', 4, 'working'], ['11-26', 0, 'weekend'], ['11-27', 0, 'weekend'], ['11-28', 5, 'working'],
    ['11-29', 6, 'working'], ['11-30', 7, 'working'], ['12-01', 8, 'working'], ['12-02', 9, 'working'],
    ['12-03', 0, 'weekend'], ['12-04', 0, 'weekend'], ['12-05', 10, 'working'],
  ]);
  assert.deepEqual((await office.tracked(code)).deadline, deadline);
  const asked = done(await office.anyone.POST('/v1/orgs/{org}/calendar/deadline',
    {params: {path: {org: 'isfahan'}}, body: {received_on: '2026-11-21', working_days: 10}}));
  assert.deepEqual(asked, deadline);
});

test('createComplaint: where the strategy promises nothing there is no deadline, and it is said so', async () => {
  const receipt = await semnan.filed(KIND);
  assert.deepEqual([receipt.due_on, receipt.due_on_jalali, receipt.due_at], [null, null, null]);
  const kept = await semnan.shown(KIND, receipt.id);
  assert.deepEqual([kept.deadline, kept.due_at, kept.overdue, kept.escalation_level], [null, null, false, 0]);
});

test('createComplaint: an anonymous one leaves no person anywhere', async () => {
  const {id} = await office.filed(KIND);
  const {id: empty} = await office.filed(KIND, {complainant: {}});
  for (const one of [id, empty]) assert.equal((await office.shown(KIND, one)).person, null);
  const [row] = await house.query(`SELECT (to_jsonb(c) - '{text,subject}'::text[])::text AS file,
    (SELECT jsonb_agg(e)::text FROM event e WHERE e.subject_id = c.id) AS events FROM casefile c WHERE id = $1`, [id]);
  assert.doesNotMatch(`${row.file} ${row.events}`, /127\.0\.0\.1|user.agent|undici|node/i);
  assert.doesNotMatch(house.server.stderr, /127\.0\.0\.1[^:]|undici/);
});

test('createComplaint: who complains is seen by staff and by nobody else', async () => {
  const {id, tracking_code: code} = await office.filed(KIND, {complainant: PERSON, unit_code: 'inspection',
    service_code: 'permits.building', county: '1001'});
  const kept = await office.shown(KIND, id);
  assert.deepEqual([kept.person, kept.unit_code, kept.service_code, kept.county],
    [PERSON, 'inspection', 'permits.building', '1001']);
  const text = JSON.stringify(await office.tracked(code));
  for (const value of Object.values(PERSON)) assert.ok(!text.includes(value), value);
  const {items} = done(await office.list(KIND, {limit: 100}));
  assert.ok(!JSON.stringify(items).includes(PERSON.mobile));
});

test('createComplaint: repeated with its key it is the same complaint, byte for byte', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const first = await office.file(KIND, newCase(), {header});
  const again = await office.file(KIND, newCase(), {header});
  assert.deepEqual(done(again, 201), done(first, 201));
  assert.deepEqual([replayed(first), replayed(again)], [null, 'true']);
  refused(await office.file(KIND, newCase({text: 'چیز دیگری'}), {header}), 422, 'idempotency_mismatch');
  done(await office.move(KIND, first.data.id, {to: 'assigned', unit_code: 'inspection'}));
  assert.deepEqual(done(await office.file(KIND, newCase(), {header}), 201), first.data);
});

test('createComplaint: every fault is named at once', async () => {
  faulty(await office.file(KIND, {text: 'x', complainant: {mobile: '12', national_id: '1'}, reason: 'y', attachments: ['z']}),
    'body /subject required', 'body /text too_short', 'body /complainant/mobile wrong_format',
    'body /complainant/national_id wrong_format', 'body /reason unknown_member', 'body /attachments/0 wrong_format');
});

test('createComplaint: what shows nothing is no subject, no text and no name', async () => {
  const nothing = ['   ', '\u200c\u200d\u200b', '\ufeff\u00ad\u2060', '\n\t\n', '\u00a0\u3000\u00a0', '\u3164\u3164\u3164', '\u064e\u0650\u0651'];
  for (const text of nothing)
    faulty(await office.file(KIND, {subject: text, text, complainant: {name: text}}),
      'body /subject blank', 'body /text blank', 'body /complainant/name blank');
  const {id} = await office.filed(KIND, {text: '\u200cمی\u200cخواهم\n'});
  assert.equal((await office.shown(KIND, id)).text, '\u200cمی\u200cخواهم\n');
  for (const say of ['reply', 'note']) faulty(await office[say](KIND, id, {text: '\u200c'}), 'body /text blank');
  faulty(await office.move(KIND, id, {to: 'rejected', reason_code: 'abusive', reason: '\u200b\u200b\u200b'}), 'body /reason blank');
});

test('createComplaint: units and attachments must be there', async () => {
  refused(await office.file(KIND, newCase({unit_code: 'nowhere'})), 422, 'unknown_unit');
  refused(await office.file(KIND, newCase({attachments: [randomUUID()]})), 422, 'unknown_attachment');
});

test('createComplaint: an attachment goes to the first that claims it', async () => {
  const id = randomUUID();
  await house.query(`INSERT INTO attachment (id, org_id, sha256, size, media_type, uploaded_at, scan)
    SELECT $1, id, sha256('x'), 1, 'application/pdf', now(), 'none' FROM organisation WHERE slug = 'isfahan'`, [id]);
  refused(await other.file(KIND, newCase({attachments: [id]})), 422, 'unknown_attachment');
  const receipt = await office.filed(KIND, {attachments: [id]});
  assert.deepEqual(ids((await office.shown(KIND, receipt.id)).attachments), [id]);
  assert.deepEqual(ids((await office.tracked(receipt.tracking_code)).attachments), [id]);
  refused(await office.file(KIND, newCase({attachments: [id]})), 422, 'unknown_attachment');
});

// --- on behalf ---

test('createComplaint: the public says nothing of channels and receipts', async () => {
  for (const members of [{channel: 'samad'}, {received_at: '2026-11-20T08:00:00Z'}, {external_ref: '1'}])
    refused(await office.file(KIND, newCase(members)), 403, 'not_for_public');
  for (const who of [office.expert, other.clerk]) { // whose keys say nothing here
    refused(await office.file(KIND, newCase({channel: 'samad'}), {who}), 403, 'not_for_public');
    assert.equal((await office.shown(KIND, (await office.filed(KIND, {}, {who})).id)).filed_by, null);
  }
});

test('createComplaint: a clerk files with channel and date of receipt, from which the days count', async () => {
  const receipt = await office.filed(KIND, {channel: 'letter', received_at: '2026-11-18T06:00:00Z'}, {who: office.clerk});
  assert.deepEqual([receipt.received_at, receipt.received_on_jalali, receipt.due_on],
    ['2026-11-18T06:00:00Z', '1405-08-27', '2026-12-02']);
  const kept = await office.shown(KIND, receipt.id);
  assert.equal(kept.channel, 'letter');
  assert.ok(kept.registered_at > kept.received_at);
  assert.match(kept.filed_by, /^[0-9a-f-]{36}$/);
});

test('createComplaint: a receipt in the future or an unknown channel is refused', async () => {
  const who = office.clerk;
  refused(await office.file(KIND, newCase({received_at: '2027-01-01T00:00:00Z'}), {who}), 422, 'received_in_future');
  refused(await office.file(KIND, newCase({channel: 'pigeon'}), {who}), 422, 'unknown_channel');
  for (const received_at of ['1026-11-18T06:00:00Z', '0001-01-01T00:00:00Z', '1405-08-27T06:00:00Z'])
    faulty(await office.file(KIND, newCase({received_at}), {who}), 'body /received_at wrong_pattern');
});

test('createComplaint: the same Samad number twice is the same case, and the earliest receipt rules', async () => {
  const who = office.clerk;
  const samad = {channel: 'samad', external_ref: `S-${randomUUID()}`};
  const first = await office.filed(KIND, {...samad, received_at: '2026-11-18T06:00:00Z'}, {who});
  const later = await office.file(KIND, newCase({...samad, received_at: '2026-11-19T06:00:00Z'}), {who: office.client});
  assert.deepEqual(done(later, 201), first);
  assert.equal(replayed(later), 'true');
  assert.equal((await office.shown(KIND, first.id)).due_on, '2026-12-02');

  const earlier = await office.file(KIND, newCase({...samad, received_at: '2026-11-16T06:00:00Z'}), {who});
  assert.deepEqual(done(earlier, 201), first, 'a receipt never changes');
  const kept = await office.shown(KIND, first.id);
  assert.deepEqual([kept.received_at, kept.due_on, kept.deadline.received_on],
    ['2026-11-16T06:00:00Z', '2026-11-30', '2026-11-16']);
  assert.deepEqual(kept.timeline.map((event) => event.kind), ['complaint.registered', 'complaint.received_earlier']);
  assert.deepEqual(ids(done(await office.list(KIND, {external_ref: samad.external_ref})).items), [first.id]);
  assert.notEqual((await other.filed(KIND, samad, {who: other.clerk})).id, first.id);
  assert.notEqual((await office.filed(KIND, {...samad, channel: 's111'}, {who})).id, first.id);
});

test('createComplaint: a Samad number is the same in whatever digits and blanks it is typed', async () => {
  const mark = String(Date.now());
  const file = (external_ref) => office.filed(KIND, {channel: 'samad', external_ref}, {who: office.clerk});
  const first = await file(`ك-${mark}/12`);
  const persian = mark.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[digit]);
  for (const same of [`ک-${persian}/۱۲`, ` ک-${mark}/12 `, `\u200fك-${mark}/١٢`]) assert.deepEqual(await file(same), first, same);
  assert.notEqual((await file(`ک-${mark}1/2`)).id, first.id);
  assert.equal((await office.shown(KIND, first.id)).external_ref, `ك-${mark}/12`);
  assert.deepEqual(ids(done(await office.list(KIND, {external_ref: `ک-${persian}/۱۲`})).items), [first.id]);
});

test('createComplaint: two clerks with one Samad number at once make one case', async () => {
  const body = newCase({channel: 'samad', external_ref: `S-${randomUUID()}`});
  const results = await Promise.all(Array.from({length: 50}, () => office.file(KIND, body, {who: office.clerk})));
  assert.equal(new Set(results.map((result) => JSON.stringify(done(result, 201)))).size, 1);
  assert.equal(results.filter((result) => replayed(result)).length, 49);
});

// --- lists ---

test('listComplaints: pages, oldest receipt first, with every filter', async () => {
  const mark = randomUUID().replaceAll('-', '');
  const who = office.clerk;
  const file = (i, more) => office.filed(KIND, {subject: `موضوع ${mark}`, channel: 'phone',
    received_at: `2026-11-1${i}T06:00:00Z`, ...more}, {who});
  const [one, two, three] = [await file(6, {unit_code: 'inspection'}), await file(3), await file(7, {channel: 'letter'})];
  const q = mark;
  const found = async (query) => ids(done(await office.list(KIND, {q, ...query})).items);
  assert.deepEqual(await found(), [two.id, one.id, three.id]);
  assert.deepEqual((await allPages((query) => office.list(KIND, {q, ...query}), 1)).flat().map((item) => item.id),
    [two.id, one.id, three.id]);
  done(await office.move(KIND, two.id, {to: 'assigned', unit_code: 'public-relations'}));
  assert.deepEqual(await found({state: 'assigned'}), [two.id]);
  assert.deepEqual(await found({unit: 'inspection'}), [one.id]);
  assert.deepEqual(await found({channel: 'letter'}), [three.id]);
  assert.deepEqual(await found({due_before: '2026-11-29T00:00:00Z'}), [two.id]);
  const {updated_at: since} = await office.shown(KIND, two.id);
  assert.deepEqual(await found({updated_since: since}), [two.id]);
  const counted = done(await office.list(KIND, {q}, office.admin, {Prefer: 'count=exact'}));
  assert.equal(counted.total, 3);
  const without = done(await office.list(KIND, {unit: 'inspection', limit: 100}));
  assert.ok(ids(without.items).includes(one.id));
  faulty(await office.list(KIND, {state: 'spam'}), 'query /state not_allowed');
});

test('listComplaints: who tells the number of a case on the telephone is found by it', async () => {
  const {id, number} = await office.filed(KIND);
  const persian = number.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[digit]);
  for (const q of [number, persian, number.slice(5)]) assert.deepEqual(ids(done(await office.list(KIND, {q})).items), [id], q);
  assert.deepEqual(done(await office.list(KIND, {q: number, state: 'closed'})).items, []);
  assert.deepEqual(done(await other.list(KIND, {q: number}, other.clerk)).items, []);
});

test('listComplaints, getComplaint: are for staff of this organisation who read cases', async () => {
  const {id} = await office.filed(KIND);
  for (const ask of [(who) => office.list(KIND, {}, who), (who) => office.get(KIND, id, who)]) {
    refused(await ask(office.anyone), 401, 'unauthorized');
    refused(await ask(office.client), 403, 'forbidden');
    refused(await ask(other.admin), 403, 'forbidden');
    done(await ask(office.deputy));
  }
  refused(await office.get('message', id), 404, 'not_found');
  refused(await other.get(KIND, id), 404, 'not_found');
  refused(await office.get(KIND, randomUUID()), 404, 'not_found');
});

// --- one complaint ---

test('getComplaint: the clock alone makes it overdue and lifts it level by level, with no worker', async () => {
  const {id} = await office.filed(KIND, {channel: 'phone', received_at: '2026-11-21T06:00:00Z'}, {who: office.clerk});
  const start = await house.now();
  const at = async (instant) => {
    await house.moveClock(new Date(instant));
    const result = await office.get(KIND, id);
    const {overdue, long_overdue: long, escalation_level: level} = done(result);
    const listed = done(await office.list(KIND, {escalation_level: level, limit: 100})).items;
    assert.ok(ids(listed).includes(id));
    assert.equal(ids(done(await office.list(KIND, {overdue: true, limit: 100})).items).includes(id), overdue);
    return [overdue, long, level, etagOf(result)];
  };
  assert.deepEqual(await at('2026-11-30T20:29:58Z'), [false, false, 0, '"1-0"']);
  assert.deepEqual(await at('2026-11-30T20:30:01Z'), [false, false, 1, '"1-1"']); // three working days before
  assert.deepEqual(await at('2026-12-02T20:30:01Z'), [false, false, 2, '"1-2"']);
  assert.deepEqual(await at('2026-12-05T20:29:57Z'), [false, false, 2, '"1-2"']);
  assert.deepEqual(await at('2026-12-05T20:30:01Z'), [true, false, 3, '"1-3-overdue"']);
  assert.deepEqual(await at('2026-12-07T20:30:01Z'), [true, false, 4, '"1-4-overdue"']);
  assert.deepEqual(await at('2026-12-12T20:30:01Z'), [true, true, 5, '"1-5-overdue"']);
  done(await office.move(KIND, id, {to: 'assigned', unit_code: 'inspection'}));
  done(await office.move(KIND, id, {to: 'in_progress'}));
  const answered = done(await office.move(KIND, id, {to: 'answered', text: 'انجام شد.'}));
  assert.deepEqual([answered.overdue, answered.escalation_level, answered.answered_days, answered.total_days],
    [false, 0, 16, 16]);
  await house.moveClock(start);
});

test('changeComplaint: unit, service and county, whose closures move an open deadline', async () => {
  const day = {date: '2026-11-29', kind: 'closure', title: 'سرما', counties: ['1002']};
  const params = {path: {org: 'isfahan'}};
  done(await office.inspector.POST('/v1/orgs/{org}/calendar/days', {params, body: day}), 201);
  const {id} = await office.filed(KIND);
  const due = async (county) => done(await office.patch(KIND, id, {county})).due_on;
  for (let tries = 0; tries < 100 && (await due('1002')) !== '2026-12-06'; tries++); // the server learns of the closure
  const moved = await office.shown(KIND, id);
  assert.deepEqual([moved.county, moved.due_on, moved.deadline.explanation.find((one) => one.date === day.date).why.code],
    ['1002', '2026-12-06', 'closure']);
  assert.equal(await due(null), '2026-12-05');
  const patched = done(await office.patch(KIND, id, {unit_code: 'inspection', service_code: 'a.b'}, {who: office.inspector}));
  assert.deepEqual([patched.unit_code, patched.service_code, patched.county], ['inspection', 'a.b', null]);
  refused(await office.patch(KIND, id, {unit_code: 'nowhere'}), 422, 'unknown_unit');
  refused(await office.patch(KIND, id, {unit_code: 'inspection'}, {who: office.expert}), 403, 'forbidden');
  refused(await office.patch(KIND, id, {service_code: 'x'}, {who: office.deputy}), 403, 'forbidden');
  refused(await office.patch(KIND, id, {service_code: 'x'}, {header: {'If-Match': '"1"'}}), 412, 'precondition_failed');
  faulty(await office.patch(KIND, id, {text: 'متن تازه'}), 'body /text unknown_member');
});

test('replyToComplaint, noteOnComplaint: one goes to the citizen, the other stays inside', async () => {
  const {id, tracking_code: code} = await office.filed(KIND);
  const header = {'Idempotency-Key': randomUUID()};
  const said = await office.reply(KIND, id, {text: 'در دست بررسی است.'}, {who: office.expert, header});
  const again = await office.reply(KIND, id, {text: 'در دست بررسی است.'}, {who: office.expert, header});
  assert.deepEqual(done(again, 201), done(said, 201));
  assert.equal(replayed(again), 'true');
  refused(await office.reply(KIND, id, {text: 'دیگر'}, {who: office.expert, header}), 422, 'idempotency_mismatch');
  const noted = done(await office.note(KIND, id, {text: 'با شهرداری صحبت شد.'}, {who: office.inspector}), 201);
  assert.deepEqual([said.data.kind, noted.kind, noted.case_id], ['reply', 'note', id]);
  const kept = await office.shown(KIND, id);
  assert.deepEqual(kept.messages, [said.data, noted]);
  assert.ok(kept.first_response_at);
  const tracked = await office.tracked(code);
  assert.deepEqual(tracked.messages.map(({from, text}) => [from, text]), [['office', 'در دست بررسی است.']]);
  assert.deepEqual(tracked.timeline.map((event) => event.kind), ['complaint.registered', 'complaint.replied']);
  refused(await office.reply(KIND, id, {text: 'x'}, {who: office.deputy}), 403, 'forbidden');
  refused(await office.note(KIND, id, {text: 'x'}, {who: office.deputy}), 403, 'forbidden');
  refused(await office.reply(KIND, randomUUID(), {text: 'x'}), 404, 'not_found');
});

test('transitionComplaint: of two at once one wins', async () => {
  const {id} = await office.filed(KIND);
  const header = {'If-Match': await office.tagOf(KIND, id)};
  const results = await Promise.all(['inspection', 'public-relations'].map((unit) =>
    office.move(KIND, id, {to: 'assigned', unit_code: unit}, {header})));
  assert.deepEqual(results.map(({response}) => response.status).sort(), [200, 412]);
});

// --- merging ---

test('mergeComplaint: the filer of the merged one follows the other with their own code', async () => {
  const survivor = await office.made(KIND, 'in_progress', {text: 'متن محرمانهٔ نفر نخست', complainant: PERSON});
  const {id, tracking_code: code, number} = await office.filed(KIND, {text: 'متن من'});
  const merged = done(await office.merge(id, survivor.id));
  assert.deepEqual([merged.state, merged.merged_into, merged.open, merged.allowed_transitions],
    ['merged', survivor.id, false, []]);
  assert.equal((await office.shown(KIND, survivor.id)).merged_filers, 1);
  const before = await office.tracked(code);
  assert.deepEqual([before.number, before.follows, before.state, before.text, before.may_withdraw, before.may_reply, before.reason],
    [number, survivor.number, 'in_progress', 'متن من', false, true, 'همان شکایت است.']);
  assert.equal((await office.tracked(survivor.tracking_code)).reason, null);

  done(await office.citizen('replies', code, {text: 'من هم منتظرم.'}));
  const inside = (await office.shown(KIND, survivor.id)).messages.at(-1);
  assert.deepEqual([inside.text, inside.case_id], ['من هم منتظرم.', id]);
  const others = await office.tracked(survivor.tracking_code);
  assert.ok(!JSON.stringify(others).includes('من هم منتظرم.'));

  done(await office.move(KIND, survivor.id, {to: 'answered', text: 'برای همه درست شد.'}));
  const answered = await office.tracked(code);
  assert.deepEqual([answered.state, answered.answer, answered.may_rate], ['answered', 'برای همه درست شد.', true]);
  assert.deepEqual(answered.messages.map(({text}) => text), ['من هم منتظرم.', 'برای همه درست شد.']);
  assert.ok(!JSON.stringify(answered).includes('متن محرمانهٔ'));
  assert.equal(done(await office.citizen('rating', code, {rating: 2})).rating, 2);
  assert.equal((await office.tracked(survivor.tracking_code)).rating, null);
  refused(await office.citizen('reopen', code, {text: 'نه'}), 409, 'state_conflict', {state: 'merged'});
});

test('mergeComplaint: cases merged before follow on to the last survivor', async () => {
  const [one, two, three] = [await office.filed(KIND), await office.filed(KIND), await office.filed(KIND)];
  done(await office.merge(one.id, two.id));
  done(await office.merge(two.id, three.id));
  assert.equal((await office.tracked(one.tracking_code)).follows, three.number);
  assert.equal((await office.shown(KIND, three.id)).merged_filers, 2);
});

test('mergeComplaint: only into another open complaint of this organisation, by who may', async () => {
  const {id} = await office.filed(KIND);
  const elsewhere = await other.filed(KIND);
  const {id: message} = await office.filed('message');
  const ended = await office.made(KIND, 'withdrawn');
  for (const into of [id, elsewhere.id, message, ended.id, randomUUID()])
    refused(await office.merge(id, into), 409, 'cannot_merge');
  const target = await office.filed(KIND);
  refused(await office.merge(id, target.id, {who: office.expert}), 403, 'forbidden');
  refused(await office.merge(ended.id, target.id), 409, 'state_conflict', {state: 'withdrawn', allowed: []});
  const header = {'If-Match': '*', 'Idempotency-Key': randomUUID()};
  const first = done(await office.merge(id, target.id, {header}));
  const again = await office.merge(id, target.id, {header});
  assert.deepEqual(done(again), first);
  assert.equal(replayed(again), 'true');
});

test('mergeComplaint: a confidential one merges with its like alone, by who may read both', async () => {
  const secret = async () => {
    const {id} = await office.filed('message', {confidential: true});
    return done(await office.convert(id, {to: 'complaint'}), 201).id;
  };
  const [one, two, plain] = [await secret(), await secret(), (await office.filed(KIND)).id];
  done(await office.note(KIND, one, {text: 'یادداشت محرمانه'}), 201);
  for (const [from, into] of [[one, plain], [plain, one], [one, two]])
    refused(await office.merge(from, into), 403, 'forbidden');
  for (const [from, into] of [[one, plain], [plain, one]])
    refused(await office.merge(from, into, {who: office.admin}), 409, 'cannot_merge');
  done(await office.merge(one, two, {who: office.admin}));
  refused(await office.get(KIND, two, office.inspector), 403, 'forbidden');
  assert.deepEqual((await office.shown(KIND, two)).messages.map(({text}) => text), ['یادداشت محرمانه']);
});

test('mergeComplaint: two merged into each other at once end with one survivor', async () => {
  const [one, two] = [await office.filed(KIND), await office.filed(KIND)];
  const results = await Promise.all([office.merge(one.id, two.id), office.merge(two.id, one.id)]);
  assert.deepEqual(results.map(({response}) => response.status).sort(), [200, 409]);
});
