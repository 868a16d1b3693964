// The days of the calendar as staff enter them and take them back, and the same as iCalendar.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {almanacOf, SMOG, THURSDAY_OFF} from '../lib/almanac.mjs';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {until} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const {add, during, eventsOf, expert, list, remove, semnan, setWeeks} = await almanacOf(house);

// --- entries ---

test('addCalendarDay: gives the entry, lists it, and is a public event', async () => {
  const body = {...SMOG, counties: ['1001'], from_time: '10:00', counts: true, source: 'کارگروه اضطرار'};
  const {data: entry} = await add(body);
  const {id, ...members} = entry;
  assert.deepEqual(members, {...body, date_jalali: '1405-09-08', is_certain: true, is_national: false});
  assert.deepEqual(done(await list({from: SMOG.date, to: SMOG.date})).items, [entry]);
  assert.deepEqual(done(await list({from: SMOG.date, to: SMOG.date}, 'semnan')).items, []);
  assert.deepEqual(await eventsOf(id), [{kind: 'calendar.day_added', is_public: true, data: body, slug: 'isfahan'}]);
  done(await remove(id), 204);
  assert.deepEqual((await eventsOf(id)).map(({kind}) => kind), ['calendar.day_added', 'calendar.day_removed']);
});

test('addCalendarDay: hours and counting are for closures only', async () => {
  for (const kind of ['holiday', 'extra_working'])
    for (const members of [{from_time: '10:00'}, {counts: true}])
      refused(await add({...SMOG, kind, ...members}), 422, 'closures_only');
  assert.deepEqual(done(await list({from: SMOG.date, to: SMOG.date})).items, []);
});

test('addCalendarDay: names every fault', async () => {
  faulty(await add({}), 'body /date required', 'body /kind required', 'body /title required');
  faulty(await add({date: '2026-02-30', kind: 'strike', title: '', counties: ['1001', '1001'], from_time: '24:00',
    counts: 'no', source: 'x'.repeat(501), is_national: true}), 'body /date wrong_format', 'body /kind not_allowed',
  'body /title too_short', 'body /counties not_unique', 'body /from_time wrong_pattern', 'body /counts wrong_type',
  'body /source too_long', 'body /is_national unknown_member');
  faulty(await add({...SMOG, title: 'a\u0007b'}), 'body /title control_character');
});

for (const kind of ['closure', 'holiday']) {
  test(`addCalendarDay: a retried ${kind} is entered once and answered alike, even after it was taken back`, async () => {
    const header = {'Idempotency-Key': randomUUID()};
    const first = done(await add({...SMOG, kind}, {header}), 201);
    const again = await add({...SMOG, kind}, {header});
    assert.deepEqual([done(again, 201), again.response.headers.get('Idempotent-Replayed')], [first, 'true']);
    refused(await add({...SMOG, kind, title: 'سرما'}, {header}), 422, 'idempotency_mismatch');
    assert.deepEqual(done(await list({from: SMOG.date, to: SMOG.date})).items, [first]);
    done(await remove(first.id), 204);
    assert.deepEqual(done(await add({...SMOG, kind}, {header}), 201), first);
    assert.deepEqual(done(await list({from: SMOG.date, to: SMOG.date})).items, []);
  });

  test(`addCalendarDay: ten equal requests for a ${kind} at once enter it once`, async () => {
    const header = {'Idempotency-Key': randomUUID()};
    const results = await Promise.all(Array.from({length: 10}, () => add({...SMOG, kind}, {header})));
    assert.equal(new Set(results.map((result) => JSON.stringify(done(result, 201)))).size, 1);
    const {items} = done(await list({from: SMOG.date, to: SMOG.date}));
    assert.equal(items.length, 1);
    assert.equal((await eventsOf(items[0].id)).length, 1);
    done(await remove(items[0].id), 204);
  });
}

