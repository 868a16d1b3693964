// Judging committees: founding, members, criteria, sessions, ballots that stay secret, conflicts of interest, results.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {chamberOf, CRITERIA, MINUTES, QUORUM} from '../lib/committee.mjs';
import {startHouse} from '../lib/house.mjs';
import {rowsOf} from '../lib/lifecycle.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const chamber = await chamberOf(house);
const {anyone, secretary} = chamber;

const NEW = {code: 'first', name_fa: 'کمیتهٔ نخست', name_en: 'First committee', quorum: QUORUM};

// --- committees ---

test('createCommittee, getCommittee: a committee is founded once and public at once', async () => {
  const header = {'Idempotency-Key': randomUUID()};
  const first = await chamber.found(NEW, {header});
  const committee = done(first, 201);
  assert.deepEqual([committee.code, committee.quorum, committee.members, committee.criteria], ['first', QUORUM, [], []]);
  assert.ok(first.response.headers.get('Location').endsWith('/committees/first'));
  const again = await chamber.found(NEW, {header});
  assert.deepEqual([done(again, 201), again.response.headers.get('Idempotent-Replayed')], [committee, 'true']);
  refused(await chamber.found({...NEW, name_en: 'Other'}, {header}), 422, 'idempotency_mismatch');
  refused(await chamber.found(NEW), 409, 'code_taken');
  refused(await chamber.found({...NEW, code: 'x', quorum: {members: 1, numerator: 3, denominator: 2}}), 422, 'quorum_impossible');
  assert.deepEqual(done(await chamber.get('first')), committee);
  refused(await chamber.get('nobody'), 404, 'not_found');
});

test('createCommittee: names every fault', async () => {
  faulty(await chamber.found({}), 'body /code required', 'body /name_fa required', 'body /name_en required',
    'body /quorum required');
  faulty(await chamber.found({...NEW, code: 'A b', quorum: {members: 0, numerator: -1, denominator: 0}}),
    'body /code wrong_format', 'body /quorum/members too_small', 'body /quorum/numerator too_small',
    'body /quorum/denominator too_small');
});

test('changeCommittee: needs the version that is known', async () => {
  const {code} = await chamber.seated();
  const tag = etagOf(await chamber.get(code, secretary));
  const changed = done(await chamber.patch(code, {quorum: {members: 3}, name_fa: 'کمیتهٔ نو'}, {header: {'If-Match': tag}}));
  assert.deepEqual([changed.quorum, changed.name_fa], [{...QUORUM, members: 3}, 'کمیتهٔ نو']);
  refused(await chamber.patch(code, {name_fa: 'دیگر'}, {header: {'If-Match': tag}}), 412, 'precondition_failed');
  refused(await chamber.patch(code, {name_fa: 'دیگر'}, {header: {}}), 428, 'precondition_required');
  refused(await chamber.patch(code, {quorum: {numerator: 4}}), 422, 'quorum_impossible');
  assert.ok(done(await chamber.patch(code, {retired: true})).retired_at);
  refused(await chamber.plan(code), 409, 'state_conflict');
  assert.equal(done(await chamber.patch(code, {retired: false})).retired_at, null);
});

test('listCommittees: pages without gap; keys of members are for the secretary', async () => {
  await chamber.seated();
  await chamber.seated();
  const list = (who) => (query) => who.GET('/v1/orgs/{org}/committees', {params: {path: {org: 'isfahan'}, query}});
  const pages = await allPages(list(anyone), 1);
  assert.ok(pages.length >= 3 && new Set(pages.flat().map(({code}) => code)).size === pages.length);
  const members = (await allPages(list(anyone), 100)).flat().flatMap((committee) => committee.members);
  assert.ok(members.length && members.every(({key_id: key, name}) => key === null && name));
  assert.ok((await allPages(list(secretary), 100)).flat().flatMap((c) => c.members).every(({key_id: key}) => key));
  assert.deepEqual(done(await anyone.GET('/v1/orgs/{org}/committees', {params: {path: {org: 'semnan'}}})).items, []);
});

