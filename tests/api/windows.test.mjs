// Comment windows: what each governorate promised (I3, B1, B2), and that a window opens and closes by the clock, to
// the second, with no worker anywhere.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import YAML from 'yaml';
import {done, etagOf, faulty, refused} from '../lib/client.mjs';
import {deskOf, later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const START = '2026-12-01T05:30:00Z'; // 10 Azar 1405, nine in the morning
const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desks = {};
for (const slug of ['isfahan', 'semnan', 'sistan-baluchestan']) desks[slug] = await deskOf(house, slug);
const desk = desks.isfahan;

before(() => house.moveClock(new Date(START)));

const strategyOf = (slug) => YAML.parse(fs.readFileSync(path.join(ROOT, `strategies/${slug}.yaml`), 'utf8'));
const same = (a, b) => assert.equal(new Date(a).toISOString(), new Date(b).toISOString());
const publish = (opens_at, closes_at) => ({to: 'published', opens_at, closes_at});

// --- what was promised ---

const jalali = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn',
  {timeZone: 'Asia/Tehran', year: 'numeric', month: 'numeric', day: 'numeric'});
const jalaliOf = (instant) => {
  const parts = Object.fromEntries(jalali.formatToParts(new Date(instant)).map(({type, value}) => [type, Number(value)]));
  return {month: parts.month, day: parts.day};
};

// The same day of the next Jalali month, but at least 30 days: found by looking at the calendar day by day.
function aMonthLater(opens) {
  const from = jalaliOf(opens);
  for (let days = 28; ; days++) {
    const {month, day} = jalaliOf(later(opens, days));
    if (month === (from.month % 12) + 1 && day === from.day) return later(opens, Math.max(days, 30));
  }
}

const leastEnd = (window, opens) => (window.unit === 'days' ? later(opens, window.length) : aMonthLater(opens));

for (const [slug, at] of Object.entries(desks))
  for (const [kind, window] of Object.entries(strategyOf(slug).windows).filter(([, promise]) => promise))
    test(`transitionDraft: ${slug} keeps ${window.promise} for a ${kind}, and says so when it would not`, async () => {
      const opens = later(START, 1);
      const least = leastEnd(window, opens);
      const {id} = await at.begun({kind});
      const problem = refused(await at.move(id, publish(opens, later(least, 0, -1))), 422, 'window_too_short');
      const {least_closes_at: told, ...promised} = problem.promised;
      assert.deepEqual(promised, {unit: window.unit, length: window.length, promise: window.promise});
      same(told, least);
      assert.equal(problem.least_closes_at, told);
      assert.equal(done(await at.get(id, at.head)).state, 'preparing');

      const draft = done(await at.move(id, publish(opens, least)));
      same(draft.closes_at, least);
      assert.deepEqual(draft.promised, {...promised, least_closes_at: draft.closes_at});
    });

for (const [when, opens] of [
  ['in a month of 31 days', '2027-04-10T05:30:00Z'],
  ['on the 31st, before a month of 30', '2027-09-22T05:30:00Z'],
  ['across the 29 days of Esfand', '2027-03-10T05:30:00Z'],
  ['just before midnight in Tehran', '2027-05-01T20:29:59Z'],
])
  test(`transitionDraft: one month (B2) from a day ${when}`, async () => {
    const at = desks['sistan-baluchestan'];
    const {id} = await at.begun({kind: 'bill'});
    const draft = done(await at.move(id, {to: 'published', opens_at: opens}));
    const {month, day} = jalaliOf(opens);
    same(draft.closes_at, day === 31 && month === 6 ? later(opens, 30) : aMonthLater(opens));
    const [y, m, d] = draft.opens_on_jalali.split('-').map(Number);
    assert.deepEqual([y > 1400, m, d], [true, month, day]);
  });

for (const kind of Object.keys(strategyOf('semnan').windows))
  test(`transitionDraft: semnan promised nothing for a ${kind}, so the end must be stated, and any will do`, async () => {
    const at = desks.semnan;
    const {id} = await at.begun({kind});
    refused(await at.move(id, {to: 'published'}), 422, 'window_end_needed');
    const opens = later(START, 1);
    refused(await at.move(id, publish(opens, opens)), 422, 'window_too_short');
    const draft = done(await at.move(id, publish(opens, later(opens, 0, 1))));
    assert.deepEqual(draft.promised, {unit: 'none', length: null, promise: null, least_closes_at: null});
  });

test('transitionDraft: opens now and closes at the promised end unless said otherwise', async () => {
  const draft = await desk.opened();
  assert.equal(draft.state, 'open');
  assert.equal(draft.opens_at, draft.published_at);
  same(draft.closes_at, later(draft.opens_at, 7));
  assert.deepEqual([draft.round, draft.version, draft.opens_on_jalali], [1, 1, '1405-09-10']);
});

test('transitionDraft: a window cannot open in the past', async () => {
  const {id} = await desk.begun();
  const past = later(await house.now(), 0, -1);
  refused(await desk.move(id, publish(past, later(past, 30))), 422, 'window_in_past');
  faulty(await desk.move(id, publish('tomorrow', '2027-01-01')), 'body /opens_at wrong_format',
    'body /closes_at wrong_format');
  faulty(await desk.move(id, {to: 'published', number: '7'}), 'body /number unknown_member');
  faulty(await desk.move(id, {to: 'preparing'}), 'body /to no_variant');
  faulty(await desk.move(id, {}), 'body /to required');
});

