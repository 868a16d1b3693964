// Ballots of a judging committee: what they come to, conflicts of interest, and who sees which.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {chamberOf, MINUTES, points} from '../lib/committee.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const chamber = await chamberOf(house);
const {anyone, secretary} = chamber;

test('putBallot, transitionCommitteeSession: three members, one recused: the mean of the other two', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const [one, two] = [await chamber.before(), await chamber.before()];
  const number = await committee.opened([one, two]);
  done(await committee.recuse(number, one, maryam));
  refused(await committee.vote(number, one, maryam, {points: points(1, 1), submit: true}), 403, 'recused', {ground: 'declared'});
  await committee.voted(number, one, chair, 10, 20); // 1
  await committee.voted(number, one, ali, 5, 10); // 1/2
  for (const person of committee.people) await committee.voted(number, two, person, 10, 0); // 3/4
  const {items} = await committee.closed(number);
  assert.deepEqual(items.map(({result, voters}) => ({...result, voters})), [
    {quorate: true, complete: true, scored: 2, abstained: 0, score: 7500, exact: '3/4', rank: 1, voters: 2},
    {quorate: true, complete: true, scored: 3, abstained: 0, score: 7500, exact: '3/4', rank: 1, voters: 3}]);
  assert.deepEqual(items[0].recused, [{member_id: maryam.member, ground: 'declared'}]);
});

test('transitionCommitteeSession: abstentions and missing ballots', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const [one, two, three] = [await chamber.before(), await chamber.before(), await chamber.before()];
  const number = await committee.opened([one, two, three]);
  await committee.voted(number, one, chair, 1, 2);
  for (const person of [ali, maryam]) done(await committee.vote(number, one, person, {abstains: true, submit: true}));
  await committee.voted(number, two, chair, 2, 2);
  done(await committee.vote(number, two, ali, {points: points(9, 9)})); // a draft
  for (const person of committee.people) done(await committee.vote(number, three, person, {abstains: true, submit: true}));
  const {items} = await committee.closed(number);
  assert.deepEqual(items.map(({result: r}) => [r.complete, r.scored, r.abstained, r.score, r.rank]),
    [[true, 1, 2, 1000, 2], [false, 1, 0, 1750, 1], [true, 0, 3, null, null]]);
});

test('putBallot: a session under quorum has no quorum, recusals included', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const [one, two] = [await chamber.before(), await chamber.before()];
  const number = await committee.opened([one, two], {present: [chair.member, ali.member]});
  done(await committee.recuse(number, one, ali));
  await committee.voted(number, one, chair);
  await committee.voted(number, two, chair);
  await committee.voted(number, two, ali);
  refused(await committee.vote(number, two, maryam, {points: points(1, 1), submit: true}), 409, 'not_present');
  const {items, quorum_needed: needed} = await committee.closed(number);
  assert.equal(needed, 2);
  assert.deepEqual(items.map(({result}) => [result.quorate, result.complete]), [[false, true], [true, true]]);
});

test('putBallot: recusal by own unit and own suggestion is seen by the server', async () => {
  const committee = await chamber.seated({units: ['service-units', null, null]});
  const {chair, ali, maryam} = committee;
  const mine = await chamber.before({unit: 'service-units', filedBy: ali.id, shares: [['مريم احمدی', 6000], ['کس دیگر', 4000]]});
  const number = await committee.opened([mine]);
  const vote = {points: points(1, 1), submit: true};
  refused(await committee.vote(number, mine, chair, vote), 403, 'recused', {ground: 'own_unit'});
  refused(await committee.vote(number, mine, ali, vote), 403, 'recused', {ground: 'own_suggestion'});
  refused(await committee.vote(number, mine, maryam, vote), 403, 'recused', {ground: 'own_suggestion'}); // by name, ي = ی
  const {items: [item]} = await committee.closed(number);
  assert.deepEqual([item.voters, item.result.quorate, item.result.score], [0, false, null]);
  await house.query('UPDATE casefile SET unit_code = NULL, filed_by = NULL WHERE id = $1', [mine]);
  assert.equal(done(await chamber.session(committee.code, number)).items[0].recused.length, 3); // as it was then
});

test('putBallot: what is wrong with a ballot is said', async () => {
  const committee = await chamber.seated();
  const {ali} = committee;
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  const vote = (body) => committee.vote(number, suggestion, ali, body);
  refused(await vote({points: points(1, 1).slice(1), submit: true}), 422, 'criteria_unscored');
  refused(await vote({submit: true}), 422, 'criteria_unscored');
  refused(await vote({points: points(11, 1)}), 422, 'points_out_of_range');
  refused(await vote({points: [{criterion: 'price', points: 1}]}), 422, 'unknown_criterion');
  refused(await vote({points: [...points(1, 1), ...points(2, 2)]}), 422, 'duplicate_criterion');
  faulty(await vote({points: [{criterion: 'benefit', points: -1}, {criterion: 'novelty', points: 0.5}], total: 3}),
    'body /points/0/points too_small', 'body /points/1/points wrong_type', 'body /total unknown_member');
  refused(await committee.vote(number, randomUUID(), ali, {abstains: true}), 404, 'not_found');
  const stranger = await chamber.person('member');
  refused(await committee.vote(number, suggestion, stranger, {abstains: true}), 403, 'not_a_member');
  const {number: planned} = done(await chamber.plan(committee.code), 201);
  refused(await committee.vote(planned, suggestion, ali, {abstains: true}), 404, 'not_found');
  await committee.closed(number);
  refused(await vote({abstains: true, submit: true}), 409, 'state_conflict', {state: 'closed'});
});