test('addCommitteeMember, endCommitteeMember: terms do not overlap, nor do those of two chairs', async () => {
  const {code, chair, ali} = await chamber.seated();
  const other = await chamber.person('member');
  const body = {key_id: other.id, name: 'رضا رضایی', office: 'member'};
  refused(await chamber.appoint(code, {...body, key_id: ali.id}), 409, 'already_member');
  refused(await chamber.appoint(code, {...body, office: 'chair'}), 409, 'office_taken');
  refused(await chamber.appoint(code, {...body, key_id: randomUUID()}), 422, 'unknown_key');
  refused(await chamber.appoint(code, {...body, key_id: (await house.key('member', {org: 'semnan'})).id}), 422, 'unknown_key');
  refused(await chamber.appoint(code, {...body, unit_code: 'nowhere'}), 422, 'unknown_unit');
  refused(await chamber.appoint(code, {...body, valid_from: '2027-01-01T00:00:00Z', valid_to: '2027-01-01T00:00:00Z'}), 422,
    'term_empty');
  const header = {'Idempotency-Key': randomUUID()};
  const member = done(await chamber.appoint(code, body, {header}), 201);
  assert.deepEqual(done(await chamber.appoint(code, body, {header}), 201), member);
  done(await chamber.dismiss(code, chair.member), 204);
  refused(await chamber.dismiss(code, chair.member), 404, 'not_found');
  refused(await chamber.dismiss(code, randomUUID()), 404, 'not_found');
  const names = done(await chamber.get(code)).members.map(({name, office}) => `${office} ${name}`);
  assert.deepEqual(names, ['member علی کریمی', 'member مریم احمدی', 'member رضا رضایی']);
  done(await chamber.appoint(code, {key_id: chair.id, name: chair.name, office: 'chair'}), 201);
});

test('addCommitteeMember: ten at once for one chair seat one', async () => {
  const code = 'one-chair';
  done(await chamber.found({...NEW, code}), 201);
  const people = await Promise.all(Array.from({length: 10}, () => chamber.person('chair')));
  const results = await Promise.all(people.map(({id}) => chamber.appoint(code, {key_id: id, name: 'رئیس', office: 'chair'})));
  assert.equal(results.filter(({response}) => response.status === 201).length, 1);
  assert.equal(done(await chamber.get(code)).members.length, 1);
});

test('setCommitteeCriteria: a set is checked as a whole, and one that was used stays as it was', async () => {
  const {code, people} = await chamber.seated();
  faulty(await chamber.setCriteria(code, []), 'body  too_few_items');
  refused(await chamber.setCriteria(code, [CRITERIA[0], CRITERIA[0]]), 422, 'duplicate_criterion');
  refused(await chamber.setCriteria(code, CRITERIA.map((c) => ({...c, weight: 0}))), 422, 'weights_all_zero');
  faulty(await chamber.setCriteria(code, [{...CRITERIA[0], max_points: 21, weight: 101}]), 'body /0/max_points too_large',
    'body /0/weight too_large');
  const suggestion = await chamber.before();
  const {number} = done(await chamber.plan(code), 201);
  done(await chamber.addItem(code, number, suggestion));
  done(await chamber.move(code, number, {to: 'open', present: people.map(({member}) => member)}));
  const changed = done(await chamber.setCriteria(code, [CRITERIA[1]]));
  assert.deepEqual([changed.criteria, changed.criteria_version], [[CRITERIA[1]], 2]);
  assert.deepEqual(done(await chamber.session(code, number)).criteria, CRITERIA);
  for (const sql of ['UPDATE criterion SET weight = 1', 'DELETE FROM criterion', 'TRUNCATE criterion'])
    await assert.rejects(house.query(sql), {code: '23000'});
});

// --- sessions ---

test('createCommitteeSession, listCommitteeSessions: the public sees what was held', async () => {
  const committee = await chamber.seated();
  const {code} = committee;
  const header = {'Idempotency-Key': randomUUID()};
  const planned = await chamber.plan(code, undefined, {header});
  const first = done(planned, 201);
  assert.ok(planned.response.headers.get('Location').endsWith(`/committees/${code}/sessions/1`));
  assert.deepEqual([first.number, first.state, first.items, first.allowed_transitions],
    [1, 'planned', [], rowsOf('SESSION', 'planned').map(({to}) => to)]);
  assert.deepEqual(done(await chamber.plan(code, undefined, {header}), 201), first);
  assert.equal(first.held_on_jalali, '1405-09-14');
  await Promise.all(Array.from({length: 5}, () => chamber.plan(code)));
  const seen = (who) => async (query) => chamber.sessions(code, query, who);
  assert.deepEqual((await allPages(seen(secretary), 4)).map((page) => page.map(({number}) => number)), [[1, 2, 3, 4], [5, 6]]);
  assert.deepEqual(done(await chamber.sessions(code)).items, []);
  const number = await committee.judged(await chamber.before());
  const {items} = done(await chamber.sessions(code));
  assert.deepEqual(items.map((s) => [s.number, s.state, s.suggestions, s.judged]), [[number, 'closed', 1, 1]]);
  const {sessions_held: held, suggestions_judged: judged} = done(await chamber.get(code));
  assert.deepEqual([held, judged], [1, 1]);
  refused(await chamber.sessions('nobody'), 404, 'not_found');
});