test('listCalendarDays: pages by date without gap, national days among those of the organisation', async () => {
  const dates = ['2026-12-23', '2026-12-23', '2026-12-24', '2027-02-11', '2027-02-12'];
  await during(dates.map((date) => ({...SMOG, date})), async (entries) => {
    const query = {from: '2026-12-01', to: '2027-03-31'};
    const {items: all, next} = done(await list({...query, limit: 100}));
    assert.equal(next, null);
    assert.deepEqual(all.map(({date}) => date), all.map(({date}) => date).sort());
    assert.deepEqual(all.filter((day) => !day.is_national).map(({id}) => id).sort(), entries.map(({id}) => id).sort());
    assert.equal(all.filter((day) => day.is_national).length, 12);
    for (const limit of [1, 2, 3]) {
      const pages = await allPages((page) => list({...query, ...page}), limit);
      assert.deepEqual(pages.flat(), all);
      assert.ok(pages.slice(0, -1).every((page) => page.length === limit));
    }
  });
});

test('listCalendarDays: bounds are inclusive, and may be left out or out of order', async () => {
  const datesOf = async (query) => done(await list({...query, limit: 100})).items.map(({date}) => date);
  assert.deepEqual(await datesOf({from: '2026-03-01', to: '2026-03-02'}), ['2026-03-01', '2026-03-02']);
  assert.equal((await datesOf({to: '2025-03-22'})).length, 3);
  assert.deepEqual(await datesOf({from: '2028-03-01'}), ['2028-03-19']);
  assert.deepEqual(await datesOf({from: '2026-03-02', to: '2026-03-01'}), []);
  const {items: [day]} = done(await list({from: '2026-12-23', limit: 1}));
  assert.deepEqual([day.is_certain, day.is_national, day.kind, day.date_jalali], [false, true, 'holiday', '1405-10-02']);
  faulty(await list({from: 'x', to: '2026-02-30', limit: 0}), 'query /from wrong_format', 'query /to wrong_format',
    'query /limit too_small');
  refused(await list({cursor: 'abc'}), 400, 'invalid_cursor');
});

test('removeCalendarDay: national days, those of others and unknown ones are not found', async () => {
  const {items: [national]} = done(await list({from: '2026-03-01', limit: 1}));
  const {id} = done(await add(SMOG), 201);
  refused(await remove(national.id), 404, 'not_found');
  refused(await remove(id, {who: semnan, org: 'semnan'}), 404, 'not_found');
  refused(await remove(randomUUID()), 404, 'not_found');
  done(await remove(id), 204);
  refused(await remove(id), 404, 'not_found');
  assert.deepEqual(done(await list({from: '2026-03-01', limit: 1})).items, [national]);
});

for (const [operation, ask] of Object.entries({
  addCalendarDay: (who) => add(SMOG, {who}),
  removeCalendarDay: (who) => remove(randomUUID(), {who}),
  setCalendarWeeks: (who) => setWeeks([THURSDAY_OFF], {who, org: 'isfahan'}),
}))
  test(`${operation}: takes a key of the organisation that may write its calendar`, async () => {
    refused(await ask(house.anyone), 401, 'unauthorized');
    refused(await ask(expert), 403, 'forbidden');
    refused(await ask(semnan), 403, 'forbidden');
  });

// --- iCalendar ---

const icsOf = (org, query = '') => fetch(`${house.server.url}/v1/orgs/${org}/calendar.ics${query}`);
const unfolded = (text) => text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
const eventsIn = (lines) => lines.join('\n').split('BEGIN:VEVENT\n').slice(1)
  .map((event) => Object.fromEntries(event.split('\n').filter(Boolean).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1)];
  })));

