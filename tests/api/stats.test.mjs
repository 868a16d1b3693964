// Figures: what was received, answered and how soon, counted as it changes and compared with a direct count; and what
// the public may see of it.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import pg from 'pg';
import {BODIES, caseworkOf, newCase, newSuggestion, WAYS} from '../lib/casework.mjs';
import {clientOf, done, faulty, refused} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off', cache_max: 0}});
after(() => house.stop());
await house.moveClock(new Date('2026-11-21T08:00:00Z')); // 30 Aban 1405
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');

const statsOf = (query = {}, who = office.deputy, org = 'isfahan') =>
  who.GET('/v1/orgs/{org}/stats', {params: {path: {org}, query}});
const exact = async (query, org) => {
  const stats = done(await statsOf(query, await house.client('deputy', org ?? 'isfahan'), org));
  assert.equal(stats.exact, true);
  return stats;
};
const told = async (query, org) => done(await statsOf(query, house.anyone, org));
const group = (stats, key) => stats.groups.find((one) => one.key === key);
const counts = ({received, open, overdue, answered, answered_in_time: inTime, answered_late: late, ended_unanswered: ended}) =>
  ({received, open, overdue, answered, inTime, late, ended});
const wrongCells = async () => Number((await house.query('SELECT stat_rebuild() + stat_rebuild_subjects() AS wrong'))[0].wrong);

test('getStats: nothing yet, for staff and for the public', async () => {
  const {total, groups, opinions} = await exact({group_by: 'unit'});
  assert.deepEqual([total, groups, opinions], [null, [], {received: 0, by: 'audience', groups: []}]);
  assert.equal((await told()).exact, false);
});

test('getStats: open, answered in time, late, overdue, withdrawn; days and rating', async () => {
  const rated = await office.made('complaint', 'answered', {unit_code: 'inspection'});
  done(await office.citizen('rating', rated.tracking_code, {rating: 4}));
  await office.filed('complaint');
  await office.made('complaint', 'withdrawn');
  await office.filed('complaint', {channel: 'phone', received_at: '2026-10-01T08:00:00Z'}, {who: office.clerk});
  const long = await office.filed('complaint', {channel: 'letter', received_at: '2026-10-01T08:00:00Z'}, {who: office.clerk});
  for (const to of WAYS.complaint.answered) done(await office.move('complaint', long.id, BODIES.complaint[to]));

  const {total} = await exact({kind: 'complaint'});
  assert.deepEqual(counts(total), {received: 5, open: 2, overdue: 1, answered: 2, inTime: 1, late: 1, ended: 1});
  const {answered_days: days} = (await house.query('SELECT answered_days FROM casefile WHERE id = $1', [long.id]))[0];
  assert.deepEqual([total.working_days, total.rating], [{median: 0, p90: days}, {average: 4, count: 1}]);

  const byMonth = await exact({kind: 'complaint', group_by: 'month'});
  assert.deepEqual(byMonth.groups.map(({key, received}) => [key, received]), [['1405-07', 2], ['1405-08', 3]]);
  assert.deepEqual((await exact({from: '1405-07', to: '1405-07'})).total.received, 2);
  assert.equal((await exact({from: '1405-09'})).total, null);
  const byChannel = await exact({group_by: 'channel'});
  assert.deepEqual(group(byChannel, 'letter').title_fa, 'نامه');
  assert.equal(group(byChannel, 'web').received, 3);
});

test('getStats: a converted message counts as what it became, a merged case stays received', async () => {
  const before = (await exact()).total.received;
  const message = await office.filed('message', {addressee: {kind: 'governor'}});
  assert.equal((await exact({kind: 'message'})).total.received, 1);
  done(await office.convert(message.id, {to: 'complaint'}), 201);
  assert.equal((await exact({kind: 'message'})).total, null);
  assert.equal((await exact()).total.received, before + 1);
  const [one, two] = [await office.filed('complaint'), await office.filed('complaint')];
  const ended = (await exact()).total.ended_unanswered;
  done(await office.merge(one.id, two.id));
  assert.equal((await exact()).total.ended_unanswered, ended + 1);
  assert.equal(await wrongCells(), 0);
});

