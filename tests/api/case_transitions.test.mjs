// Every pair of stored states of complaints, messages, information requests and suggestions, drawn from the table of lifecycles as in
// transitions.test.mjs: what has a row succeeds for whoever holds its permission and for nobody else, all the rest is a
// conflict that names what would be possible. Rows of the citizen are tried through the tracking code.
//
// Operations: transitionComplaint, transitionMessage, transitionInfoRequest, transitionSuggestion.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, WAYS} from '../lib/casework.mjs';
import {done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {CITIZEN, holderOf, permissionsOf, rowOf, ROWS, rowsOf, staffRowsOf} from '../lib/lifecycle.mjs';

const ONLOOKER = 'deputy'; // reads cases and may do nothing
const OF_THEIR_OWN = ['merged', 'converted', 'duplicate']; // not by a transition
const OPERATIONS = {complaint: 'transitionComplaint', message: 'transitionMessage', info_request: 'transitionInfoRequest',
  suggestion: 'transitionSuggestion'};

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);

// A referral is followed here, so that its rows can be tried; as the strategy has it, it ends the case.
const policy = (column, value) => house.query(`UPDATE case_policy SET ${column} = $1
  WHERE case_kind = 'complaint' AND org_id = (SELECT id FROM organisation WHERE slug = 'isfahan')`, [value]);
await policy('follows_referrals', true);

const KINDS = Object.keys(BODIES);
const thingOf = (kind) => kind.toUpperCase();
const targets = (rows) => rows.map((row) => row.to);

// What no transition reaches is made by its own operation.
const MAKERS = {
  merged: async () => {
    const receipt = await office.filed('complaint');
    done(await office.merge(receipt.id, (await office.filed('complaint')).id));
    return receipt;
  },
  converted: async () => {
    const receipt = await office.filed('message');
    done(await office.convert(receipt.id, {to: 'complaint'}), 201);
    return receipt;
  },
  duplicate: async () => {
    const receipt = await office.made('suggestion', 'screening');
    done(await office.duplicate(receipt.id, (await office.filed('suggestion')).id));
    return receipt;
  },
};
const make = (kind, state) => MAKERS[state]?.() ?? office.made(kind, state);
const statesOf = (kind) => [...Object.keys(WAYS[kind]), ...OF_THEIR_OWN.filter((state) =>
  ROWS.some((row) => row.thing === thingOf(kind) && row.to === state))];

// What was agreed, from each state: what staff may do, and after the bar what citizens may.
const AGREED = {
  complaint: {
    registered: 'assigned merged rejected | withdrawn',
    assigned: 'assigned in_progress merged rejected | withdrawn',
    in_progress: 'answered assigned awaiting_citizen merged referred_out | withdrawn',
    awaiting_citizen: 'answered in_progress | in_progress withdrawn',
    referred_out: 'answered in_progress | withdrawn',
    answered: 'closed in_progress | closed in_progress',
    closed: 'in_progress | in_progress',
  },
  message: {
    received: 'assigned converted no_reply_needed spam |',
    assigned: 'answered converted forwarded no_reply_needed spam |',
    forwarded: 'answered |',
    no_reply_needed: 'received |',
    spam: 'received |',
    answered: 'closed |',
  },
  info_request: {
    registered: 'assigned | withdrawn',
    assigned: 'already_public answered_full answered_partial clarification not_held referred refused rejected_vague | withdrawn',
    clarification: 'already_public answered_full answered_partial assigned not_held referred refused rejected_vague | assigned withdrawn',
    ...Object.fromEntries(['answered_full', 'answered_partial', 'refused', 'not_held', 'referred', 'already_public', 'rejected_vague']
      .map((outcome) => [outcome, '| appealed'])),
    appealed: 'appeal_dismissed appeal_upheld |',
  },
};

test('the table of lifecycles of cases has the rows that were agreed, none more and none less', () => {
  for (const [kind, agreed] of Object.entries(AGREED)) {
    const rows = ROWS.filter((row) => row.thing === thingOf(kind));
    const waysOf = (from) => [false, true].map((isCitizens) => targets(rows.filter((row) =>
      row.from === from && (row.permission === CITIZEN) === isCitizens)).sort().join(' ')).join(' | ').trim();
    assert.deepEqual(Object.fromEntries([...new Set(rows.map(({from}) => from))].map((from) => [from, waysOf(from)])), agreed);
  }
});

