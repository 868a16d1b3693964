// Rewards for suggestions: proposed, decided, paid, split to the last rial, taken back by entries of their own; and what the
// database refuses whoever asks.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf} from '../lib/casework.mjs';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {treasuryOf} from '../lib/treasury.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const treasury = treasuryOf(office);
const THREE = {co_suggesters: [{name: 'نرگس موسوی', share: 33.33}, {name: 'رضا رضایی', share: 33.33}], share: 33.34};
const sums = ({state, proposed, decided, paid}) => [state, proposed, decided, paid];
const parts = (reward, kind) => reward.lines.map((line) => line[kind]);
const entriesOf = (reward, kind) => reward.entries.filter((entry) => entry.kind === kind);

test('proposeReward, decideReward, payReward: from the chair to the account, with the author told', async () => {
  const {id, tracking_code: code} = await treasury.approved(THREE);
  assert.equal((await office.tracked(code)).suggestion.reward, null);
  const reward = done(await treasury.propose(id, {for: 'submitters', amount: 100_000_000, text: 'برای صرفه‌جویی'}), 201);
  assert.deepEqual(sums(reward), ['proposed', 100_000_000, 0, 0]);
  assert.deepEqual(parts(reward, 'proposed'), [33_340_000, 33_330_000, 33_330_000]);
  assert.deepEqual(reward.lines.map(({beneficiary, share}) => [beneficiary, share]),
    [['submitter', 33.34], ['co_suggester', 33.33], ['co_suggester', 33.33]]);
  assert.deepEqual((await office.tracked(code)).suggestion.reward, {state: 'proposed', decided: 0, paid: 0, benefits: []});
  refused(await treasury.pay(id, reward.id, {line: 0}), 409, 'not_decided');
  const decided = done(await treasury.decide(id, reward.id, {amount: 10}));
  assert.deepEqual([sums(decided), parts(decided, 'decided')], [['decided', 100_000_000, 10, 0], [4, 3, 3]]);
  refused(await treasury.decide(id, reward.id), 409, 'already_decided');
  assert.deepEqual(sums(done(await treasury.pay(id, reward.id, {line: 0, amount: 3, reference: 'حوالهٔ ۱'}))), ['decided', 100_000_000, 10, 3]);
  refused(await treasury.pay(id, reward.id, {line: 0, amount: 2}), 409, 'over_decided');
  assert.deepEqual((await office.tracked(code)).suggestion.reward, {state: 'decided', decided: 4, paid: 3, benefits: []});
  for (const line of [0, 1, 2]) done(await treasury.pay(id, reward.id, {line}));
  refused(await treasury.pay(id, reward.id, {line: 0}), 409, 'over_decided');
  refused(await treasury.pay(id, reward.id, {line: 3}), 404, 'not_found');
  const {items} = done(await treasury.list(id));
  assert.deepEqual([items.length, sums(items[0]), parts(items[0], 'paid')], [1, ['paid', 100_000_000, 10, 10], [4, 3, 3]]);
  assert.deepEqual((await office.tracked(code)).suggestion.reward, {state: 'paid', decided: 4, paid: 4, benefits: []});
  const [{session}] = await house.query('SELECT count(session_id)::int AS session FROM reward_entry WHERE reward_id = $1', [reward.id]);
  assert.equal(session, 3); // the proposals name the session
});

test('proposeReward: participants and things other than money', async () => {
  const {id, tracking_code: code} = await treasury.approved();
  const expert = done(await treasury.propose(id, {for: 'participant', name: 'مهندس صادقی', role: 'کارشناس', amount: 5000}), 201);
  assert.deepEqual(expert.lines, [{line: 0, beneficiary: 'participant', name: 'مهندس صادقی', role: 'کارشناس', share: null,
    state: 'proposed', proposed: 5000, decided: 0, paid: 0}]);
  const plaque = done(await treasury.propose(id, {for: 'submitters', benefit: 'لوح تقدیر'}), 201);
  assert.deepEqual([plaque.benefit, ...sums(plaque)], ['لوح تقدیر', 'proposed', null, null, null]);
  refused(await treasury.decide(id, plaque.id, {amount: 1}), 422, 'amount_or_benefit');
  done(await treasury.decide(id, plaque.id));
  done(await treasury.decide(id, expert.id));
  assert.equal(done(await treasury.pay(id, plaque.id, {line: 0})).state, 'paid');
  refused(await treasury.pay(id, plaque.id, {line: 0}), 409, 'over_decided');
  assert.deepEqual((await office.tracked(code)).suggestion.reward,
    {state: 'paid', decided: 0, paid: 0, benefits: ['لوح تقدیر']}); // nothing of the expert's
  refused(await treasury.propose(id, {for: 'submitters', amount: 1, benefit: 'لوح'}), 422, 'amount_or_benefit');
  refused(await treasury.propose(id, {for: 'submitters'}), 422, 'amount_or_benefit');
  refused(await treasury.propose(id, {for: 'participant', amount: 1}), 422, 'participant_needed');
  refused(await treasury.propose(id, {for: 'submitters', name: 'دیگری', amount: 1}), 422, 'participant_needed');
  faulty(await treasury.propose(id, {for: 'friends', amount: 0, share: 1}), 'body /for not_allowed', 'body /amount too_small',
    'body /share unknown_member');
});