test('getStats: a case of another round counts by that round, in another unit, and as reopened', async () => {
  const before = (await exact({unit: 'inspection'})).total ?? {received: 0, reopened: 0};
  const {id, tracking_code: code} = await office.made('complaint', 'answered', {unit_code: 'service-units'});
  const answered = (await exact()).total.answered;
  done(await office.citizen('reopen', code, {text: 'پاسخ درست نیست.'}));
  const {total} = await exact();
  assert.equal(total.answered, answered - 1);
  const after = (await exact({unit: 'inspection'})).total;
  assert.deepEqual([after.received - before.received, after.reopened - before.reopened], [1, 1]);
  assert.equal((await office.shown('complaint', id)).round, 2);
});

test('getStats: a case without a promised day is neither in time nor late', async () => {
  const {id} = await semnan.filed('complaint');
  for (const body of [{to: 'assigned', unit_code: 'deputies'}, {to: 'in_progress'}, {to: 'answered', text: 'انجام شد.'}])
    done(await semnan.move('complaint', id, body));
  const {total} = await exact({kind: 'complaint'}, 'semnan');
  assert.deepEqual([total.answered, total.answered_in_time, total.answered_late, total.overdue], [1, 0, 0, 0]);
});

// --- what the public sees ---

test('getStats: the public sees no small group, and cannot get it by subtraction', async () => {
  const sb = await caseworkOf(house, 'sistan-baluchestan');
  const file = async (times, channel) => {
    for (let i = 0; i < times; i++) await sb.filed('complaint', {channel}, {who: sb.clerk});
  };
  await file(8, 'phone');
  await file(2, 'letter');
  await file(11, 'email');
  const stats = await told({group_by: 'channel'}, 'sistan-baluchestan');
  assert.deepEqual([stats.exact, stats.total.received, stats.suppressed_groups], [false, 20, 1]);
  assert.deepEqual(stats.groups.map(({key, received}) => [key, received]), [['email', 10], ['phone', 10]]);
  await file(1, 'letter'); // one more in the small group is seen nowhere
  const again = await told({group_by: 'channel'}, 'sistan-baluchestan');
  assert.deepEqual(again.groups, stats.groups);
  for (const one of [again.total, ...again.groups])
    for (const [name, value] of Object.entries(one))
      if (typeof value === 'number') assert.equal(value % 5, 0, name);
  assert.equal((await told({channel: 'letter'}, 'sistan-baluchestan')).total, null);
  assert.equal((await told({channel: 'letter'}, 'sistan-baluchestan')).suppressed_groups, 0);
  const all = await exact({group_by: 'channel'}, 'sistan-baluchestan');
  assert.deepEqual(all.groups.map(({key, received}) => [key, received]), [['email', 11], ['phone', 8], ['letter', 3]]);
});

test('getStats: days and ratings of fewer than five are not told', async () => {
  const sb = await caseworkOf(house, 'sistan-baluchestan');
  const UNIT = done(await house.anyone.GET('/v1/orgs/{org}', {params: {path: {org: 'sistan-baluchestan'}}})).units[0].code;
  const answer = async () => {
    const {id} = await sb.filed('message', {addressee: {kind: 'governor'}});
    done(await sb.move('message', id, {to: 'assigned', unit_code: UNIT}));
    done(await sb.move('message', id, {to: 'answered', text: 'سپاس'}));
  };
  for (let i = 0; i < 4; i++) await answer();
  await sb.filed('message', {addressee: {kind: 'governor'}});
  const {total} = await told({kind: 'message'}, 'sistan-baluchestan');
  assert.deepEqual([total.received, total.working_days, total.rating], [5, null, null]);
  await answer();
  assert.deepEqual((await told({kind: 'message'}, 'sistan-baluchestan')).total.working_days, {median: 0, p90: 0});
});

test('getStats: a key without stats.read sees what the public sees', async () => {
  assert.equal(done(await statsOf({}, office.clerk)).exact, false);
  assert.equal(done(await statsOf({}, await house.client('deputy', 'semnan'))).exact, false);
});

test('getStats: bad questions are refused', async () => {
  faulty(await statsOf({from: '1405-13'}), 'query /from wrong_pattern');
  faulty(await statsOf({from: '2026-11-21', group_by: 'person'}), 'query /from too_long', 'query /from wrong_pattern', 'query /group_by not_allowed');
  refused(await statsOf({group_by: 'topic', channel: 'web'}), 422, 'stats_too_fine');
  assert.equal((await exact({unit: 'no-such-unit'})).total, null);
  assert.equal((await exact({from: '1405-09', to: '1405-01'})).total, null);
});