test('the table of lifecycles of cases has no state and no target that is not tried', () => {
  for (const kind of KINDS) {
    const rows = ROWS.filter((row) => row.thing === thingOf(kind));
    assert.deepEqual([...new Set(rows.flatMap(({from, to}) => [from, to]))].sort(), statesOf(kind).sort());
    const staff = rows.filter((row) => row.permission !== CITIZEN && !OF_THEIR_OWN.includes(row.to));
    assert.deepEqual([...new Set(targets(staff))].sort(), Object.keys(BODIES[kind]).sort());
    for (const row of staff) assert.ok(holderOf('case.read', row.permission), JSON.stringify(row));
  }
});

for (const kind of KINDS)
  for (const {from, to, permission, needsReason} of ROWS.filter((row) => row.thing === thingOf(kind) &&
      row.permission !== CITIZEN && !OF_THEIR_OWN.includes(row.to)))
    test(`${OPERATIONS[kind]}: ${from} → ${to} is for whoever holds ${permission}`, async () => {
      const {id, tracking_code: code} = await make(kind, from);
      const body = office.bodyOf(kind, to);
      const holder = holderOf('case.read', permission);
      refused(await office.move(kind, id, body, {who: office[ONLOOKER]}), 403, 'forbidden');
      refused(await office.move(kind, id, body, {who: office.anyone}), 401, 'unauthorized');
      if (needsReason) {
        const {response, error} = await office.move(kind, id, {...body, reason: undefined}, {who: office[holder]});
        assert.equal(response.status, 422);
        assert.ok(error.errors.some((fault) => fault.pointer === '/reason'));
      }
      const moved = done(await office.move(kind, id, body, {who: office[holder]}));
      assert.equal(moved.state, to);
      assert.deepEqual(moved.allowed_transitions,
        targets(staffRowsOf(thingOf(kind), to).filter((row) => permissionsOf(holder).includes(row.permission))));
      const tracked = await office.tracked(code);
      assert.equal(tracked.state, to);
      assert.equal(tracked.timeline.length, moved.timeline.filter((event) => !event.kind.endsWith('.noted')).length);
      if (body.text) assert.equal(tracked.messages.at(-1).text, body.text);
    });

for (const kind of KINDS)
  for (const from of statesOf(kind))
    test(`${OPERATIONS[kind]}: from ${from} there is no other way, and the answer names those that there are`, async () => {
      const {id} = await make(kind, from);
      const before = await office.shown(kind, id);
      const allowed = targets(staffRowsOf(thingOf(kind), from));
      assert.deepEqual(before.allowed_transitions, allowed);
      for (const [to, body] of Object.entries(BODIES[kind]).filter(([target]) => !rowOf(thingOf(kind), from, target))) {
        refused(await office.move(kind, id, body), 409, 'state_conflict', {state: from, allowed});
        refused(await office.move(kind, id, body, {who: office[ONLOOKER]}), 409, 'state_conflict', {state: from, allowed: []});
      }
      for (const to of [...OF_THEIR_OWN, 'withdrawn', 'appealed'])
        faulty(await office.move(kind, id, {to}), 'body /to no_variant');
      assert.deepEqual(await office.shown(kind, id), before);
    });

// --- the citizen's rows ---

const ACTIONS = {
  withdrawn: (code) => office.citizen('withdraw', code),
  closed: (code) => office.citizen('acceptance', code),
  appealed: (code) => office.citizen('reopen', code, {text: 'پذیرفتنی نیست.'}),
  assigned: (code) => office.citizen('replies', code, {text: 'سال ۱۴۰۴'}),
  screening: (code) => office.citizen('replies', code, {text: 'دو ماه کار'}),
  in_progress: (code, from) => (from === 'awaiting_citizen' ? office.citizen('replies', code, {text: 'شمارهٔ ۱۲'})
    : office.citizen('reopen', code, {text: 'درست نشد.'})),
};