test('putBallot: a draft is replaced until it is given; then it stays', async () => {
  const committee = await chamber.seated();
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  const vote = (body) => committee.vote(number, suggestion, committee.ali, body);
  assert.equal(done(await vote({points: points(1, 1).slice(1)})).submitted_at, null);
  assert.deepEqual(done(await vote({points: points(2, 3), remark: 'خوب'})).points, {benefit: 2, novelty: 3});
  const given = done(await vote({points: points(4, 5), submit: true}));
  assert.ok(given.submitted_at);
  assert.deepEqual(done(await vote({points: points(4, 5), submit: true})), given); // the same again
  refused(await vote({points: points(4, 6), submit: true}), 409, 'already_scored');
  refused(await vote({points: points(4, 5)}), 409, 'already_scored');
  refused(await vote({abstains: true, submit: true}), 409, 'already_scored');
  for (const sql of ['UPDATE ballot SET points = \'{}\' WHERE submitted_at IS NOT NULL',
    'DELETE FROM ballot WHERE submitted_at IS NOT NULL', 'TRUNCATE ballot'])
    await assert.rejects(house.query(sql), {code: '23000'});
});

test('putBallot: fifty different ballots of one member at once, by two servers: one is given', async () => {
  const second = await house.startServer({worker: 'off'});
  const committee = await chamber.seated();
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  const clients = [committee.ali.client, clientOf(second.url, committee.ali.key)];
  const results = await Promise.all(Array.from({length: 50}, (_, i) =>
    committee.vote(number, suggestion, committee.ali, {points: points(i % 10, Math.floor(i / 10)), submit: true},
      clients[i % 2])));
  assert.deepEqual([200, 409, 503].map((status) => results.filter(({response}) => response.status === status).length),
    [1, 49, 0]);
  for (const {error} of results.filter(({response}) => response.status === 409)) assert.equal(error.code, 'already_scored');
  const rows = await house.query('SELECT points FROM ballot WHERE suggestion_id = $1', [suggestion]);
  assert.deepEqual(rows.map((row) => row.points), results.filter(({data}) => data).map(({data}) => data.points));
  await second.stop();
});

test('transitionCommitteeSession: a closing that meets ballots, by two servers: every ballot that was taken counts', async () => {
  const second = await house.startServer({worker: 'off'});
  const committee = await chamber.seated();
  const elsewhere = clientOf(second.url, (await house.keyOf('secretary')).key);
  for (let round = 0; round < 8; round++) {
    const suggestion = await chamber.before();
    const number = await committee.opened([suggestion]);
    done(await chamber.patchSession(committee.code, number, {minutes: MINUTES}));
    const close = async () => {
      for (;;) {
        const result = await committee.move(number, {to: 'closed'}, {who: elsewhere});
        if (result.error?.code !== 'busy') return done(result);
      }
    };
    const [closed, ...votes] = await Promise.all([close(), ...committee.people.map((person) =>
      committee.vote(number, suggestion, person, {points: points(5, 5), submit: true}))]);
    const taken = votes.filter(({data}) => data).length;
    for (const vote of votes.filter(({error}) => error)) refused(vote, 409, 'state_conflict');
    assert.deepEqual([closed.items[0].result.scored, closed.items[0].result.complete], [taken, taken === 3]);
  }
  await second.stop();
});

// --- who sees what ---

const shown = ({ballots}) => ballots.filter((ballot) => ballot.visible).map(({name}) => name).sort();
const SECRET = 'سخنی که هنوز پنهان است';

test('listBallots: nobody sees the others\' ballots before their own is given, and all do after the closing', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  const seen = async (who) => done(await committee.ballots(number, suggestion, who));
  done(await committee.vote(number, suggestion, ali, {points: points(9, 19), remark: SECRET, submit: true}));
  done(await committee.vote(number, suggestion, maryam, {points: points(2, 2)})); // a draft opens nothing
  for (const who of [chair.client, secretary, chamber.admin, maryam.client]) {
    const list = await seen(who);
    const his = list.ballots.find(({name}) => name === ali.name);
    assert.deepEqual([his.submitted, his.visible, his.points, his.abstains, his.remark], [true, false, null, null, null]);
  }
  assert.deepEqual(shown(await seen(maryam.client)), [maryam.name]); // one's own draft
  assert.deepEqual(shown(await seen(ali.client)), [ali.name]); // drafts of others never
  await committee.voted(number, suggestion, maryam);
  assert.deepEqual(shown(await seen(maryam.client)), [maryam.name, ali.name].sort());
  assert.deepEqual((await seen(maryam.client)).ballots.find(({name}) => name === ali.name).points, {benefit: 9, novelty: 19});
  await committee.closed(number);
  for (const who of [chair.client, secretary, ali.client]) assert.deepEqual(shown(await seen(who)), [ali.name, maryam.name].sort());
});