const STATES = {
  planned: async (committee) => done(await chamber.plan(committee.code), 201).number,
  open: (committee) => committee.opened([]),
  closed: async (committee) => {
    const number = await committee.opened([]);
    await committee.closed(number);
    return number;
  },
  cancelled: async (committee) => {
    const {number} = done(await chamber.plan(committee.code), 201);
    done(await committee.move(number, BODIES.cancelled));
    return number;
  },
};
const BODIES = {open: {to: 'open'}, closed: {to: 'closed'}, cancelled: {to: 'cancelled', reason: 'تعطیلی رسمی'}};

for (const [state, make] of Object.entries(STATES))
  test(`transitionCommitteeSession: from ${state}, by the table of lifecycles`, async () => {
    const committee = await chamber.seated();
    const allowed = rowsOf('SESSION', state).map(({to}) => to);
    for (const [to, body] of Object.entries(BODIES)) {
      const number = await make(committee);
      if (state === 'open') done(await chamber.patchSession(committee.code, number, {minutes: MINUTES}));
      if (!allowed.includes(to)) {
        refused(await committee.move(number, body), 409, 'state_conflict', {state, allowed});
        continue;
      }
      refused(await committee.move(number, body, {who: committee.ali.client}), 403, 'forbidden');
      const header = {'If-Match': etagOf(await chamber.session(committee.code, number)), 'Idempotency-Key': randomUUID()};
      const first = await committee.move(number, body, {header});
      assert.equal(done(first).state, to);
      const again = await committee.move(number, body, {header});
      assert.deepEqual([done(again), again.response.headers.get('Idempotent-Replayed')], [done(first), 'true']);
      assert.deepEqual(done(first).allowed_transitions, rowsOf('SESSION', to).map((row) => row.to));
    }
  });

test('transitionCommitteeSession: opening seats those in office, without the secretary, and takes criteria', async () => {
  const code = 'bare';
  done(await chamber.found({...NEW, code}), 201);
  done(await chamber.plan(code), 201);
  refused(await chamber.move(code, 1, {to: 'open'}), 409, 'criteria_needed');
  const committee = await chamber.seated();
  const clerk = await chamber.person('secretary');
  const {id: writer} = done(await chamber.appoint(committee.code, {key_id: clerk.id, name: 'دبیر', office: 'secretary'}), 201);
  const later = await chamber.person('member');
  done(await chamber.appoint(committee.code, {key_id: later.id, name: 'فردا', office: 'member', valid_from: '2099-01-01T00:00:00Z'}), 201);
  const {number} = done(await chamber.plan(committee.code), 201);
  refused(await committee.move(number, {to: 'open', present: [writer]}), 422, 'unknown_member');
  const open = done(await committee.move(number, {to: 'open', present: [committee.members[0]]}));
  assert.deepEqual(open.members.map(({id}) => id).sort(), [...committee.members].sort());
  assert.deepEqual(open.members.filter(({present}) => present).map(({id}) => id), [committee.members[0]]);
});

test('changeCommitteeSession: attendance and minutes are written while it is open, and nothing after it', async () => {
  const committee = await chamber.seated();
  const {code, members} = committee;
  const {number} = done(await chamber.plan(code), 201);
  refused(await chamber.patchSession(code, number, {minutes: MINUTES}), 409, 'state_conflict');
  refused(await chamber.patchSession(code, number, {present: members}), 409, 'state_conflict');
  assert.equal(done(await chamber.patchSession(code, number, {place: 'سالن یک'})).place, 'سالن یک');
  done(await committee.move(number, {to: 'open'}));
  refused(await chamber.patchSession(code, number, {present: [randomUUID()]}), 422, 'unknown_member');
  done(await chamber.patchSession(code, number, {present: members.slice(1)}));
  const closed = await committee.closed(number);
  assert.deepEqual([closed.minutes, closed.members.filter(({present}) => present).length, closed.quorum_needed], [MINUTES, 2, 2]);
  for (const body of [{minutes: `${MINUTES} و بیشتر`}, {present: []}, {place: 'x1'}])
    refused(await chamber.patchSession(code, number, body), 409, 'state_conflict', {state: 'closed'});
  refused(await chamber.patchSession(code, 99, {place: 'سالن'}), 404, 'not_found');
});