for (const kind of KINDS)
  for (const from of statesOf(kind)) {
    const rows = rowsOf(thingOf(kind), from).filter((row) => row.permission === CITIZEN);
    for (const {to} of rows)
      test(`withdrawTracked, reopenTracked, replyTracked, acceptTracked: the citizen takes ${kind} from ${from} to ${to}`, async () => {
        const {id, tracking_code: code} = await make(kind, from);
        assert.equal(done(await ACTIONS[to](code, from)).state, to);
        assert.equal((await office.shown(kind, id)).state, to);
      });
    const can = targets(rows); // once withdrawn it is a repetition; what was converted is tried in messages.test.mjs
    if (!can.includes('withdrawn') && !['withdrawn', 'converted'].includes(from))
      test(`withdrawTracked: ${kind} in state ${from} cannot be withdrawn`, async () => {
        const {id, tracking_code: code} = await make(kind, from);
        const before = await office.shown(kind, id);
        refused(await office.citizen('withdraw', code), 409, 'state_conflict', {state: from});
        assert.deepEqual(await office.shown(kind, id), before);
      });
    if (!can.includes('closed') && !['closed', 'converted'].includes(from)) // once closed it is a repetition
      test(`acceptTracked: ${kind} in state ${from} has no answer to accept`, async () => {
        const {id, tracking_code: code} = await make(kind, from);
        const before = await office.shown(kind, id);
        assert.equal((await office.tracked(code)).may_accept, false);
        refused(await office.citizen('acceptance', code), 409, 'state_conflict', {state: from});
        assert.deepEqual(await office.shown(kind, id), before);
      });
    const isReopening = can.some((to) => to === 'appealed' || (to === 'in_progress' && from !== 'awaiting_citizen'));
    if (!isReopening && from !== 'converted')
      test(`reopenTracked: ${kind} in state ${from} is not reopened`, async () => {
        const {id, tracking_code: code} = await make(kind, from);
        const before = await office.shown(kind, id);
        refused(await office.citizen('reopen', code, {text: 'نه'}), 409, 'state_conflict', {state: from});
        assert.deepEqual(await office.shown(kind, id), before);
      });
  }

// --- what a transition says and does beyond its state ---

test('transitionComplaint, transitionMessage, transitionInfoRequest: repeated with its key it is done once', async () => {
  for (const [kind, body] of [['complaint', BODIES.complaint.rejected], ['message', BODIES.message.spam],
    ['info_request', BODIES.info_request.assigned]]) {
    const {id} = await office.filed(kind);
    const header = {'If-Match': await office.tagOf(kind, id), 'Idempotency-Key': randomUUID()};
    const first = await office.move(kind, id, body, {header});
    const again = await office.move(kind, id, body, {header});
    assert.deepEqual(done(again), done(first));
    assert.deepEqual([first, again].map(({response}) => response.headers.get('Idempotent-Replayed')), [null, 'true']);
    refused(await office.move(kind, id, {to: 'assigned', unit_code: 'inspection'}, {header}), 422, 'idempotency_mismatch');
  }
});

test('transitionComplaint: needs the version that is known, and a unit that is there', async () => {
  const {id} = await office.filed('complaint');
  refused(await office.move('complaint', id, BODIES.complaint.assigned, {header: {}}), 428, 'precondition_required');
  refused(await office.move('complaint', id, BODIES.complaint.assigned, {header: {'If-Match': '"7"'}}), 412,
    'precondition_failed');
  refused(await office.move('complaint', id, {to: 'assigned', unit_code: 'nowhere'}), 422, 'unknown_unit');
  refused(await office.move('complaint', randomUUID(), BODIES.complaint.assigned), 404, 'not_found');
  faulty(await office.move('complaint', id, {to: 'assigned'}), 'body /unit_code required');
  faulty(await office.move('complaint', id, {to: 'answered'}), 'body /text required');
  faulty(await office.move('complaint', id, {to: 'rejected'}), 'body /reason required', 'body /reason_code required');
});

test('transitionComplaint, transitionMessage, transitionInfoRequest: what refuses or closes has a reason that the citizen reads, and a code', async () => {
  const endings = {complaint: [['in_progress', 'referred_out'], ['registered', 'rejected'], ['answered', 'closed']],
    message: [['received', 'spam'], ['received', 'no_reply_needed'], ['assigned', 'forwarded'], ['answered', 'closed']],
    info_request: [['assigned', 'rejected_vague'], ['appealed', 'appeal_upheld'], ['appealed', 'appeal_dismissed']]};
  for (const [kind, ways] of Object.entries(endings))
    for (const [from, to] of ways) {
      const {id, tracking_code: code} = await office.made(kind, from);
      const given = to === 'rejected' ? 'abusive' : 'asked_before';
      const moved = done(await office.move(kind, id, {...office.bodyOf(kind, to), reason_code: given}));
      const tracked = await office.tracked(code);
      assert.deepEqual([moved.reason_code, tracked.reason_code, tracked.reason], [given, given, BODIES[kind][to].reason], `${kind} ${to}`);
      assert.equal(moved.outcome?.reason_code, undefined);
    }
});

