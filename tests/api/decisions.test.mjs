// What a committee decides about suggestions: quorum, scores, minutes and the chair, and who judges an appeal.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {BODIES, caseworkOf} from '../lib/casework.mjs';
import {done, refused} from '../lib/client.mjs';
import {chamberOf, MINUTES, points} from '../lib/committee.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const office = await caseworkOf(house);
const chamber = await chamberOf(house);
const {approved, rejected} = BODIES.suggestion;

// A suggestion before the committee, not judged yet: its receipt.
async function brought(changes) {
  const receipt = await office.filed('suggestion', changes);
  const move = async (to) => done(await office.move('suggestion', receipt.id, office.bodyOf('suggestion', to)));
  await move('screening');
  await move('expert_review');
  done(await office.opine(receipt.id), 201);
  await move('committee');
  return receipt;
}
const decide = (id, person, body = approved) => office.move('suggestion', id, body, {who: person.client});
const AGAIN = {to: 'expert_review', experts: undefined};

test('transitionSuggestion: three members and one recusal, from session to decision, with the text to the author', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const {id, tracking_code: code} = await brought();
  const number = await committee.opened([id]);
  done(await committee.recuse(number, id, maryam));
  await committee.voted(number, id, chair);
  await committee.voted(number, id, ali);
  await committee.closed(number);
  for (const person of [ali, maryam]) refused(await decide(id, person), 403, 'forbidden');
  assert.equal(done(await decide(id, chair)).state, 'approved');
  const tracked = await office.tracked(code);
  assert.deepEqual([tracked.state, tracked.answer, tracked.messages.at(-1).text], ['approved', approved.text, approved.text]);
});

test('transitionSuggestion: no decision without a session, while it is open, without minutes', async () => {
  const committee = await chamber.seated();
  const {chair} = committee;
  const {id} = await brought();
  refused(await decide(id, chair), 409, 'session_needed');
  const {number: cancelled} = done(await chamber.plan(committee.code), 201);
  done(await chamber.addItem(committee.code, cancelled, id));
  refused(await decide(id, chair), 409, 'session_needed');
  done(await committee.move(cancelled, {to: 'cancelled', reason: 'تعطیلی رسمی'}));
  const number = await committee.opened([id]);
  for (const person of committee.people) await committee.voted(number, id, person);
  for (const body of [approved, rejected, AGAIN]) refused(await decide(id, chair, body), 409, 'minutes_missing');
  done(await chamber.patchSession(committee.code, number, {minutes: MINUTES}));
  refused(await decide(id, chair), 409, 'session_needed');
  done(await committee.move(number, {to: 'closed'}));
  assert.equal(done(await decide(id, chair, rejected)).state, 'rejected');
});

test('transitionSuggestion: a session under quorum cannot decide', async () => {
  const committee = await chamber.seated();
  const {chair, ali} = committee;
  const {id} = await brought();
  const number = await committee.opened([id], {present: [chair.member, ali.member]});
  done(await committee.recuse(number, id, ali));
  await committee.voted(number, id, chair);
  await committee.closed(number);
  for (const body of [approved, rejected, AGAIN]) refused(await decide(id, chair, body), 409, 'under_quorum');
  await committee.judged(id);
  assert.equal(done(await decide(id, chair)).state, 'approved');
});

test('transitionSuggestion: every member present must have scored or abstained, and somebody scored', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const {id} = await brought();
  const first = await committee.opened([id]);
  await committee.voted(first, id, chair);
  await committee.voted(first, id, ali);
  done(await committee.vote(first, id, maryam, {points: points(1, 1)})); // a draft
  await committee.closed(first);
  for (const body of [approved, rejected]) refused(await decide(id, chair, body), 409, 'scores_missing');
  const second = await committee.opened([id]);
  for (const person of committee.people) done(await committee.vote(second, id, person, {abstains: true, submit: true}));
  await committee.closed(second);
  refused(await decide(id, chair), 409, 'scores_missing');
  assert.equal(done(await decide(id, chair, AGAIN)).state, 'expert_review'); // for that no scores are needed
});

test('transitionSuggestion: what was judged before another review does not decide after it', async () => {
  const committee = await chamber.seated();
  const {id} = await brought();
  await committee.judged(id);
  done(await decide(id, committee.chair, AGAIN));
  done(await office.opine(id), 201);
  done(await office.move('suggestion', id, {to: 'committee'}));
  refused(await decide(id, committee.chair), 409, 'session_needed');
  await committee.judged(id);
  assert.equal(done(await decide(id, committee.chair)).state, 'approved');
});

test('transitionSuggestion: the decision is for whoever presided: not another chair, nor one who was recused', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam, code} = committee;
  const stranger = await chamber.person('chair');
  const {id} = await brought();
  const number = await committee.opened([id]);
  done(await committee.recuse(number, id, chair));
  for (const person of [ali, maryam]) await committee.voted(number, id, person);
  await committee.closed(number);
  refused(await decide(id, chair), 409, 'chair_missing');
  const deputy = await chamber.person('chair', 'جانشین');
  deputy.member = done(await chamber.appoint(code, {key_id: deputy.id, name: deputy.name, office: 'deputy'}), 201).id;
  const again = await committee.opened([id], {present: [...committee.members, deputy.member]});
  done(await committee.recuse(again, id, chair));
  for (const person of [ali, maryam, deputy]) await committee.voted(again, id, person);
  await committee.closed(again);
  for (const person of [chair, stranger, {client: office.admin}]) refused(await decide(id, person), 403, 'not_the_chair');
  assert.equal(done(await decide(id, deputy)).state, 'approved');
});

test('transitionSuggestion: an appeal goes to other members or another chair', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam, code} = committee;
  const {id, tracking_code: code_} = await brought();
  await committee.judged(id);
  done(await decide(id, chair, rejected));
  done(await office.citizen('reopen', code_, {text: 'هزینه‌اش را درست نسنجیده‌اید.'}));
  done(await office.move('suggestion', id, {to: 'committee'}, {who: office.secretary}));
  refused(await decide(id, chair), 409, 'session_needed');
  await committee.judged(id);
  refused(await decide(id, chair), 409, 'same_members');
  await committee.judged(id, {people: [chair, ali], present: [chair.member, ali.member]}); // fewer of the same
  refused(await decide(id, chair), 409, 'same_members');
  done(await chamber.dismiss(code, maryam.member), 204);
  maryam.member = done(await chamber.appoint(code, {key_id: maryam.id, name: maryam.name, office: 'member'}), 201).id;
  await committee.judged(id, {present: [chair.member, ali.member, maryam.member]}); // a new term of the same person
  refused(await decide(id, chair), 409, 'same_members');
  const fresh = await chamber.person('member', 'نرگس موسوی');
  fresh.member = done(await chamber.appoint(code, {key_id: fresh.id, name: fresh.name, office: 'member'}), 201).id;
  await committee.judged(id, {people: [chair, ali, fresh], present: [chair.member, ali.member, fresh.member]});
  assert.equal(done(await decide(id, chair)).state, 'approved');
});

test('transitionSuggestion: an appeal may go to another chair with the same members', async () => {
  const first = await chamber.seated();
  const {id, tracking_code: code} = await brought();
  await first.judged(id);
  done(await decide(id, first.chair, rejected));
  done(await office.citizen('reopen', code, {text: 'نه'}));
  done(await office.move('suggestion', id, {to: 'committee'}, {who: office.secretary}));
  const second = await chamber.seated({others: [first.ali, first.maryam]});
  await second.judged(id);
  assert.equal(done(await decide(id, second.chair)).state, 'approved');
});
