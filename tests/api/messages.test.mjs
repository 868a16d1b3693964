// Messages to the governor and to managers: confidentiality, voicemail, and what becomes a case of another kind.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf, newCase} from '../lib/casework.mjs';
import {done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const other = await caseworkOf(house, 'sistan-baluchestan');

const KIND = 'message';
const SENDER = {name: 'علی رضایی', mobile: '+989131234567'};
const ids = (items) => items.map((item) => item.id);
await house.moveClock(new Date('2026-11-21T08:00:00Z'));

test('createMessage: to the governor, with the wish to be called back', async () => {
  const receipt = await office.filed(KIND, {addressee: {kind: 'governor'}, wants_call: true, sender: SENDER});
  assert.deepEqual([receipt.due_on, receipt.due_at], [null, null], 'Isfahan promises no limit for messages');
  const kept = await office.shown(KIND, receipt.id);
  assert.deepEqual([kept.state, kept.addressee, kept.wants_call, kept.confidential, kept.person, kept.deadline],
    ['received', {kind: 'governor'}, true, false, SENDER, null]);
  const tracked = await office.tracked(receipt.tracking_code);
  assert.deepEqual([tracked.kind, tracked.addressee, tracked.deadline], [KIND, {kind: 'governor'}, null]);
  const manager = {kind: 'manager', name: 'مدیرکل راه و شهرسازی'};
  const {id} = await office.filed(KIND, {addressee: manager});
  assert.deepEqual((await office.shown(KIND, id)).addressee, manager);
  faulty(await office.file(KIND, newCase({addressee: {kind: 'minister'}})), 'body /addressee/kind no_variant');
  faulty(await office.file(KIND, newCase({addressee: {kind: 'manager'}})), 'body /addressee/name required');
  faulty(await office.file(KIND, newCase({addressee: {kind: 'governor', name: 'x'}})), 'body /addressee/name unknown_member');
  faulty(await office.file(KIND, {}), 'body /subject required');
  faulty(await office.file(KIND, {subject: 'بی متن'}), 'body /text required');
});

test('changeMessage: the wish to be called back', async () => {
  const {id} = await office.filed(KIND);
  assert.equal(done(await office.patch(KIND, id, {wants_call: true}, {who: office.clerk})).wants_call, true);
  refused(await office.patch(KIND, id, {wants_call: false}, {who: office.deputy}), 403, 'forbidden');
  refused(await office.patch(KIND, id, {text: 'متن دیگر'}), 409, 'text_frozen');
});

// --- confidentiality ---

test('getMessage: a confidential one is for the office alone, and each reading is on record', async () => {
  const secret = 'چیزی که تنها استاندار باید بداند';
  const {id, tracking_code: code} = await office.filed(KIND, {text: secret, confidential: true});
  refused(await office.get(KIND, id, office.clerk), 403, 'forbidden');
  const readings = () => house.query(`SELECT actor_kind, is_public FROM event WHERE subject_id = $1 AND kind = 'message.read'`, [id]);
  assert.deepEqual(await readings(), []);
  assert.equal(done(await office.get(KIND, id, office.office)).text, secret);
  assert.deepEqual(await readings(), [{actor_kind: 'staff', is_public: false}]);
  const again = done(await office.get(KIND, id, office.office));
  assert.deepEqual(again.timeline.map((event) => event.kind), ['message.received', 'message.read', 'message.read']);
  assert.deepEqual((await office.tracked(code)).timeline.map((event) => event.kind), ['message.received']);
  const {id: plain} = await office.filed(KIND);
  done(await office.get(KIND, plain, office.office));
  assert.deepEqual((await office.shown(KIND, plain)).timeline.map((event) => event.kind), ['message.received']);
});

test('listMessages: confidential ones are hidden, from searches too, and shown without subject to the office', async () => {
  const mark = randomUUID().replaceAll('-', '');
  const {id} = await office.filed(KIND, {subject: `راز ${mark}`, confidential: true});
  assert.deepEqual(done(await office.list(KIND, {q: mark}, office.clerk)).items, []);
  assert.ok(!ids(done(await office.list(KIND, {limit: 100}, office.clerk)).items).includes(id));
  const {items: [item]} = done(await office.list(KIND, {q: mark}, office.office));
  assert.deepEqual([item.id, item.subject, item.confidential], [id, null, true]);
});

test('changeMessage, transitionMessage, replyToMessage, noteOnMessage, convertMessage: not on what one may not read', async () => {
  const {id} = await office.filed(KIND, {confidential: true});
  refused(await office.patch(KIND, id, {wants_call: true}, {who: office.clerk}), 403, 'forbidden');
  refused(await office.move(KIND, id, {to: 'spam', reason: 'تبلیغ است'}, {who: office.clerk}), 403, 'forbidden');
  refused(await office.note(KIND, id, {text: 'x'}, {who: office.clerk}), 403, 'forbidden');
  refused(await office.convert(id, {to: 'complaint'}, {who: office.clerk}), 403, 'forbidden');
  assert.equal(done(await office.reply(KIND, id, {text: 'دریافت شد.'}, {who: office.office}), 201).kind, 'reply');
  refused(await office.reply(KIND, id, {text: 'x'}, {who: office.clerk}), 403, 'forbidden');
  const kept = done(await office.get(KIND, id, office.office));
  assert.deepEqual([kept.state, kept.wants_call, kept.messages.length], ['received', false, 1]);
});

// --- voicemail ---

test('createMessage: a voicemail stays untranscribed until a clerk confirms the text', async () => {
  const who = office.clerk;
  const receipt = done(await office.file(KIND, {subject: 'پیام ساعت ۳ بامداد', channel: 'voicemail', untranscribed: true,
    received_at: '2026-11-20T23:30:00Z'}, {who}), 201);
  const kept = await office.shown(KIND, receipt.id);
  assert.deepEqual([kept.untranscribed, kept.text, kept.channel], [true, '', 'voicemail']);
  const written = done(await office.patch(KIND, receipt.id, {text: 'آب روستا قطع است.'}, {who}));
  assert.deepEqual([written.untranscribed, written.text], [true, 'آب روستا قطع است.']);
  const confirmed = done(await office.patch(KIND, receipt.id, {text: 'آب روستای ما قطع است.', untranscribed: false}, {who}));
  assert.deepEqual([confirmed.untranscribed, confirmed.text], [false, 'آب روستای ما قطع است.']);
  assert.deepEqual(ids(done(await office.list(KIND, {q: 'روستاي ما قطع'})).items), [receipt.id]);
  refused(await office.patch(KIND, receipt.id, {text: 'دیگر'}, {who}), 409, 'text_frozen');
  refused(await office.patch(KIND, receipt.id, {untranscribed: true}, {who}), 409, 'text_frozen');
});

test('changeMessage, convertMessage: a voicemail is confirmed and converted only once its words are there', async () => {
  const who = office.clerk;
  const {id} = done(await office.file(KIND, {subject: 'پیام شبانه', channel: 'voicemail', untranscribed: true}, {who}), 201);
  refused(await office.patch(KIND, id, {untranscribed: false}, {who}), 409, 'transcript_needed');
  refused(await office.convert(id, {to: 'complaint'}, {who}), 409, 'transcript_needed');
  done(await office.patch(KIND, id, {text: 'از بخشداری شکایت دارم.'}, {who}));
  refused(await office.convert(id, {to: 'complaint'}, {who}), 409, 'transcript_needed');
  assert.equal(done(await office.patch(KIND, id, {untranscribed: false}, {who})).untranscribed, false);
  const {id: complaint} = done(await office.convert(id, {to: 'complaint'}, {who}), 201);
  const kept = await office.shown('complaint', complaint);
  assert.deepEqual([kept.text, kept.untranscribed, kept.channel], ['از بخشداری شکایت دارم.', false, 'voicemail']);
});

test('createMessage: only a voicemail that a clerk files can be untranscribed', async () => {
  refused(await office.file(KIND, newCase({untranscribed: true})), 403, 'not_for_public');
  refused(await office.file(KIND, newCase({untranscribed: true, channel: 'sms'}), {who: office.clerk}), 422, 'voicemail_only');
});

// --- the way of a message ---

test('transitionMessage: forwarded names where to, and what was taken for spam comes back', async () => {
  const {id} = await office.made(KIND, 'assigned');
  refused(await office.move(KIND, id, {to: 'forwarded', reason: 'به ما مربوط نیست'}), 422, 'destination_needed');
  const forwarded = done(await office.move(KIND, id, {to: 'forwarded', reason: 'به شهرداری مربوط است', agency: 'شهرداری'},
    {who: office.office}));
  assert.deepEqual([forwarded.outcome, forwarded.reason, forwarded.open], [{agency: 'شهرداری'}, 'به شهرداری مربوط است', true]);
  const {id: spam} = await office.made(KIND, 'spam');
  assert.deepEqual((await office.shown(KIND, spam)).open, false);
  const back = done(await office.move(KIND, spam, {to: 'received'}));
  assert.deepEqual([back.state, back.closed_at, back.reason, back.open], ['received', null, null, true]);
});

test('transitionMessage: what was set aside can be restored for as many days as the policy says', async () => {
  for (const state of ['spam', 'no_reply_needed']) {
    const [early, late] = [await office.made(KIND, state), await office.made(KIND, state)];
    const until = new Date(new Date((await office.shown(KIND, late.id)).closed_at).getTime() + 30 * 24 * 3600 * 1000);
    await house.moveClock(new Date(until.getTime() - 5000));
    assert.equal(done(await office.move(KIND, early.id, {to: 'received'})).state, 'received');
    await house.moveClock(new Date(until.getTime() + 1000));
    const {reopen_until: told} = refused(await office.move(KIND, late.id, {to: 'received'}), 409, 'reopen_too_late');
    assert.ok(Math.abs(new Date(told) - until) < 2, told);
    await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  }
});

// --- conversion ---

test('convertMessage: the complaint keeps what was said and when, and the deadline counts from there', async () => {
  const who = office.clerk;
  const {id, tracking_code: code, number} = await office.filed(KIND, {text: 'از بخشداری شکایت دارم.', sender: SENDER,
    channel: 'sms', external_ref: `M-${randomUUID()}`, received_at: '2026-11-18T06:00:00Z', county: '1001'}, {who});
  done(await office.reply(KIND, id, {text: 'پیام شما شکایت شناخته شد.'}), 201);
  const receipt = done(await office.convert(id, {to: 'complaint', unit_code: 'inspection'}, {who}), 201);
  assert.deepEqual([receipt.received_at, receipt.due_on], ['2026-11-18T06:00:00Z', '2026-12-02']);
  const kept = await office.shown('complaint', receipt.id);
  assert.deepEqual([kept.state, kept.text, kept.person, kept.channel, kept.county, kept.unit_code, kept.converted_from,
    kept.messages.map(({text}) => text)],
  ['registered', 'از بخشداری شکایت دارم.', SENDER, 'sms', '1001', 'inspection', id, ['پیام شما شکایت شناخته شد.']]);
  const message = await office.shown(KIND, id);
  assert.deepEqual([message.state, message.converted_into, message.open], ['converted', receipt.id, false]);

  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.kind, tracked.number, tracked.state, tracked.follows], ['complaint', receipt.number, 'registered', null]);
  assert.notEqual(tracked.number, number);
  assert.deepEqual(tracked, await office.tracked(receipt.tracking_code));
  const [received, replied, ...both] = tracked.timeline.map((event) => event.kind);
  assert.deepEqual([received, replied, ...both.sort()],
    ['message.received', 'message.replied', 'complaint.registered', 'message.converted']);
  assert.equal(done(await office.citizen('withdraw', code)).state, 'withdrawn');
  assert.equal((await office.shown('complaint', receipt.id)).state, 'withdrawn');
});