test('transitionComplaint: another round has a new clock and goes to inspection', async () => {
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  const {id} = await office.made('complaint', 'answered');
  const first = await office.shown('complaint', id);
  assert.deepEqual([first.due_on, first.closes_on, first.answered_days], ['2026-12-05', '2026-12-05', 0]);
  await house.moveClock(new Date('2026-11-28T08:00:00Z'));
  const again = done(await office.move('complaint', id, BODIES.complaint.in_progress, {who: office.inspector}));
  assert.deepEqual([again.round, again.unit_code, again.deadline.received_on, again.due_on, again.answered_at,
    again.answer, again.closes_on, again.received_at],
  [2, 'inspection', '2026-11-28', '2026-12-12', null, null, null, first.received_at]);
  const [row] = await house.query('SELECT * FROM case_clock WHERE case_id = $1', [id]);
  assert.deepEqual([row.deadline_version, row.steps_done, row.next_step_at], [2, 0, row.steps[0]]);
  await house.moveClock(new Date('2026-11-30T08:00:00Z'));
  const answered = done(await office.move('complaint', id, BODIES.complaint.answered));
  assert.deepEqual([answered.answered_days, answered.total_days], [2, 2]);
});

test('transitionComplaint: in Isfahan waiting for the citizen does not stop the clock', async () => {
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  const {id} = await office.made('complaint', 'awaiting_citizen');
  await house.moveClock(new Date('2026-12-06T08:00:00Z'));
  const waiting = await office.shown('complaint', id);
  assert.deepEqual([waiting.paused_at, waiting.due_on, waiting.overdue], [null, '2026-12-05', true]);
});

test('transitionComplaint: where the policy lets it stop, the pause is added and pure time is kept apart', async () => {
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  await policy('may_pause', true);
  const {id, tracking_code: code} = await office.made('complaint', 'awaiting_citizen');
  const [row] = await house.query('SELECT next_step_at FROM case_clock WHERE case_id = $1', [id]);
  assert.equal(row.next_step_at, null);
  await house.moveClock(new Date('2026-12-06T08:00:00Z')); // eleven working days later
  const waiting = await office.shown('complaint', id);
  assert.ok(waiting.paused_at);
  assert.deepEqual([waiting.overdue, waiting.escalation_level], [false, 0]);
  const resumed = done(await office.citizen('replies', code, {text: 'شمارهٔ ۱۲'}));
  assert.deepEqual([resumed.state, resumed.deadline.due_on, resumed.deadline.working_days], ['in_progress', '2026-12-20', 10]);
  assert.equal(resumed.deadline.explanation.at(-1).counted, 21);
  await house.moveClock(new Date('2026-12-08T08:00:00Z'));
  const answered = done(await office.move('complaint', id, BODIES.complaint.answered));
  assert.deepEqual([answered.answered_days, answered.total_days], [2, 13]);
  await policy('may_pause', false);
});

// --- a referral to another agency: the end, or followed to the answer ---

const {referred_out: REFERRED, in_progress: TAKEN_BACK, answered: ANSWERED, assigned: ASSIGNED} = BODIES.complaint;
const AGENCY = {agency: REFERRED.agency, agency_number: REFERRED.agency_number};

test('transitionComplaint: a referral ends the case where the policy says nothing else, and nothing leads on from it', async () => {
  await policy('follows_referrals', false);
  const {id, tracking_code: code} = await office.made('complaint', 'referred_out');
  await policy('follows_referrals', true);
  const before = await office.shown('complaint', id);
  assert.deepEqual([before.open, before.answer, before.outcome, before.allowed_transitions],
    [false, REFERRED.reason, AGENCY, []]);
  assert.ok(before.answered_at && before.closed_at);
  for (const who of [office.admin, office.inspector, office.head])
    for (const body of [ANSWERED, TAKEN_BACK, ASSIGNED, REFERRED])
      refused(await office.move('complaint', id, body, {who}), 409, 'state_conflict', {state: 'referred_out', allowed: []});
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.state, tracked.reason, tracked.outcome, tracked.may_reply, tracked.may_withdraw, tracked.may_accept,
    tracked.may_reopen, tracked.may_rate], ['referred_out', REFERRED.reason, AGENCY, false, false, false, false, true]);
  for (const [action, body] of [['withdraw'], ['acceptance'], ['reopen', {text: 'نه'}], ['replies', {text: 'نه'}]])
    refused(await office.citizen(action, code, body), 409, 'state_conflict', {state: 'referred_out'});
  assert.deepEqual(await office.shown('complaint', id), before);
});