test('getStats: comments on drafts are opinions, by audience and by month', async () => {
  const desk = await deskOf(house);
  const {id} = await desk.opened();
  for (const audience of ['citizen', 'citizen', 'specialist', undefined]) await desk.filed(id, audience ? {audience} : {});
  const {opinions} = await exact();
  assert.deepEqual(opinions, {received: 4, by: 'audience', groups: [
    {key: null, received: 1}, {key: 'citizen', received: 2}, {key: 'specialist', received: 1}]});
  assert.deepEqual((await exact({group_by: 'month'})).opinions.groups, [{key: '1405-08', received: 4}]);
  assert.deepEqual((await told()).opinions, {received: null, by: 'audience', groups: []});
});

// --- kept and counted anew ---

// What getStats must say, counted directly, for every mixture of what it can be asked for.
const FACTS = `WITH cases AS (
    SELECT c.*, k.due_at, k.due_on, jalali_month_text(jalali_month((c.received_at AT TIME ZONE 'Asia/Tehran')::date)) AS month,
      c.answered_at IS NULL AND c.closed_at IS NULL AS is_open
    FROM casefile c JOIN organisation o ON o.id = c.org_id LEFT JOIN case_clock k ON k.case_id = c.id
    WHERE o.slug = 'isfahan' AND c.state <> 'converted')
  SELECT kind, unit_code, channel, month, grouping(kind, unit_code, channel, month) AS left_out, count(*)::int AS received,
    count(*) FILTER (WHERE is_open)::int AS open,
    count(*) FILTER (WHERE is_open AND paused_at IS NULL AND due_on < $1)::int AS overdue,
    count(answered_at)::int AS answered, count(*) FILTER (WHERE answered_at < due_at)::int AS in_time,
    count(*) FILTER (WHERE answered_at >= due_at)::int AS late,
    count(*) FILTER (WHERE NOT is_open AND answered_at IS NULL)::int AS ended, count(rating)::int AS ratings,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY answered_days) AS median,
    percentile_disc(0.9) WITHIN GROUP (ORDER BY answered_days) AS p90
  FROM cases
  GROUP BY GROUPING SETS ((), (month), (channel, month)), GROUPING SETS ((), (kind), (unit_code), (kind, unit_code))`;
const PROMISES = ['I9', 'I10', 'I12', 'I23']; // of answers in ten working days

async function assertAgrees() {
  const today = (await house.now()).toISOString().slice(0, 10);
  const facts = await house.query(FACTS, [today]);
  for (const fact of facts) {
    const asked = ['kind', 'unit_code', 'channel', 'month'].filter((_, i) => !(fact.left_out & (8 >> i)));
    if (asked.some((name) => fact[name] === null)) continue; // cases of no unit cannot be asked for
    const query = Object.fromEntries(asked.flatMap((name) => (name === 'month' ? [['from', fact.month], ['to', fact.month]]
      : [[name === 'unit_code' ? 'unit' : name, fact[name]]])));
    const {total} = await exact(query);
    assert.deepEqual([counts(total), total.rating?.count ?? 0, total.working_days?.median ?? null, total.working_days?.p90 ?? null],
      [{received: fact.received, open: fact.open, overdue: fact.overdue, answered: fact.answered, inTime: fact.in_time,
        late: fact.late, ended: fact.ended}, fact.ratings, fact.median, fact.p90], JSON.stringify(query));
  }
  for (const code of PROMISES) {
    const {kept, judged, covers} = done(await house.anyone.GET('/v1/orgs/{org}/promises/{code}', {params: {path: {org: 'isfahan', code}}}));
    const of = facts.filter(({kind, left_out: out}) => out === 7 && (covers ?? [kind]).includes(kind));
    const sum = (...names) => of.reduce((all, fact) => all + names.reduce((one, name) => one + fact[name], 0), 0);
    assert.deepEqual([kept, judged], [sum('in_time'), sum('in_time', 'late', 'overdue')], code);
  }
}