test('getCalendarIcs: lines end in CRLF, are at most 75 octets, and unfold to the titles', async () => {
  const title = `سرما، باد؛ ${'آلودگی هوا و ریزگرد '.repeat(9)}, ; \\ پایان\r\nسطر دوم\rEND:VEVENT`;
  await during([{...SMOG, title}, {...SMOG, title: 'شهرستان', counties: ['1001']}], async () => {
    await until('the day to show', async () => (await (await icsOf('isfahan')).text()).includes('20261129'));
    const response = await icsOf('isfahan');
    assert.equal(response.headers.get('Content-Type'), 'text/calendar; charset=utf-8');
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = new TextDecoder('utf-8', {fatal: true}).decode(bytes);
    const lines = text.split('\r\n');
    assert.equal(lines.pop(), '');
    for (const line of lines) {
      assert.ok(Buffer.byteLength(line) <= 75, line);
      assert.doesNotMatch(line, /[\r\n\uFFFD]/);
    }
    const events = eventsIn(unfolded(text));
    const ours = events.find((event) => event['DTSTART;VALUE=DATE'] === '20261129');
    assert.equal(ours.SUMMARY.replaceAll('\\n', '\n').replaceAll(/\\([\\;,])/g, '$1'), title.replaceAll('\r', ''));
    assert.ok(!events.some((event) => event.SUMMARY === 'شهرستان'));
  });
});

test('getCalendarIcs: tells the hour, the Jalali date and what counts; no two events have one UID', () =>
  during([SMOG, SMOG, {...SMOG, from_time: '12:30', counts: true}, {...SMOG, counties: ['1001']}], async () => {
    const of = async (query) => eventsIn(unfolded(await (await icsOf('isfahan', query)).text()))
      .filter((event) => event['DTSTART;VALUE=DATE'] === '20261129');
    const told = (events) => events.map((event) => `${event.SUMMARY} ${event.DESCRIPTION}`).sort();
    const whole = `${SMOG.title} 1405-09-08`;
    const part = `${SMOG.title}، از ساعت 12:30 1405-09-08؛ روز کاری شمرده می‌شود`;
    const events = await until('the days to show', async () => {
      const seen = await of('');
      return seen.length > 1 && (await of('?county=1001')).length > 2 && seen;
    });
    assert.deepEqual(told(events), [whole, part].sort());
    const inCounty = await of('?county=1001');
    assert.deepEqual(told(inCounty), [whole, whole, part].sort());
    assert.equal(new Set(inCounty.map((event) => event.UID)).size, 3);
    assert.deepEqual(told(await of('?county=1002')), told(events));
    assert.equal((await icsOf('isfahan', `?county=${'x'.repeat(50)}`)).status, 422);
  }));

test('getCalendarIcs: has the days of a year before and after, each one day long, uncertain ones tentative', async () => {
  const lines = unfolded(await (await icsOf('isfahan')).text());
  assert.deepEqual(lines.slice(0, 4), ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Mosharekat//Calendar//FA',
    'CALSCALE:GREGORIAN']);
  assert.equal(lines.at(-1), 'END:VCALENDAR');
  const events = eventsIn(lines);
  const {items} = done(await list({from: '2025-11-20', to: '2027-11-22', limit: 100}));
  const statusOf = (day) => (day.is_certain ? 'CONFIRMED' : 'TENTATIVE');
  const compact = (date) => date.replaceAll('-', '');
  assert.deepEqual(
    events.map((e) => [e['DTSTART;VALUE=DATE'], e.CATEGORIES, e.SUMMARY, e.STATUS].join(' ')).sort(),
    items.map((day) => [compact(day.date), day.kind, day.title, statusOf(day)].join(' ')).sort());
  for (const event of events) {
    const day = (name) => Date.parse(event[`${name};VALUE=DATE`].replace(/(....)(..)(..)/, '$1-$2-$3'));
    assert.equal(day('DTEND') - day('DTSTART'), 24 * 3600 * 1000);
    assert.match(event.DTSTAMP, /^20261121T08\d{4}Z$/);
  }
  const uids = events.map((event) => event.UID);
  assert.equal(new Set(uids).size, events.length);
  const {data: {id}} = await add({...SMOG, date: '2026-11-25'});
  const after = await until('the entry to show', async () => {
    const now = eventsIn(unfolded(await (await icsOf('isfahan')).text())).map((event) => event.UID);
    return now.length > uids.length && now;
  });
  assert.deepEqual(uids.filter((uid) => !after.includes(uid)), [], 'an entry keeps its UID whatever is added');
  done(await remove(id), 204);
  assert.equal((await icsOf('nowhere')).status, 404);
});