test('transitionDraft: needs the entity tag of what it moves, and a key that may', async () => {
  const {id} = await desk.begun();
  refused(await desk.move(id, {to: 'published'}, {header: {}}), 428, 'precondition_required');
  refused(await desk.move(id, {to: 'published'}, {header: {'If-Match': '"7-preparing"'}}), 412, 'precondition_failed');
  refused(await desk.move(id, {to: 'published'}, {who: desk.anyone}), 401, 'unauthorized');
  refused(await desk.move(id, {to: 'published'}, {who: desk.expert}), 403, 'forbidden');
  refused(await desk.move(id, {to: 'published'}, {who: desk.client}), 403, 'forbidden');
  const result = await desk.move(id, {to: 'published'}, {header: {'If-Match': await desk.tagOf(id)}});
  assert.deepEqual([done(result).state, etagOf(result)], ['open', '"2-open"']);
});

// --- by the clock ---

const statesOf = async (id) => {
  const lists = await Promise.all(['scheduled', 'open', 'closed'].map((state) => desk.list({state, limit: 100})));
  const listed = lists.map((result) => done(result).items.find((item) => item.id === id)?.state).filter(Boolean);
  const seen = [await desk.get(id), await desk.get(id, desk.head)].map((result) => done(result).state);
  return [...listed, ...seen].join(' ');
};

test('getDraft: is scheduled, open and closed by the clock alone, in every answer', async () => {
  const opens = later(await house.now(), 1);
  const draft = await desk.opened({}, {opens_at: opens});
  assert.equal(await statesOf(draft.id), 'scheduled scheduled scheduled');
  refused(await desk.comment(draft.id, {text: 'زود است'}), 409, 'window_not_open', {opens_at: draft.opens_at});

  await house.moveClock(new Date(opens));
  assert.equal(await statesOf(draft.id), 'open open open');
  done(await desk.comment(draft.id, {text: 'به هنگام است'}), 201);

  await house.moveClock(new Date(draft.closes_at));
  assert.equal(await statesOf(draft.id), 'closed closed closed');
  refused(await desk.comment(draft.id, {text: 'دیر است'}), 409, 'window_closed', {closes_at: draft.closes_at});
});

test('getDraft: closes to the second, from the cache as from the database', async () => {
  const draft = await desk.opened();
  const end = new Date(draft.closes_at).getTime();
  await house.moveClock(new Date(end - 1500));
  const shift = (await house.now()).getTime() - Date.now();

  for (const who of [desk.anyone, desk.head]) {
    for (let state = 'open'; state === 'open';) {
      const asked = Date.now() + shift;
      ({state} = done(await desk.get(draft.id, who)));
      const answered = Date.now() + shift;
      if (answered < end - 200) assert.equal(state, 'open', `${end - answered} ms before the end`);
      if (asked > end + 200) assert.equal(state, 'closed', `${asked - end} ms behind the end`);
      await sleep(20);
    }
  }
});

test('createComment: the closing instant itself is too late', async () => {
  const draft = await desk.opened();
  await house.moveClock(new Date(new Date(draft.closes_at).getTime() - 60000));
  done(await desk.comment(draft.id, {text: 'در واپسین دقیقه'}), 201);
  await house.moveClock(new Date(draft.closes_at));
  refused(await desk.comment(draft.id, {text: 'در همان لحظه'}), 409, 'window_closed', {closes_at: draft.closes_at});
});

// --- longer, and once more ---

test('transitionDraft: a window is extended only to later, and with a reason for the public', async () => {
  const draft = await desk.opened();
  const end = later(draft.closes_at, 3);
  const extend = (changes) => desk.move(draft.id, {to: 'published', closes_at: end, reason: 'تعطیلی', ...changes});
  refused(await extend({reason: undefined}), 422, 'reason_needed');
  refused(await extend({closes_at: undefined}), 422, 'window_end_needed');
  refused(await extend({closes_at: draft.closes_at}), 422, 'window_only_later', {closes_at: draft.closes_at});
  refused(await extend({closes_at: later(draft.closes_at, 0, -1)}), 422, 'window_only_later');
  assert.equal(done(await desk.get(draft.id)).closes_at, draft.closes_at);

  const extended = done(await extend({}));
  same(extended.closes_at, end);
  assert.deepEqual([extended.round, extended.opens_at, extended.promised],
    [1, draft.opens_at, draft.promised]);
  await house.moveClock(new Date(draft.closes_at));
  assert.equal(done(await desk.get(draft.id)).state, 'open');
  await house.moveClock(new Date(end));
  const later2 = later(end, 3);
  refused(await extend({closes_at: later2}), 409, 'window_closed', {closes_at: extended.closes_at});

  const events = done(await desk.anyone.GET('/v1/orgs/{org}/drafts/{id}/events', {params: desk.at(draft.id)}));
  const event = events.items.find(({kind}) => kind === 'draft.extended');
  assert.deepEqual([event.data.reason, event.actor], ['تعطیلی', 'staff']);
  same(event.data.closes_at, end);
});

test('transitionDraft: a review begins only when the window has closed', async () => {
  const draft = await desk.opened();
  refused(await desk.move(draft.id, {to: 'reviewing'}), 409, 'window_still_open', {closes_at: draft.closes_at});
  await desk.close(draft);
  assert.equal(done(await desk.move(draft.id, {to: 'reviewing'})).state, 'reviewing');
});

test('transitionDraft: a second round has a promised window of its own', async () => {
  const draft = await desk.reviewed();
  const now = await house.now();
  const {least_closes_at: least} = refused(await desk.move(draft.id, publish(later(now, 1), later(now, 2))), 422,
    'window_too_short');
  same(least, later(now, 8));
  const again = done(await desk.move(draft.id, {to: 'published'}));
  assert.deepEqual([again.state, again.round, again.published_at], ['open', 2, draft.published_at]);
  same(again.closes_at, later(again.opens_at, 7));
  done(await desk.comment(draft.id, {text: 'دور دوم'}), 201);
});