test('proposeReward: only for what was approved, and never for an anonymous suggestion', async () => {
  const judged = await office.made('suggestion', 'committee');
  refused(await treasury.propose(judged.id, {for: 'submitters', amount: 1}), 409, 'state_conflict', {state: 'committee'});
  const anonymous = await office.made('suggestion', 'approved', {suggester: undefined});
  for (const body of [{for: 'submitters', amount: 1}, {for: 'participant', name: 'کارشناس', amount: 1}])
    refused(await treasury.propose(anonymous.id, body), 409, 'anonymous_no_reward');
  refused(await treasury.propose(randomUUID(), {for: 'submitters', amount: 1}), 404, 'not_found');
  assert.deepEqual(done(await treasury.list(anonymous.id)).items, []);
});

test('decideReward: not more than was proposed; a refusal takes the proposal back', async () => {
  const {id} = await treasury.approved(THREE);
  const reward = done(await treasury.propose(id, {for: 'submitters', amount: 100}), 201);
  refused(await treasury.decide(id, reward.id, {amount: 101}), 409, 'over_proposed');
  refused(await treasury.decide(id, randomUUID()), 404, 'not_found');
  const refusal = done(await treasury.decide(id, reward.id, {granted: false, text: 'بودجه نیست.'}));
  assert.deepEqual([sums(refusal), refusal.entries.map(({amount}) => amount)],
    [['none', 0, 0, 0], [34, 33, 33, -34, -33, -33]]);
  refused(await treasury.decide(id, reward.id), 409, 'not_proposed');
});

test('decideReward: every smaller sum can be granted, whatever the rests', async () => {
  const {id} = await treasury.approved({share: 60, co_suggesters: [{name: 'نرگس موسوی', share: 20}, {name: 'رضا رضایی', share: 20}]});
  for (let amount = 1; amount <= 8; amount++) {
    const reward = done(await treasury.propose(id, {for: 'submitters', amount: 8}), 201);
    const decided = done(await treasury.decide(id, reward.id, {amount}));
    assert.equal(parts(decided, 'decided').reduce((a, b) => a + b), amount);
  }
});

test('reverseRewardEntry: takes one entry back, the later ones first, by who may make it', async () => {
  const [id, reward] = await treasury.granted(1000);
  const paid = done(await treasury.pay(id, reward.id, {line: 0}));
  const [payment] = entriesOf(paid, 'paid');
  const [decision] = entriesOf(paid, 'decided');
  const [proposal] = entriesOf(paid, 'proposed');
  refused(await treasury.reverse(id, reward.id, decision.id, {who: office.approver}), 409, 'later_entries_stand');
  refused(await treasury.reverse(id, reward.id, proposal.id, {who: office.chair}), 409, 'later_entries_stand');
  refused(await treasury.reverse(id, reward.id, payment.id, {who: office.approver}), 403, 'forbidden');
  refused(await treasury.reverse(id, reward.id, payment.id, {who: office.expert}), 403, 'forbidden');
  const header = {'Idempotency-Key': randomUUID()};
  const undone = done(await treasury.reverse(id, reward.id, payment.id, {header}));
  assert.deepEqual([sums(undone), undone.entries.at(-1).amount, undone.entries.at(-1).reverses],
    [['decided', 1000, 1000, 0], -1000, payment.id]);
  assert.deepEqual(done(await treasury.reverse(id, reward.id, payment.id, {header})), undone);
  refused(await treasury.reverse(id, reward.id, payment.id), 409, 'already_reversed');
  refused(await treasury.reverse(id, reward.id, undone.entries.at(-1).id), 409, 'already_reversed');
  done(await treasury.reverse(id, reward.id, decision.id, {who: office.approver}));
  const again = done(await treasury.decide(id, reward.id, {amount: 400}));
  assert.deepEqual(sums(done(await treasury.pay(id, again.id, {line: 0}))), ['paid', 1000, 400, 400]);
});