test('convertMessage: into an information request, with its attachments; repeated it is the same', async () => {
  const attachment = randomUUID();
  await house.query(`INSERT INTO attachment (id, org_id, sha256, size, media_type, uploaded_at, scan)
    SELECT $1, id, sha256('x'), 1, 'audio/ogg', now(), 'clean' FROM organisation WHERE slug = 'isfahan'`, [attachment]);
  const {id} = await office.filed(KIND, {attachments: [attachment]});
  const header = {'If-Match': '*', 'Idempotency-Key': randomUUID()};
  const first = await office.convert(id, {to: 'info_request', subject: 'هزینهٔ پل'}, {header});
  const again = await office.convert(id, {to: 'info_request', subject: 'هزینهٔ پل'}, {header});
  assert.deepEqual(done(again, 201), done(first, 201));
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await office.convert(id, {to: 'complaint'}, {header}), 422, 'idempotency_mismatch');
  const kept = await office.shown('info_request', first.data.id);
  assert.deepEqual([kept.subject, ids(kept.attachments)], ['هزینهٔ پل', [attachment]]);
  assert.deepEqual((await office.shown(KIND, id)).attachments, []);
});

test('convertMessage: while others answer and convert, one of them does it and nobody is told to come again', async () => {
  for (let round = 0; round < 5; round++) {
    const {id} = await office.made(KIND, 'assigned');
    const results = await Promise.all([office.convert(id, {to: 'complaint'}), office.convert(id, {to: 'info_request'}),
      office.move(KIND, id, {to: 'answered', text: 'سپاس از پیام شما'}), office.patch(KIND, id, {wants_call: true})]);
    const [toComplaint, toRequest, answered] = results.map(({response}) => response.status);
    assert.deepEqual([toComplaint, toRequest, answered].filter((status) => status < 300).length, 1);
    for (const result of results.slice(0, 3).filter(({response}) => response.status >= 300)) refused(result, 409, 'state_conflict');
    assert.ok([200, 409].includes(results[3].response.status));
    const [{n}] = await house.query('SELECT count(*)::int AS n FROM casefile WHERE converted_from = $1', [id]);
    assert.equal(n, answered === 200 ? 0 : 1);
  }
});

