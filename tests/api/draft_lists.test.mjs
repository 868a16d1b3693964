// The list of drafts: its filters, its search, its pages.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {deskOf, later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const crowd = await deskOf(house, 'semnan'); // 45 drafts, for paging
const words = await deskOf(house, 'sistan-baluchestan'); // for searching

const ids = (items) => items.map((item) => item.id);

// --- states and kinds ---

const drafts = {};

before(async () => {
  // In an order that moves the clock past as few windows as possible.
  drafts.closed = await desk.opened({kind: 'criteria'});
  drafts.reviewing = await desk.opened({kind: 'circular'});
  drafts.approved = await desk.opened({kind: 'by_law'});
  drafts.promulgated = await desk.opened();
  drafts.sent = await desk.opened({kind: 'tariff'});
  await desk.close(drafts.sent);
  for (const name of ['reviewing', 'approved', 'promulgated', 'sent'])
    done(await desk.move(drafts[name].id, {to: 'reviewing'}));
  for (const name of ['approved', 'promulgated', 'sent'])
    done(await desk.move(drafts[name].id, {to: 'approved'}, {who: desk.approver}));
  const office = {who: desk.office};
  done(await desk.move(drafts.promulgated.id, {to: 'promulgated', number: '۱۲/۳', date: '2027-01-10'}, office));
  done(await desk.move(drafts.sent.id, {to: 'sent', authority: 'مجلس', letter_number: '۴۵'}, office));
  drafts.open = await desk.opened({kind: 'bill'});
  drafts.scheduled = await desk.opened({}, {opens_at: later(await house.now(), 3)});
  drafts.preparing = await desk.begun();
  drafts.exempted = await desk.begun();
  const exempt = {to: 'exempted', reason_code: 'urgent', reason: 'سیلاب'};
  done(await desk.move(drafts.exempted.id, exempt));
  drafts.withdrawn = await desk.opened();
  done(await desk.move(drafts.withdrawn.id, {to: 'withdrawn', reason: 'تکراری بود'}));
});

const PUBLIC_STATES = ['scheduled', 'open', 'closed', 'reviewing', 'approved', 'promulgated', 'sent', 'withdrawn',
  'exempted'];

for (const state of PUBLIC_STATES)
  test(`listDrafts: finds what is ${state}, for the public and for staff`, async () => {
    for (const who of [desk.anyone, desk.deputy]) {
      const {items} = done(await desk.list({state}, who));
      assert.deepEqual(items.map((item) => [item.id, item.state]), [[drafts[state].id, state]]);
    }
  });

test('listDrafts: what is in preparation is for staff alone', async () => {
  assert.deepEqual(done(await desk.list({state: 'preparing'})).items, []);
  assert.deepEqual(ids(done(await desk.list({state: 'preparing'}, desk.head)).items), [drafts.preparing.id]);
  assert.ok(!ids(done(await desk.list()).items).includes(drafts.preparing.id));
});

test('listDrafts: shows all of them newest first, without their clauses', async () => {
  const {items} = done(await desk.list());
  assert.equal(items.length, PUBLIC_STATES.length);
  const times = items.map((item) => item.created_at);
  assert.deepEqual(times, [...times].sort().reverse());
  assert.ok(items.every((item) => !('clauses' in item)));
});

test('listDrafts: an item says what the draft says', async () => {
  const {items: [item]} = done(await desk.list({state: 'sent'}));
  const {clauses, shown_version, changelog, allowed_transitions, ...rest} = done(await desk.get(item.id));
  assert.deepEqual(item, rest);
  assert.deepEqual(item.sent, {authority: 'مجلس', letter_number: '۴۵'});
});

test('listDrafts: filters by kind, and by kind and state together', async () => {
  assert.deepEqual(ids(done(await desk.list({kind: 'tariff'})).items), [drafts.sent.id]);
  assert.deepEqual(ids(done(await desk.list({kind: 'criteria', state: 'closed'})).items), [drafts.closed.id]);
  assert.deepEqual(done(await desk.list({kind: 'criteria', state: 'open'})).items, []);
});

test('listDrafts: gives what changed since an instant, that instant included', async () => {
  const {updated_at: at} = done(await desk.get(drafts.withdrawn.id));
  assert.deepEqual(ids(done(await desk.list({updated_since: at})).items), [drafts.withdrawn.id]);
  const behind = new Date(new Date(at).getTime() + 1).toISOString();
  assert.deepEqual(done(await desk.list({updated_since: behind})).items, []);
  const all = done(await desk.list({updated_since: '2020-01-01T00:00:00+03:30'}));
  assert.equal(all.items.length, PUBLIC_STATES.length);
});

test('listDrafts: names every faulty filter', async () => {
  faulty(await desk.list({state: 'lost', kind: 'law', updated_since: 'yesterday', q: '', limit: 1.5, cursor: 'x'.repeat(201)}),
    'query /state not_allowed', 'query /kind not_allowed', 'query /updated_since wrong_format', 'query /q too_short',
    'query /limit wrong_type', 'query /cursor too_long');
  const {url} = house.server;
  const twice = await fetch(`${url}/v1/orgs/isfahan/drafts?state=open&state=closed&Limit=1`);
  faulty({response: twice, error: await twice.json()}, 'query /state duplicate_parameter',
    'query /Limit unknown_parameter');
});