test('proposeReward, decideReward, payReward: repeated with their key they are done once', async () => {
  const {id} = await treasury.approved();
  const keyed = () => ({header: {'Idempotency-Key': randomUUID()}});
  const twice = async (ask, status) => {
    const options = keyed();
    const [first, again] = [await ask(options), await ask(options)];
    assert.deepEqual([done(again, status), again.response.headers.get('Idempotent-Replayed')], [done(first, status), 'true']);
    return first.data;
  };
  const {id: reward} = await twice((options) => treasury.propose(id, {for: 'submitters', amount: 90}, options), 201);
  await twice((options) => treasury.decide(id, reward, {}, options), 200);
  const paid = await twice((options) => treasury.pay(id, reward, {line: 0, amount: 30}, options), 200);
  assert.deepEqual(sums(paid), ['decided', 90, 90, 30]);
  const options = keyed();
  done(await treasury.pay(id, reward, {line: 0, amount: 1}, options));
  refused(await treasury.pay(id, reward, {line: 0, amount: 2}, options), 422, 'idempotency_mismatch');
});

test('payReward, decideReward: fifty at once by two servers never pay or decide too much', async () => {
  const second = await house.startServer({worker: 'off'});
  const clients = async (role) => [office[role], clientOf(second.url, (await house.keyOf(role)).key)];
  const {id} = await treasury.approved();
  const {id: reward} = done(await treasury.propose(id, {for: 'submitters', amount: 100}), 201);
  const deciders = await clients('approver');
  const decisions = await Promise.all(Array.from({length: 10}, (_, i) => treasury.decide(id, reward, {}, {who: deciders[i % 2]})));
  assert.equal(decisions.filter(({response}) => response.status === 200).length, 1);
  const payers = await clients('office');
  const payments = await Promise.all(Array.from({length: 50}, (_, i) =>
    treasury.pay(id, reward, {line: 0, amount: 7}, {who: payers[i % 2]})));
  const codes = payments.map(({response, error}) => error?.code ?? response.status);
  assert.deepEqual([codes.filter((c) => c === 200).length, codes.filter((c) => c === 'over_decided').length], [14, 36]);
  assert.deepEqual(sums(done(await treasury.list(id)).items[0]), ['decided', 100, 100, 98]);
  await second.stop();
});

// --- the database by itself ---

const COPY = `INSERT INTO reward_entry (id, org_id, suggestion_id, reward_id, line, kind, sign, amount, beneficiary, name, share,
  refers_to, reverses, at, actor_id)
  SELECT gen_random_uuid(), e.org_id, e.suggestion_id, e.reward_id, e.line, $2, $3, $4, e.beneficiary, e.name, e.share, $5, $6,
    now(), e.actor_id FROM reward_entry e WHERE e.id = $1`;

test('the ledger refuses by itself what is too much, whoever writes it', async () => {
  const [id, reward] = await treasury.granted(1000);
  const [decision] = entriesOf(reward, 'decided');
  const [proposal] = entriesOf(reward, 'proposed');
  const write = (origin, kind, sign, amount, refers, reverses) => house.query(COPY, [origin, kind, sign, amount, refers, reverses]);
  await assert.rejects(write(decision.id, 'paid', 1, 1001, decision.id, null), {code: '23514'});
  await assert.rejects(write(decision.id, 'decided', 1, 1, proposal.id, null), {code: '23514'});
  await assert.rejects(write(decision.id, 'paid', 1, 1, proposal.id, null), {code: '23514'}); // a payment of a proposal
  await assert.rejects(write(decision.id, 'proposed', -1, 1000, null, proposal.id), {code: '23514'}); // decided already
  await assert.rejects(write(decision.id, 'decided', -1, 999, proposal.id, decision.id), {code: '23514'}); // not the whole
  await assert.rejects(write(decision.id, 'paid', 1, -5, decision.id, null), {code: '23514'});
  await write(decision.id, 'paid', 1, 1000, decision.id, null);
  await assert.rejects(write(decision.id, 'paid', 1, 1, decision.id, null), {code: '23514'});
  await assert.rejects(write(decision.id, 'decided', -1, 1000, proposal.id, decision.id), {code: '23514'}); // paid already
  const two = await Promise.allSettled([1, 2].map(() => write(proposal.id, 'proposed', 1, 5, null, null)));
  assert.ok(two.every(({status}) => status === 'fulfilled')); // proposing more is no fault
  assert.deepEqual(sums(done(await treasury.list(id)).items[0]), ['paid', 1010, 1000, 1000]);
});