test('convertMessage: what was confidential stays so', async () => {
  const secret = 'گزارش فساد در شهرداری';
  const {id, tracking_code: code} = await office.filed(KIND, {text: secret, confidential: true, sender: SENDER});
  for (const kind of ['complaint', 'info_request', 'suggestion']) {
    const message = await office.filed(KIND, {text: secret, confidential: true});
    refused(await office.convert(message.id, {to: kind}, {who: office.clerk}), 403, 'forbidden');
    const made = done(await office.convert(message.id, {to: kind}, {who: office.office}), 201);
    refused(await office.get(kind, made.id, office.inspector), 403, 'forbidden');
    assert.ok(!ids(done(await office.list(kind, {limit: 100}, office.inspector)).items).includes(made.id));
    assert.equal(done(await office.get(kind, made.id, office.office)).confidential, true);
    const [{n}] = await house.query("SELECT count(*)::int AS n FROM event WHERE subject_id = $1 AND kind = $2", [made.id, `${kind}.read`]);
    assert.equal(n, 1);
  }
  assert.equal((await office.tracked(code)).text, secret);
});

test('convertMessage: once, while nobody answered, by who may', async () => {
  const {id} = await office.filed(KIND);
  refused(await office.convert(id, {to: 'complaint'}, {who: office.deputy}), 403, 'forbidden');
  refused(await office.convert(id, {to: 'complaint', unit_code: 'nowhere'}), 422, 'unknown_unit');
  faulty(await office.convert(id, {to: 'message'}), 'body /to not_allowed');
  done(await office.convert(id, {to: 'complaint'}), 201);
  refused(await office.convert(id, {to: 'complaint'}), 409, 'state_conflict', {state: 'converted', allowed: []});
  const {id: answered} = await office.made(KIND, 'answered');
  refused(await office.convert(answered, {to: 'complaint'}), 409, 'state_conflict', {state: 'answered', allowed: ['closed']});
  refused(await other.convert(id, {to: 'complaint'}), 404, 'not_found');
  const reference = {channel: 'samad', external_ref: `S-${randomUUID()}`};
  await office.filed('complaint', reference, {who: office.clerk});
  const {id: twin} = await office.filed(KIND, reference, {who: office.clerk});
  refused(await office.convert(twin, {to: 'complaint'}), 409, 'reference_taken');
});