test('listDrafts: a key of another organisation, or one that may not read drafts, sees what the public sees', async () => {
  const hidden = await desk.begun();
  const ids = async (who) => done(await desk.list({limit: 100}, who)).items.map(({id}) => id);
  const seen = await ids(desk.anyone);
  assert.ok(!seen.includes(hidden.id) && (await ids(desk.expert)).includes(hidden.id));
  assert.deepEqual(await ids(crowd.head), seen);
  assert.deepEqual(await ids(desk.client), seen);
});

// --- search ---

const TITLES = {
  transport: 'آیین‌نامهٔ حمل‌ونقل کالا در سال ۱۴۰۵',
  water: 'تعرفهٔ آب شرب روستایی ۱۰۰٪ مصوّب',
  tea: 'ضوابط کشت چای و مرکّبات',
};
const found = {};

before(async () => {
  for (const [name, title] of Object.entries(TITLES))
    found[name] = await words.opened({title, summary: `خلاصهٔ ${name}`, kind: 'by_law'});
});

const SEARCHES = [
  ['letters of the Arabic keyboard', 'ايين نامة كالا', ['transport']],
  ['half-spaces as blanks and as nothing typed between words', 'حمل و نقل', ['transport']],
  ['the half-space itself', 'آیین‌نامه', ['transport']],
  ['Latin digits', '1405', ['transport']],
  ['Arabic digits', '١٤٠٥', ['transport']],
  ['without the vowel signs', 'مصوب مرکبات', []],
  ['with vowel signs nobody typed', 'مَركّبات', ['tea']],
  ['words in any order', 'روستایی تعرفه', ['water']],
  ['a part of a word', 'رکب', ['tea']],
  ['the summary', 'خلاصه TEA', ['tea']],
  ['signs as themselves', '100٪', ['water']],
  ['without wildcards', '%', []],
  ['without the other wildcard', '_', []],
  ['words of all', 'خلاصه', ['tea', 'water', 'transport']],
  ['what nobody wrote', 'برق', []],
];

for (const [how, q, names] of SEARCHES)
  test(`listDrafts: searches ${how}`, async () => {
    const {items} = done(await words.list({q}));
    assert.deepEqual(ids(items), names.map((name) => found[name].id));
  });

test('listDrafts: a search keeps to the other filters, counts and pages', async () => {
  assert.deepEqual(done(await words.list({q: 'خلاصه', kind: 'bill'})).items, []);
  assert.equal(done(await words.list({q: 'خلاصه', limit: 1}, words.anyone, {Prefer: 'count=exact'})).total, 3);
  const pages = await allPages((query) => words.list({q: 'خلاصه', ...query}), 2);
  assert.deepEqual(pages.map(ids), [[found.tea.id, found.water.id], [found.transport.id]]);
});

// --- pages ---

test('listDrafts: 45 drafts come page by page without gap or repetition, whatever is begun meanwhile', async () => {
  const made = [];
  for (let i = 0; i < 45; i++) made.unshift((await crowd.begun({title: `پیش‌نویس ${i}`})).id);

  const seen = [];
  for (const limit of [7, 20, 45, 100]) {
    const pages = await allPages(async (query) => {
      if (query.cursor && limit === 7) seen.push(await crowd.begun({title: 'در میانه'}));
      return crowd.list(query, crowd.head);
    }, limit);
    const listed = ids(pages.flat()).filter((id) => made.includes(id));
    assert.deepEqual(listed, made, `limit ${limit}`);
  }
  assert.equal(seen.length, 6);
});

test('listDrafts: 20 to a page unless said otherwise, and a total when asked for', async () => {
  const {data, response} = await crowd.list({}, crowd.head, {Prefer: 'count=exact'});
  assert.deepEqual([data.items.length, data.total], [20, 51]);
  assert.match(response.headers.get('Link'), /^<\/v1\/orgs\/semnan\/drafts\?cursor=[\w-]+>; rel="next"$/);
  const second = done(await crowd.list({cursor: data.next}, crowd.head, {Prefer: 'respond-async, count=exact'}));
  assert.equal(second.total, 51);
  assert.equal(done(await crowd.list({}, crowd.head)).total, undefined);
});

test('listDrafts: a cursor that was tampered with is refused, wherever', async () => {
  const {next} = done(await crowd.list({limit: 5}, crowd.head));
  const swap = (c) => (c === 'A' ? 'B' : 'A');
  for (let i = 0; i < next.length - 1; i += 3) {
    const cursor = next.slice(0, i) + swap(next[i]) + next.slice(i + 1);
    refused(await crowd.list({cursor}, crowd.head), 400, 'invalid_cursor');
  }
  for (const cursor of ['', next.slice(1), `${next}A`, `${next}=`, 'null', '٣'])
    refused(await crowd.list({cursor}, crowd.head), 400, 'invalid_cursor');
});

test('listDrafts: a cursor serves the list that it was given for, with any limit', async () => {
  const {next: cursor} = done(await crowd.list({limit: 5}, crowd.head));
  assert.equal(done(await crowd.list({limit: 3, cursor}, crowd.head)).items.length, 3);
  refused(await crowd.list({cursor, state: 'preparing'}, crowd.head), 400, 'invalid_cursor');
  refused(await desk.list({cursor}, desk.head), 400, 'invalid_cursor');
  refused(await crowd.queue({cursor}, crowd.moderator), 400, 'invalid_cursor');
});
