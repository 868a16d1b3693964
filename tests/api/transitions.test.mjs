// Every pair of stored states is tried, drawn from the table in src/domain/lifecycle.c: what has a row succeeds for
// whoever holds its permission and for nobody else, all the rest is a conflict that names what would be possible. A
// new row fails here until it has a way to be reached.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done, refused} from '../lib/client.mjs';
import {deskOf, later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {CITIZEN, holderOf, LINES, permissionsOf, rowOf, ROWS, rowsOf} from '../lib/lifecycle.mjs';

// Somebody who reads everything and may do nothing.
const ONLOOKER = 'inspector';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);

// --- drafts ---

const REASON = {reason: 'به دلیلی که همه می‌خوانند'};
const DRAFT_BODIES = {
  published: {to: 'published'},
  reviewing: {to: 'reviewing'},
  approved: {to: 'approved'},
  promulgated: {to: 'promulgated', number: '۱', date: '2027-01-10'},
  sent: {to: 'sent', authority: 'مجلس', letter_number: '۱'},
  exempted: {to: 'exempted', reason_code: 'urgent', ...REASON},
  withdrawn: {to: 'withdrawn', ...REASON},
};
const exempt = async (changes) => done(await desk.move((await desk.begun(changes)).id, DRAFT_BODIES.exempted));
const issue = (to) => async (changes) =>
  done(await desk.move((await desk.approved(changes)).id, DRAFT_BODIES[to], {who: desk.office}));

// How a draft comes to be in each stored state.
const DRAFT_STATES = {
  preparing: (changes) => desk.begun(changes),
  published: (changes) => desk.opened(changes),
  reviewing: (changes) => desk.reviewed(changes),
  approved: (changes) => desk.approved(changes),
  promulgated: issue('promulgated'),
  sent: issue('sent'),
  exempted: exempt,
  withdrawn: async (changes) => done(await desk.move((await desk.begun(changes)).id, DRAFT_BODIES.withdrawn)),
};

// What must be so before a row can succeed, and what its request must say, beyond DRAFT_BODIES.
const DRAFT_MOVES = {
  'published→published': async (draft) => ({closes_at: later(draft.closes_at, 1), ...REASON}),
  'published→reviewing': async (draft) => void (await desk.close(draft)),
};

// The kind of draft that ends as `state` does, or as the target would.
const kindFor = (...states) => (states.includes('sent') ? 'tariff' : 'directive');

test('the table of transitions could be read, with a permission and somebody who holds it in every row', () => {
  assert.ok(ROWS.length >= 20);
  assert.equal(ROWS.length, LINES);
  for (const row of ROWS) assert.ok(row.permission === CITIZEN || holderOf(row.permission), JSON.stringify(row));
  const states = new Set(ROWS.filter((row) => row.thing === 'DRAFT').flatMap(({from, to}) => [from, to]));
  assert.deepEqual([...states].sort(), Object.keys(DRAFT_STATES).sort());
});

for (const {from, to, permission, needsReason} of ROWS.filter((row) => row.thing === 'DRAFT'))
  test(`transitionDraft: ${from} → ${to} is for whoever holds ${permission}`, async () => {
    const draft = await DRAFT_STATES[from]({kind: kindFor(from, to)});
    const body = {...DRAFT_BODIES[to], ...(await DRAFT_MOVES[`${from}→${to}`]?.(draft))};
    const who = desk[holderOf(permission)];
    refused(await desk.move(draft.id, body, {who: desk[ONLOOKER]}), 403, 'forbidden');
    refused(await desk.move(draft.id, body, {who: desk.anyone}), 401, 'unauthorized');
    if (needsReason) {
      const {response, error} = await desk.move(draft.id, {...body, reason: undefined}, {who});
      assert.equal(response.status, 422);
      assert.ok(error.code === 'reason_needed' || error.errors.some((fault) => fault.pointer === '/reason'));
    }
    const moved = done(await desk.move(draft.id, body, {who}));
    assert.deepEqual(moved.allowed_transitions, rowsOf('DRAFT', to)
      .filter((row) => permissionsOf(holderOf(permission)).includes(row.permission))
      .map((row) => row.to));
    const stored = await house.query('SELECT state FROM draft WHERE id = $1', [draft.id]);
    assert.equal(stored[0].state, to);
  });