test('transitionComplaint: a referral that is followed leaves the case open, its clock running, its citizen told', async () => {
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  const {id, tracking_code: code} = await office.made('complaint', 'referred_out');
  const referred = await office.shown('complaint', id);
  assert.deepEqual([referred.open, referred.answer, referred.answered_at, referred.closed_at, referred.paused_at, referred.due_on,
    referred.outcome, referred.reason], [true, null, null, null, null, '2026-12-05', AGENCY, REFERRED.reason]);
  const clock = async () => (await house.query('SELECT is_open, is_running, next_step_at IS NOT NULL AS climbs FROM case_clock WHERE case_id = $1', [id]))[0];
  assert.deepEqual(await clock(), {is_open: true, is_running: true, climbs: true});
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.state, tracked.answer, tracked.answered_at, tracked.reason, tracked.outcome, tracked.may_reply,
    tracked.may_withdraw, tracked.may_accept, tracked.may_reopen, tracked.may_rate],
  ['referred_out', null, null, REFERRED.reason, AGENCY, true, true, false, false, false]);
  assert.equal(tracked.timeline.at(-1).kind, 'complaint.referred_out');
  assert.equal(done(await office.citizen('replies', code, {text: 'از شهرداری خبری نشد.'})).state, 'referred_out');
  refused(await office.citizen('rating', code, {rating: 1}), 409, 'state_conflict', {state: 'referred_out'});

  await house.moveClock(new Date('2026-12-06T08:00:00Z'));
  const late = await office.shown('complaint', id);
  assert.deepEqual([late.overdue, late.escalation_level, late.deadline.working_days], [true, 3, 10]);
  const answered = done(await office.move('complaint', id, ANSWERED, {who: office.head}));
  assert.deepEqual([answered.state, answered.round, answered.answer, answered.outcome, answered.answered_days, answered.open],
    ['answered', 1, ANSWERED.text, AGENCY, 11, false]);
  assert.deepEqual(await clock(), {is_open: false, is_running: false, climbs: false});
  assert.equal(done(await office.citizen('reopen', code, {text: 'درست نشد.'})).outcome, null);
});

test('transitionComplaint: what the other agency sends back goes on in its round and under its deadline', async () => {
  await house.moveClock(new Date('2026-11-21T08:00:00Z'));
  const {id} = await office.made('complaint', 'referred_out');
  await house.moveClock(new Date('2026-11-28T08:00:00Z'));
  const back = done(await office.move('complaint', id, TAKEN_BACK, {who: office.inspector}));
  assert.deepEqual([back.state, back.round, back.due_on, back.unit_code, back.open], ['in_progress', 1, '2026-12-05', ASSIGNED.unit_code, true]);
  assert.deepEqual(back.timeline.slice(-2).map(({kind}) => kind), ['complaint.referred_out', 'complaint.in_progress']);
  const again = done(await office.move('complaint', id, {...REFERRED, agency: 'ادارهٔ آب'}, {who: office.inspector}));
  assert.deepEqual([again.state, again.outcome], ['referred_out', {...AGENCY, agency: 'ادارهٔ آب'}]);
});

test('transitionComplaint: what a referral means was settled when it was made, whatever the policy says since', async () => {
  const {id: followed} = await office.made('complaint', 'referred_out');
  await policy('follows_referrals', false);
  const {id: ended} = await office.made('complaint', 'referred_out');
  await policy('follows_referrals', true);
  refused(await office.move('complaint', ended, ANSWERED), 409, 'state_conflict', {state: 'referred_out', allowed: []});
  await policy('follows_referrals', false);
  assert.equal(done(await office.move('complaint', followed, ANSWERED)).state, 'answered');
  await policy('follows_referrals', true);
});
