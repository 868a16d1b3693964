// The calendar: which days are worked and why not, deadlines day by day, working weeks. What staff enter about single
// days is in calendar_days.test.mjs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {almanacOf, FRIDAY_OFF, NOW, SMOG, THURSDAY_OFF} from '../lib/almanac.mjs';
import {clientOf, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const {add, calendar, compute, dueOn, during, duringWeeks, eventsOf, everywhere, remove, semnan, setWeeks, weeks: weeksOf} =
  await almanacOf(house);

// --- days ---

const shape = ({date, date_jalali, weekday, is_working, why}) =>
  `${date} ${date_jalali} ${weekday} ${is_working} ${why.code} ${why.fa}`;
const MOURNING = 'تعطیلی فوق‌العاده: هفت روز تعطیل عمومی (عزای عمومی)';

test('getCalendar: the closure of March 2026 shows day by day, with its reason and Jalali dates', async () => {
  const {days, ...bounds} = done(await calendar({from: '2026-02-28', to: '2026-03-08'}));
  assert.deepEqual(bounds, {from: '2026-02-28', from_jalali: '1404-12-09', to: '2026-03-08', to_jalali: '1404-12-17'});
  assert.deepEqual(days.map(shape), [
    '2026-02-28 1404-12-09 sat true working روز کاری',
    `2026-03-01 1404-12-10 sun false closure ${MOURNING}`,
    `2026-03-02 1404-12-11 mon false closure ${MOURNING}`,
    `2026-03-03 1404-12-12 tue false closure ${MOURNING}`,
    `2026-03-04 1404-12-13 wed false closure ${MOURNING}`,
    '2026-03-05 1404-12-14 thu false weekend تعطیل هفتگی',
    '2026-03-06 1404-12-15 fri false weekend تعطیل هفتگی',
    `2026-03-07 1404-12-16 sat false closure ${MOURNING}`,
    '2026-03-08 1404-12-17 sun true working روز کاری',
  ]);
});

test('getCalendar: where Thursdays are worked, the closure of March 2026 leaves out the Friday alone', () =>
  duringWeeks([FRIDAY_OFF], () => everywhere(
    async (who) => done(await calendar({from: '2026-03-01', to: '2026-03-07'}, {who, org: 'semnan'})).days
      .map((day) => day.why.code),
    [...Array(5).fill('closure'), 'weekend', 'closure'])));

test('getCalendar: Nowruz shows with its holidays, across the turn of the Jalali year', async () => {
  const {days} = done(await calendar({from: '2026-03-20', to: '2026-03-25'}));
  assert.deepEqual(days.map(shape), [
    '2026-03-20 1404-12-29 fri false weekend تعطیل هفتگی',
    '2026-03-21 1405-01-01 sat false holiday تعطیل رسمی: آغاز نوروز',
    `2026-03-22 1405-01-02 sun false holiday ${days[2].why.fa}`,
    '2026-03-23 1405-01-03 mon false holiday تعطیل رسمی: عید نوروز',
    '2026-03-24 1405-01-04 tue false holiday تعطیل رسمی: عید نوروز',
    '2026-03-25 1405-01-05 wed true working روز کاری',
  ]);
  assert.match(days[2].why.fa, /^تعطیل رسمی: (عید نوروز|تعطیل به مناسبت عید سعید فطر)$/);
  assert.deepEqual(days[3].why,
    {code: 'holiday', is_certain: true, fa: 'تعطیل رسمی: عید نوروز', en: 'Public holiday: عید نوروز'});
});

test('getCalendar: a lunar holiday that may still move says so', async () => {
  const {days: [day]} = done(await calendar({from: '2026-12-23', to: '2026-12-23'}));
  assert.deepEqual(day, {date: '2026-12-23', date_jalali: '1405-10-02', weekday: 'wed', is_working: false,
    why: {code: 'holiday', is_certain: false, fa: 'تعطیل رسمی: ولادت امام علی (تاریخ قطعی نیست)',
      en: 'Public holiday: ولادت امام علی (date not certain)'}});
});

test('getCalendar: the next 31 days if nothing is said, and at most 400', async () => {
  const bounds = async (query) => {
    const {from, to, days} = done(await calendar(query));
    return [from, to, days.length];
  };
  assert.deepEqual(await bounds({}), ['2026-11-21', '2026-12-21', 31]);
  assert.deepEqual(await bounds({from: '2026-03-01'}), ['2026-03-01', '2026-03-31', 31]);
  assert.deepEqual(await bounds({from: '9999-12-30'}), ['9999-12-30', '9999-12-31', 2]);
  assert.deepEqual(await bounds({to: '2026-11-21'}), ['2026-11-21', '2026-11-21', 1]);
  assert.deepEqual(await bounds({from: '2026-01-01', to: '2027-02-04'}), ['2026-01-01', '2027-02-04', 400]);
  refused(await calendar({from: '2026-01-01', to: '2027-02-05'}), 422, 'range_too_long');
  refused(await calendar({from: '2026-01-02', to: '2026-01-01'}), 422, 'range_too_long');
  refused(await calendar({to: '2026-11-20'}), 422, 'range_too_long');
  refused(await calendar({from: '0001-01-01', to: '9999-12-31'}), 422, 'range_too_long');
});

test('getCalendar: a new day begins at midnight in Tehran', async () => {
  const today = async () => done(await calendar()).from;
  await house.moveClock(new Date('2026-11-21T20:29:50Z'));
  assert.equal(await today(), '2026-11-21');
  await house.moveClock(new Date('2026-11-21T20:30:01Z'));
  assert.equal(await today(), '2026-11-22');
  await house.moveClock(NOW);
});

test('getCalendar: names every fault, and an organisation that is none', async () => {
  faulty(await calendar({from: '2026-02-30', to: 'soon', county: 'x'.repeat(21), year: 1405}), 'query /from wrong_format',
    'query /to wrong_format', 'query /county too_long', 'query /year unknown_parameter');
  refused(await calendar({}, {org: 'nowhere'}), 404, 'not_found');
  refused(await calendar({}, {who: clientOf(house.server.url, 'wrong')}), 401, 'unauthorized');
});

// --- deadlines ---

const counted = ({explanation}) => explanation.map((day) => `${day.date} ${day.counted} ${day.why.code}`);

test('computeDeadline: ten working days from 2026-11-21 end on 2026-12-05, day by day', async () => {
  const {explanation, ...deadline} = done(await compute());
  assert.deepEqual(deadline, {received_on: '2026-11-21', received_on_jalali: '1405-08-30', working_days: 10, due_on: '2026-12-05',
    due_on_jalali: '1405-09-14', due_at: '2026-12-05T20:30:00Z'});
  assert.deepEqual(counted({explanation}), [
    '2026-11-21 0 day_zero', '2026-11-22 1 working', '2026-11-23 2 working', '2026-11-24 3 working',
    '2026-11-25 4 working', '2026-11-26 0 weekend', '2026-11-27 0 weekend', '2026-11-28 5 working',
    '2026-11-29 6 working', '2026-11-30 7 working', '2026-12-01 8 working', '2026-12-02 9 working',
    '2026-12-03 0 weekend', '2026-12-04 0 weekend', '2026-12-05 10 working',
  ]);
  assert.deepEqual(explanation[0], {date: '2026-11-21', date_jalali: '1405-08-30', counted: 0, why: {code: 'day_zero',
    is_certain: true, fa: 'روز دریافت؛ شمارش از روز کاری بعد آغاز می‌شود',
    en: 'Day of receipt; counting starts with the next working day'}});
  assert.equal(explanation.at(-1).date_jalali, '1405-09-14');
});

test('computeDeadline: a closure shows at once on every server, and its removal does', async () => {
  await dueOn('2026-12-05');
  const {id} = done(await add(SMOG), 201);
  await dueOn('2026-12-06');
  const {explanation} = done(await compute());
  assert.deepEqual(explanation[8], {date: '2026-11-29', date_jalali: '1405-09-08', counted: 0, why: {code: 'closure',
    is_certain: true, fa: 'تعطیلی فوق‌العاده: آلودگی هوا', en: 'Extraordinary closure: آلودگی هوا'}});
  assert.deepEqual(counted({explanation}).slice(7), [
    '2026-11-28 5 working', '2026-11-29 0 closure', '2026-11-30 6 working', '2026-12-01 7 working',
    '2026-12-02 8 working', '2026-12-03 0 weekend', '2026-12-04 0 weekend', '2026-12-05 9 working',
    '2026-12-06 10 working',
  ]);
  assert.equal(done(await compute({}, {org: 'semnan'})).due_on, '2026-12-05');
  done(await remove(id), 204);
  await dueOn('2026-12-05');
});

test('computeDeadline: a closure of some counties concerns those alone', () =>
  during([{...SMOG, counties: ['1001', '1002']}], async () => {
    await dueOn('2026-12-06', {county: '1002'});
    for (const county of [{}, {county: '1003'}, {county: '100'}]) await dueOn('2026-12-05', county);
    const codeIn = async (query) => done(await calendar({from: SMOG.date, to: SMOG.date, ...query})).days[0].why.code;
    assert.deepEqual([await codeIn({county: '1001'}), await codeIn({}), await codeIn({county: '1003'})],
      ['closure', 'working', 'working']);
  }));

for (const [what, members, due, code, fa, en] of [
  ['of part of the day counts as worked if it is said to', {from_time: '12:30', counts: true}, '2026-12-05', 'partial',
    'تعطیلی بخشی از روز؛ روز کاری شمرده می‌شود: آلودگی هوا، از ساعت 12:30',
    'Closed for part of the day; counts as a working day: آلودگی هوا, from 12:30'],
  ['of part of the day does not count otherwise', {from_time: '12:30'}, '2026-12-06', 'closure',
    'تعطیلی فوق‌العاده: آلودگی هوا، از ساعت 12:30', 'Extraordinary closure: آلودگی هوا, from 12:30'],
  ['with remote work counts as worked', {counts: true}, '2026-12-05', 'remote',
    'دورکاری؛ روز کاری شمرده می‌شود: آلودگی هوا', 'Remote work; counts as a working day: آلودگی هوا'],
])
  test(`computeDeadline: a closure ${what}`, () => during([{...SMOG, ...members}], async ([entry]) => {
    assert.deepEqual([entry.from_time, entry.counts], [members.from_time ?? null, members.counts ?? false]);
    await everywhere(async (who) => done(await compute({}, {who})).explanation[8].why,
      {code, is_certain: true, fa, en});
    await dueOn(due);
  }));

test('computeDeadline: an extra working day counts though it is a Thursday, and a holiday does not', async () => {
  await during([{date: '2026-11-26', kind: 'extra_working', title: 'جبران'}], () => dueOn('2026-12-02'));
  await during([{...SMOG, kind: 'holiday'}], () => dueOn('2026-12-06'));
});

// [received_on, working_days, weekend, closures, due_on]; without the closures of March 2026 the API cannot be asked,
// so of those rows only the ones whose days do not touch it.
const VECTORS = fs.readFileSync(path.join(ROOT, 'tests/unit/domain/deadline-vectors.csv'), 'utf8')
  .trim().split('\n').slice(1).map((line) => line.split(','))
  .filter(([received, , , closures, due]) => closures !== 'none' || due < '2026-03-01' || received >= '2026-03-07');
const vectorsOf = (weekend) => VECTORS.filter((vector) => vector[2] === weekend);
const answerOf = async ([received_on, days, , , due], org) =>
  [received_on, days, done(await compute({received_on, working_days: Number(days)}, {org})).due_on, due];

async function assertVectors(weekend, org) {
  const vectors = vectorsOf(weekend);
  assert.equal(vectors.length, 34);
  for (const vector of vectors) {
    const [received, days, answer, due] = await answerOf(vector, org);
    assert.equal(answer, due, `${received} + ${days}`);
  }
}

test('computeDeadline: gives what the vectors say where Thursday and Friday are off', () =>
  assertVectors('thu_fri', 'isfahan'));

test('computeDeadline: gives what the vectors say where Friday alone is off', () =>
  duringWeeks([FRIDAY_OFF], async () => {
    await dueOn('2026-12-02', {}, 'semnan');
    await assertVectors('fri', 'semnan');
  }));

test('computeDeadline: names every fault, and days that no calendar has', async () => {
  faulty(await compute({received_on: '2026-13-01', working_days: 0}), 'body /received_on wrong_format',
    'body /working_days too_small');
  faulty(await compute({received_on: undefined, working_days: 1001, county: 7, from: 'x'}), 'body /received_on required',
    'body /working_days too_large', 'body /county wrong_type', 'body /from unknown_member');
  for (const received_on of ['0001-01-01', '1799-12-31', '2201-01-01', '9999-12-31'])
    refused(await compute({received_on}), 422, 'no_working_day');
  refused(await compute({}, {org: 'nowhere'}), 404, 'not_found');
});

// --- weeks ---

test('setCalendarWeeks: a pattern with Thursdays changes the answer from its first day on', async () => {
  await duringWeeks([FRIDAY_OFF], () => dueOn('2026-12-02', {}, 'semnan'));
  const turn = [{...THURSDAY_OFF, valid_to: '2026-12-01'}, {...FRIDAY_OFF, valid_from: '2026-12-01'}];
  await duringWeeks(turn, () => dueOn('2026-12-03', {}, 'semnan'));
  await dueOn('2026-12-05');
});

test('setCalendarWeeks: gives the weeks by their first day, replaces all of them, and is an event', async () => {
  const later = {valid_from: '2027-03-21', valid_to: null, working_days: ['sat'], note: 'بخشنامه'};
  const [{id}] = await house.query("SELECT id FROM organisation WHERE slug = 'semnan'");
  const weeksSet = async () => (await eventsOf(id)).filter(({kind}) => kind === 'calendar.weeks_set');
  const before = (await weeksSet()).length;
  const {weeks} = done(await setWeeks([later, {...THURSDAY_OFF, valid_to: '2027-03-21'}]));
  const shown = {...THURSDAY_OFF, valid_from_jalali: '1404-01-01', valid_to_jalali: null, note: null};
  assert.deepEqual(weeks, [{...shown, valid_to: '2027-03-21', valid_to_jalali: '1406-01-01'},
    {...later, valid_from_jalali: '1406-01-01', valid_to_jalali: null}]);
  assert.deepEqual(done(await setWeeks([THURSDAY_OFF])), {weeks: [shown]});
  const events = (await weeksSet()).slice(before);
  assert.equal(events.length, 2);
  assert.deepEqual(events.at(-1),
    {kind: 'calendar.weeks_set', is_public: true, data: {weeks: [THURSDAY_OFF]}, slug: 'semnan'});
});

test('getCalendarWeeks: the weeks with Jalali dates, under a tag that changes with them, whoever changes them', () =>
  duringWeeks([THURSDAY_OFF], async () => {
    const first = await weeksOf();
    assert.deepEqual(done(first).weeks, [{...THURSDAY_OFF, valid_from_jalali: '1404-01-01', valid_to_jalali: null, note: null}]);
    assert.match(etagOf(first), /^"\d+"$/);
    await house.query(`UPDATE working_week w SET note = 'بخشنامه' FROM organisation o
      WHERE o.id = w.org_id AND o.slug = 'semnan'`);
    assert.notEqual(etagOf(await weeksOf()), etagOf(first));
    refused(await setWeeks([FRIDAY_OFF], {tag: etagOf(first)}), 412, 'precondition_failed');
    refused(await weeksOf('nowhere'), 404, 'not_found');
  }));

test('setCalendarWeeks: of two clerks who change the same weeks the second is told, and loses nothing', () =>
  duringWeeks([THURSDAY_OFF], async () => {
    const tag = etagOf(await weeksOf());
    refused(await semnan.PUT('/v1/orgs/{org}/calendar/weeks', {params: {path: {org: 'semnan'}}, body: [FRIDAY_OFF]}), 428,
      'precondition_required');
    const results = await Promise.all(Array.from({length: 10}, (_, n) =>
      setWeeks([{...THURSDAY_OFF, note: `${n}`}], {tag: `"1", ${tag}`})));
    const [won, ...others] = results.filter(({response}) => response.status === 200);
    assert.equal(others.length, 0);
    for (const lost of results.filter((result) => result !== won)) refused(lost, 412, 'precondition_failed');
    assert.deepEqual(done(await weeksOf()), done(won));
    assert.equal(etagOf(await weeksOf()), etagOf(won));
    done(await setWeeks([FRIDAY_OFF], {tag: etagOf(won)}));
  }));

test('setCalendarWeeks: weeks that overlap or are empty are refused, and nothing changes', async () => {
  const week = (valid_from, valid_to) => ({valid_from, valid_to, working_days: ['thu']});
  for (const weeks of [
    [week('2025-03-21', '2026-03-21'), week('2026-03-20', null)],
    [week('2026-03-21', null), week('2027-03-21', null)],
    [week('2026-03-21', '2026-05-01'), week('2026-03-21', '2026-04-01')],
    [week('2026-03-21', '2026-03-21')],
    [week('2026-03-21', '2026-03-20')],
    [week('9999-12-31', null)],
  ])
    refused(await setWeeks(weeks), 422, 'weeks_overlap');
  await dueOn('2026-12-05', {}, 'semnan');
});

test('setCalendarWeeks: days without a week are not worked, and a calendar of such days has no deadline', () =>
  duringWeeks([{...THURSDAY_OFF, valid_to: '2026-11-22'}], async () => {
    const query = {from: '2026-11-21', to: '2026-11-22'};
    await everywhere(async (who) => done(await calendar(query, {who, org: 'semnan'})).days
      .map(({is_working: worked, why}) => [worked, why.code]), [[true, 'working'], [false, 'no_week']]);
    refused(await compute({}, {org: 'semnan'}), 422, 'no_working_day');
  }));

test('setCalendarWeeks: of twenty at once one holds, whole, and no two weeks overlap', () =>
  duringWeeks([THURSDAY_OFF], async () => {
    const turn = (day) => {
      const date = `2027-01-${String(day).padStart(2, '0')}`;
      return [{...THURSDAY_OFF, valid_to: date}, {...FRIDAY_OFF, valid_from: date}];
    };
    const results = await Promise.all(Array.from({length: 20}, (_, n) => setWeeks(turn(n + 1))));
    for (const result of results) done(result);
    const weeks = await house.query(`SELECT w.valid_from::text, w.valid_to::text FROM working_week w
      JOIN organisation o ON o.id = w.org_id WHERE o.slug = 'semnan' ORDER BY 1`);
    assert.equal(weeks.length, 2);
    assert.equal(weeks[0].valid_to, weeks[1].valid_from);
    assert.equal(weeks[1].valid_to, null);
  }));

test('setCalendarWeeks: names every fault', async () => {
  faulty(await setWeeks([]), 'body  too_few_items');
  const wrong = {...THURSDAY_OFF, working_days: ['sat', 'sat', 'mo']};
  faulty(await setWeeks([{valid_from: '2026-02-29', working_days: []}, wrong]),
    'body /0/valid_from wrong_format', 'body /0/valid_to required', 'body /0/working_days too_few_items',
    'body /1/working_days not_unique', 'body /1/working_days/2 not_allowed');
});