for (const from of Object.keys(DRAFT_STATES))
  test(`transitionDraft: from ${from} there is no other way, and the answer names those that there are`, async () => {
    const draft = await DRAFT_STATES[from]({kind: kindFor(from)});
    const {allowed_transitions: shown} = done(await desk.get(draft.id, desk.admin));
    const allowed = rowsOf('DRAFT', from).map((row) => row.to);
    assert.deepEqual(shown, allowed);
    const shownState = from === 'published' ? 'open' : from;
    for (const [to, body] of Object.entries(DRAFT_BODIES).filter(([target]) => !rowOf('DRAFT', from, target))) {
      const result = await desk.move(draft.id, body, {who: desk.admin});
      const endsOtherwise = ['promulgated', 'sent'].includes(to) && to !== (kindFor(from) === 'tariff' ? 'sent' : 'promulgated');
      if (endsOtherwise) refused(result, 409, 'ends_otherwise');
      else refused(result, 409, 'state_conflict', {state: shownState, allowed});
      const narrow = await desk.move(draft.id, body, {who: desk[ONLOOKER]});
      if (!endsOtherwise) refused(narrow, 409, 'state_conflict', {state: shownState, allowed: []});
    }
    assert.deepEqual(done(await desk.get(draft.id, desk.admin)).updated_at, draft.updated_at);
  });

// --- comments ---

const JUDGED = {reason_code: 'off_topic', reason: 'به این پیش‌نویس مربوط نیست.'};
const COMMENT_BODIES = {
  published: {to: 'published'},
  withheld: {to: 'withheld', ...JUDGED},
  rejected: {to: 'rejected', ...JUDGED},
};
const {id: draftId} = await desk.opened({}, {closes_at: later(new Date(), 3650)}); // the clock will move far
const moderated = (body) => async () => {
  const receipt = await desk.pending(draftId);
  done(await desk.moderate(receipt.id, body));
  return receipt;
};
const COMMENT_STATES = {
  pending: () => desk.pending(draftId),
  published: () => desk.filed(draftId),
  withheld: moderated(COMMENT_BODIES.withheld),
  rejected: moderated(COMMENT_BODIES.rejected),
  withdrawn: async () => {
    const receipt = await desk.pending(draftId);
    const header = {'Tracking-Code': receipt.tracking_code};
    done(await desk.anyone.POST('/v1/track/withdraw', {params: {header}}));
    return receipt;
  },
};

for (const [from, make] of Object.entries(COMMENT_STATES))
  for (const [to, body] of Object.entries(COMMENT_BODIES)) {
    const row = rowOf('COMMENT', from, to);
    if (row)
      test(`transitionComment: ${from} → ${to} is for whoever holds ${row.permission}`, async () => {
        const {id} = await make();
        refused(await desk.moderate(id, body, {who: desk[ONLOOKER]}), 403, 'forbidden');
        const moved = done(await desk.moderate(id, body, {who: desk[holderOf(row.permission)]}));
        assert.deepEqual([moved.state, moved.allowed_transitions],
          [to, rowsOf('COMMENT', to).map((next) => next.to)]);
      });
    else
      test(`transitionComment: ${from} → ${to} is a conflict that names what is possible`, async () => {
        const {id} = await make();
        const allowed = rowsOf('COMMENT', from).map((next) => next.to);
        refused(await desk.moderate(id, body, {who: desk.admin}), 409, 'state_conflict', {state: from, allowed});
        refused(await desk.moderate(id, body, {who: desk[ONLOOKER]}), 409, 'state_conflict', {state: from, allowed: []});
        assert.deepEqual(done(await desk.getComment(id, desk.admin)).allowed_transitions, allowed);
      });
  }

test('the table of transitions of comments has no state that is not tried', () => {
  const states = ROWS.filter((row) => row.thing === 'COMMENT').flatMap(({from, to}) => [from, to]);
  assert.deepEqual([...new Set(states)].filter((state) => !(state in COMMENT_STATES)), []);
  const targets = ROWS.filter((row) => row.thing === 'COMMENT').map(({to}) => to);
  assert.deepEqual([...new Set(targets)].filter((target) => !(target in COMMENT_BODIES)), []);
});