test('transitionCommitteeSession: without minutes it is not closed', async () => {
  const committee = await chamber.seated();
  const number = await committee.opened([]);
  refused(await committee.move(number, {to: 'closed'}), 409, 'minutes_missing');
});

test('addSessionItem, removeSessionItem: what lies before the committee, in one session at a time', async () => {
  const committee = await chamber.seated();
  const {code} = committee;
  const [one, two] = [await chamber.before(), await chamber.before()];
  const {number} = done(await chamber.plan(code), 201);
  for (const id of [one, two, one]) done(await chamber.addItem(code, number, id));
  assert.deepEqual(done(await chamber.session(code, number)).items.map((item) => item.suggestion_id), [one, two]);
  const other = done(await chamber.plan(code), 201).number;
  refused(await chamber.addItem(code, other, one), 409, 'already_on_agenda');
  refused(await chamber.addItem(code, number, await chamber.before({state: 'screening'})), 409, 'state_conflict', {state: 'screening'});
  refused(await chamber.addItem(code, number, randomUUID()), 404, 'not_found');
  assert.equal(done(await chamber.removeItem(code, number, one)).items.length, 1);
  refused(await chamber.removeItem(code, number, one), 404, 'not_found');
  done(await chamber.addItem(code, other, one));
  done(await committee.move(number, {to: 'open', present: committee.members}));
  await committee.voted(number, two, committee.ali);
  refused(await chamber.removeItem(code, number, two), 409, 'already_scored');
  await committee.closed(number);
  refused(await chamber.removeItem(code, number, two), 409, 'state_conflict');
  refused(await chamber.addItem(code, number, await chamber.before()), 409, 'state_conflict', {state: 'closed'});
});

test('addSessionItem: ten sessions that want one suggestion at once: one gets it', async () => {
  const {code} = await chamber.seated();
  const suggestion = await chamber.before();
  const planned = await Promise.all(Array.from({length: 10}, () => chamber.plan(code)));
  const results = await Promise.all(planned.map(({data: {number}}) => chamber.addItem(code, number, suggestion)));
  assert.equal(results.filter(({response}) => response.status === 200).length, 1);
});

test('addSessionItem: a session that is cancelled or closed gives its suggestions free', async () => {
  const committee = await chamber.seated();
  const suggestion = await chamber.before();
  const {number} = done(await chamber.plan(committee.code), 201);
  done(await chamber.addItem(committee.code, number, suggestion));
  done(await committee.move(number, BODIES.cancelled));
  const next = await committee.opened([suggestion]);
  await committee.closed(next);
  await committee.opened([suggestion]);
});

// --- permissions ---

const ASKS = {
  createCommittee: ['committee.manage', (who) => chamber.found(NEW, {who})],
  changeCommittee: ['committee.manage', (who) => chamber.patch('first', {}, {who})],
  addCommitteeMember: ['committee.manage', (who) => chamber.appoint('first', {key_id: randomUUID(), name: 'نام', office: 'member'}, {who})],
  endCommitteeMember: ['committee.manage', (who) => chamber.dismiss('first', randomUUID(), who)],
  setCommitteeCriteria: ['committee.manage', (who) => chamber.setCriteria('first', CRITERIA, {who})],
  createCommitteeSession: ['committee.manage', (who) => chamber.plan('first', undefined, {who})],
  changeCommitteeSession: ['committee.manage', (who) => chamber.patchSession('first', 1, {}, {who})],
  transitionCommitteeSession: ['committee.manage', (who) => chamber.move('first', 1, {to: 'open'}, {who})],
  addSessionItem: ['committee.manage', (who) => chamber.addItem('first', 1, randomUUID(), who)],
  removeSessionItem: ['committee.manage', (who) => chamber.removeItem('first', 1, randomUUID(), who)],
  getCommitteeSession: ['committee', (who) => chamber.session('first', 1, who)],
};

for (const [operation, [permission, ask]] of Object.entries(ASKS))
  test(`${operation}: is for holders of ${permission} in this organisation`, async () => {
    refused(await ask(anyone), 401, 'unauthorized');
    refused(await ask(await house.client('secretary', 'semnan')), 403, 'forbidden');
    const others = ['expert', 'head', 'office', 'approver', 'inspector', 'clerk', ...(permission === 'committee' ? [] : ['member', 'chair'])];
    for (const role of others) refused(await ask(await house.client(role)), 403, 'forbidden');
  });