test('listBallots: whoever is recused or not there sees none while the session is open', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion], {present: [chair.member, ali.member]});
  await committee.voted(number, suggestion, chair);
  await committee.voted(number, suggestion, ali);
  done(await committee.recuse(number, suggestion, ali)); // having seen his own, he sees no more
  for (const {client, name} of [ali, maryam])
    assert.deepEqual(shown(done(await committee.ballots(number, suggestion, client))).filter((n) => n !== name), []);
  refused(await committee.ballots(number, suggestion, (await chamber.person('member')).client), 403, 'not_a_member');
  refused(await committee.ballots(number, suggestion, chamber.office), 403, 'forbidden');
  refused(await committee.ballots(number, suggestion, anyone), 401, 'unauthorized');
});

test('getCommitteeSession, listCommitteeSessions, getCommittee, listCommittees: no ballot shows before the closing', async () => {
  const committee = await chamber.seated();
  const {chair, ali} = committee;
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  done(await committee.vote(number, suggestion, ali, {points: points(9, 19), remark: SECRET, submit: true}));
  const {code} = committee;
  for (const who of [chair.client, secretary, chamber.admin]) {
    const answers = [await chamber.session(code, number, who), await chamber.sessions(code, {}, who), await chamber.get(code, who),
      await who.GET('/v1/orgs/{org}/committees', {params: {path: {org: 'isfahan'}, query: {limit: 100}}})].map((a) => done(a));
    assert.equal(answers[0].items[0].result, null);
    assert.deepEqual([answers[0].items[0].voters, answers[0].items[0].submitted], [3, 1]);
    assert.ok(!JSON.stringify(answers).includes(SECRET));
    assert.ok(!/"(points|score)":\s*(9|19|\{)/.test(JSON.stringify(answers)));
  }
});

test('putBallot, declareRecusal: events and the timeline of the suggestion tell of a ballot, not what is in it', async () => {
  const committee = await chamber.seated();
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  done(await committee.vote(number, suggestion, committee.ali, {points: points(9, 19), remark: SECRET, submit: true}));
  done(await committee.recuse(number, suggestion, committee.maryam, SECRET));
  const {id} = done(await chamber.session(committee.code, number));
  const events = await house.query(`SELECT kind, is_public, data FROM event
    WHERE subject_id IN ($1, $2) OR data ->> 'suggestion_id' = $2::text ORDER BY at, id`, [id, suggestion]);
  assert.deepEqual(events.filter(({kind}) => kind.startsWith('session.ballot')).map(({is_public: open, data}) => [open, data]),
    [[false, {suggestion_id: suggestion, member_id: committee.ali.member}]]);
  assert.ok(events.every(({data, is_public: open}) => !JSON.stringify(data).includes(SECRET) && !('points' in data) && !open));
  assert.deepEqual(await house.query('SELECT kind FROM event WHERE subject_id = $1', [suggestion]), []);
});

test('declareRecusal: once, by a member with a vote, while the session is open; a ballot before it no longer counts', async () => {
  const committee = await chamber.seated();
  const {chair, ali, maryam} = committee;
  const suggestion = await chamber.before();
  const number = await committee.opened([suggestion]);
  for (const person of committee.people) await committee.voted(number, suggestion, person, person === ali ? 0 : 10, 20);
  const recusal = done(await committee.recuse(number, suggestion, ali));
  assert.deepEqual(recusal, {suggestion_id: suggestion, member_id: ali.member, ground: 'declared'});
  assert.deepEqual(done(await committee.recuse(number, suggestion, ali)), recusal);
  refused(await committee.recuse(number, suggestion, await chamber.person('member')), 403, 'not_a_member');
  const {items: [{result}]} = await committee.closed(number);
  assert.deepEqual([result.scored, result.score, result.complete], [2, 10000, true]);
  refused(await committee.recuse(number, suggestion, maryam), 409, 'state_conflict');
  assert.equal((await house.query('SELECT FROM recusal WHERE suggestion_id = $1', [suggestion])).length, 1);
  assert.ok(chair);
});

test('putBallot, declareRecusal: are for members alone', async () => {
  for (const action of ['ballot', 'recusal'])
    for (const [who, status, code] of [[anyone, 401, 'unauthorized'], [secretary, 403, 'forbidden'], [chamber.head, 403, 'forbidden']])
      refused(await who.PUT(chamber.path(`/sessions/{number}/items/{suggestion}/${action}`), {
        params: chamber.at('first', {number: 1, suggestion: randomUUID()}),
        body: action === 'ballot' ? {abstains: true} : {text: 'دلیل'}}), status, code);
});