test('the ledger refuses two payments at once that are too much together', async () => {
  const [id, reward] = await treasury.granted(1000);
  const [decision] = entriesOf(reward, 'decided');
  const write = () => house.query(COPY, [decision.id, 'paid', 1, 600, decision.id, null]);
  const results = await Promise.allSettled([write(), write()]);
  assert.deepEqual(results.map(({status}) => status).sort(), ['fulfilled', 'rejected']);
  assert.deepEqual(sums(done(await treasury.list(id)).items[0]), ['decided', 1000, 1000, 600]);
});

test('the ledger is never changed, and knows no anonymous suggestion', async () => {
  const [id, reward] = await treasury.granted();
  for (const sql of ['UPDATE reward_entry SET amount = 1', 'DELETE FROM reward_entry', 'TRUNCATE reward_entry',
    'TRUNCATE casefile CASCADE']) await assert.rejects(house.query(sql), {code: '23000'});
  assert.deepEqual(done(await treasury.list(id)).items, [reward]);
  const {id: anonymous} = await office.made('suggestion', 'approved', {suggester: undefined});
  await assert.rejects(house.query(`INSERT INTO reward_entry (id, org_id, suggestion_id, reward_id, line, kind, sign, amount,
    beneficiary, name, at, actor_id) SELECT gen_random_uuid(), e.org_id, $2, gen_random_uuid(), 0, 'proposed', 1, 5, 'participant',
    'x', now(), e.actor_id FROM reward_entry e WHERE e.reward_id = $1 LIMIT 1`, [reward.id, anonymous]), {code: '23514'});
});

// --- who sees, who may ---

test('listRewardYears: the public sees sums by year, reversals taken off', async () => {
  const sem = treasuryOf(await caseworkOf(house, 'semnan'));
  assert.deepEqual(done(await sem.years()).items, []);
  await house.moveClock(new Date('2027-03-10T08:00:00Z')); // 1405-12-19
  const [id, reward] = await sem.granted(1000);
  const {entries} = done(await sem.pay(id, reward.id, {line: 0, amount: 400}));
  await house.moveClock(new Date('2027-03-25T08:00:00Z')); // 1406-01-05
  done(await sem.reverse(id, reward.id, entries.at(-1).id));
  done(await sem.pay(id, reward.id, {line: 0, amount: 900}));
  const expert = done(await sem.propose(id, {for: 'participant', name: 'کارشناس', amount: 50}), 201);
  done(await sem.decide(id, expert.id));
  done(await sem.pay(id, expert.id, {line: 0}));
  assert.deepEqual(done(await sem.years()), {next: null, items: [
    {year: 1405, suggestions: 1, proposed: 1000, decided: 1000, paid: 400, paid_to_submitters: 400, paid_to_participants: 0, benefits: 0},
    {year: 1406, suggestions: 1, proposed: 50, decided: 50, paid: 550, paid_to_submitters: 500, paid_to_participants: 50, benefits: 0}]});
});

const ASKS = {
  proposeReward: ['chair', (who) => treasury.propose(randomUUID(), {for: 'submitters', amount: 1}, {who})],
  decideReward: ['approver', (who) => treasury.decide(randomUUID(), randomUUID(), {}, {who})],
  payReward: ['office', (who) => treasury.pay(randomUUID(), randomUUID(), {line: 0}, {who})],
};

for (const [operation, [role, ask]] of Object.entries(ASKS))
  test(`${operation}: is for the ${role}`, async () => {
    refused(await ask(office.anyone), 401, 'unauthorized');
    for (const other of ['expert', 'head', 'secretary', 'member', 'clerk', 'chair', 'approver', 'office'].filter((r) => r !== role))
      refused(await ask(office[other]), 403, 'forbidden');
    refused(await ask(await house.client(role, 'semnan')), 403, 'forbidden');
    refused(await ask(office[role]), 404, 'not_found');
  });

test('listRewards, reverseRewardEntry: are for staff of this organisation', async () => {
  const [id, reward] = await treasury.granted();
  refused(await treasury.list(id, office.anyone), 401, 'unauthorized');
  refused(await treasury.list(id, await house.client('office', 'semnan')), 403, 'forbidden');
  refused(await treasury.list(randomUUID()), 404, 'not_found');
  refused(await treasury.reverse(id, reward.id, randomUUID()), 404, 'not_found');
  refused(await treasury.reverse(id, randomUUID(), reward.entries[0].id, {who: office.chair}), 404, 'not_found');
  refused(await treasury.reverse(id, reward.id, reward.entries[0].id, {who: office.secretary}), 403, 'forbidden');
});