test('getStats: random histories on three servers agree with a direct count, folded or not', async () => {
  const servers = await Promise.all([0, 1].map(() => house.startServer({worker: 'on', cache_max: 0})));
  for (const server of servers) await server.followsClock(Number((await house.query(
    'SELECT extract(epoch FROM shift)::float8 AS s FROM clock'))[0].s));
  const {key} = await house.key(['admin']);
  const doors = [house.server, ...servers].map(({url}) => Object.assign(Object.create(Object.getPrototypeOf(office)),
    office, {admin: clientOf(url, key), anyone: clientOf(url), inspector: clientOf(url, key)}));
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  const units = ['inspection', 'service-units', 'public-relations', undefined];
  const live = [];
  const history = async () => {
    const door = pick(doors);
    const one = live.length > 5 && Math.random() < 0.85 ? pick(live) : null;
    if (!one) {
      const kind = pick(['complaint', 'message', 'info_request', 'suggestion']);
      const body = (kind === 'suggestion' ? newSuggestion : newCase)({unit_code: pick(units), ...(kind === 'message' && {addressee: {kind: 'governor'}}),
        channel: pick(['phone', 'letter', 'email']), received_at: pick(['2026-10-30T08:00:00Z', '2026-11-20T08:00:00Z'])});
      const {data} = await door.file(kind, body, {who: door.admin});
      if (data) live.push({kind, ...data});
      return;
    }
    const shown = (await door.get(one.kind, one.id)).data;
    const to = shown && pick([...shown.allowed_transitions, 'other']);
    if (to === 'merged') await door.merge(one.id, pick(live).id);
    else if (to === 'converted') await door.convert(one.id, {to: 'complaint'});
    else if (to === 'other' && Math.random() < 0.4) await door.patch(one.kind, one.id, {unit_code: pick(units) ?? null});
    else if (to === 'other') await door.citizen(pick(['withdraw', 'reopen', 'rating']), one.tracking_code,
      pick([{text: 'متن'}, {rating: 3}, undefined]));
    else if (to) {
      if (to === 'referred_out') await house.query('UPDATE case_policy SET follows_referrals = $1', [Math.random() < 0.5]);
      await door.move(one.kind, one.id, office.bodyOf(one.kind, to));
    }
  };
  for (let round = 0; round < 40; round++) await Promise.all(Array.from({length: 25}, history));
  await assertAgrees();
  assert.equal(await wrongCells(), 0);
  await until('the workers to fold', async () =>
    (await house.query('SELECT FROM stat_case_change LIMIT 1')).length === 0);
  await assertAgrees();
  assert.equal(await wrongCells(), 0);
  const [{states}] = await house.query('SELECT count(DISTINCT state)::int AS states FROM casefile');
  assert.ok(states >= 12, states);
});

test('getStats: `mosharekat rebuild stats` mends what was broken, and finds nothing the second time', async () => {
  const before = await exact({group_by: 'unit'});
  await house.query(`DELETE FROM stat_cell WHERE level = 2`);
  await house.query(`UPDATE stat_cell SET n = n + 7 WHERE level = 0 AND what = 'received'`);
  const broken = await exact({group_by: 'unit'});
  assert.notDeepEqual(broken.groups, before.groups);
  const {stdout} = await house.command('rebuild', 'stats');
  assert.match(stdout, /^stats: [1-9]\d* cells were wrong and are right now\n$/);
  assert.deepEqual(await exact({group_by: 'unit'}), before);
  assert.equal((await house.command('rebuild', 'stats')).stdout, 'stats: 0 cells were wrong and are right now\n');
});

test('getStats: `mosharekat rebuild stats` leaves the work to another one that is at it', async () => {
  const other = new pg.Client({host: house.cluster.env.PGHOST, user: 'postgres', database: 'mosharekat'});
  await other.connect();
  await other.query("SELECT pg_advisory_lock(hashtext('mosharekat rebuild stats'))");
  await assert.rejects(house.command('rebuild', 'stats'),
    ({code, stderr}) => code === 1 && /another one is running/.test(stderr));
  await other.end();
  assert.match((await house.command('rebuild', 'stats')).stdout, /^stats: 0 cells/);
});

test('getStats: the Jalali months of the database are those of ICU, every day from 1300 to 1500', async () => {
  const rows = await house.query(`SELECT extract(epoch FROM d)::float8 * 1000 AS ms, jalali_month(d::date) AS month,
    jalali_on(d AT TIME ZONE 'Asia/Tehran') AS day,
    jalali_month_start(jalali_month(d::date)) <= d::date AND jalali_month(jalali_month_start(jalali_month(d::date)))
      = jalali_month(d::date) AS is_consistent
    FROM generate_series('1921-03-21'::timestamp, '2122-03-20', '1 day') d`);
  const format = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn',
    {year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC'});
  for (const {ms, month, day, is_consistent: isConsistent} of rows) {
    const parts = Object.fromEntries(format.formatToParts(new Date(ms)).map(({type, value}) => [type, value]));
    assert.equal(month, Number(parts.year) * 100 + Number(parts.month), new Date(ms).toISOString());
    assert.equal(day, `${parts.year}-${parts.month}-${parts.day}`);
    assert.ok(isConsistent, month);
  }
});
