// What everybody sees of suggestions: approved ones, who supports them, and which are like another. Nothing else.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {BODIES, caseworkOf, newSuggestion} from '../lib/casework.mjs';
import {allPages, clientOf, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {startProvider} from '../lib/provider.mjs';
import {until} from '../lib/server.mjs';

const provider = await startProvider();
const house = await startHouse({settings: {rate_read: 100000, rate_submit: 100000, rate_track: 100000,
  identity_issuer: provider.issuer, identity_refresh: '1s'}});
after(async () => {
  await house.stop();
  await provider.stop();
});
const office = await caseworkOf(house);
const semnan = await caseworkOf(house, 'semnan');
const sistan = await caseworkOf(house, 'sistan-baluchestan');

const KIND = 'suggestion';
const ZAHRA = {name: 'زهرا کریمی', mobile: '09131234567', national_id: '0084575948'};
const device = () => `device-${randomUUID()}`;
const supportsOf = async (id) => done(await office.shownPublicly(id)).supports;
const times = (n, make) => Promise.all(Array.from({length: n}, (_, i) => make(i)));

await until('the keys of the provider', async () => /"identity.keys"[^\n]*"count":1/.test(house.server.stderr));

// --- verified citizens: their tokens end within the hour, and the clock is moved below ---

test('supportSuggestion: a verified citizen counts once, from whatever device', async () => {
  const {id} = await office.made(KIND, 'approved');
  const token = await provider.signIn('zahra');
  const citizen = clientOf(house.server.url, token);
  await times(10, () => office.support(id, device(), 'PUT', citizen));
  assert.equal(await supportsOf(id), 1);
  done(await office.support(id, undefined, 'PUT', clientOf(house.server.url, await provider.signIn('narges'))));
  assert.equal(await supportsOf(id), 2);
  refused(await office.support(id, undefined), 422, 'voter_needed');
  faulty(await office.support(id, 'short'), 'header /Device-Token too_short');
});

// --- what is public ---

test('getPublicSuggestion: nothing is public before the committee approved it, or if it did not', async () => {
  for (const state of ['submitted', 'needs_completion', 'committee', 'rejected', 'appealed', 'withdrawn']) {
    const {id} = await office.made(KIND, state, {suggester: ZAHRA, show_name: true});
    refused(await office.shownPublicly(id), 404, 'not_found');
    assert.ok(!done(await office.listedPublicly({limit: 100})).items.some((item) => item.id === id));
    refused(await office.support(id, device()), 404, 'not_found');
  }
  refused(await office.shownPublicly((await office.filed('complaint')).id), 404, 'not_found');
});

test('getPublicSuggestion: what was suggested and decided, and no contact, share or opinion', async () => {
  const {id, number} = await office.made(KIND, 'approved', {suggester: ZAHRA, share: 50, benefit: 'صف از میان می‌رود.',
    co_suggesters: [{name: 'نرگس یوسفی', share: 50}], cost: 'دو ماه کار', service_code: 'desk-7'});
  const shown = done(await office.shownPublicly(id));
  const {subject, problem, proposal} = newSuggestion();
  const {received_at: _, public_at: __, received_on_jalali: day, public_on_jalali: decided, ...rest} = shown;
  assert.match(day, /^1\d{3}-\d\d-\d\d$/);
  assert.equal(decided, day);
  assert.deepEqual(rest, {id, number, state: 'approved', subject, service_code: 'desk-7', unit_code: null, author_name: null,
    supports: 0, problem, proposal,
    benefit: 'صف از میان می‌رود.', answer: BODIES[KIND].approved.text, progress: []});
  const text = JSON.stringify([shown, done(await office.listedPublicly({limit: 100}))]);
  for (const secret of [...Object.values(ZAHRA), 'نرگس', 'شدنی است', 'دو ماه کار']) assert.ok(!text.includes(secret), secret);
  refused(await semnan.shownPublicly(id), 404, 'not_found');
});

test('getPublicSuggestion: the author is named if they agreed, and in no other way', async () => {
  const {id} = await office.made(KIND, 'approved', {suggester: ZAHRA, show_name: true});
  const shown = done(await office.shownPublicly(id));
  assert.equal(shown.author_name, ZAHRA.name);
  assert.ok(!JSON.stringify(shown).includes(ZAHRA.mobile));
});

test('getPublicSuggestion: a cached answer goes when the suggestion moves on', async () => {
  const {id} = await office.made(KIND, 'approved');
  const before = await office.shownPublicly(id);
  const again = await office.anyone.GET('/v1/orgs/{org}/suggestions/public/{id}',
    {params: office.at(id), headers: {'If-None-Match': etagOf(before)}});
  assert.equal(again.response.status, 304);
  for (const state of ['planned', 'implementing', 'implemented']) {
    done(await office.move(KIND, id, BODIES[KIND][state]));
    const shown = done(await office.shownPublicly(id));
    assert.deepEqual([shown.state, shown.progress.at(-1).text, shown.answer], [state, BODIES[KIND][state].text,
      BODIES[KIND].approved.text]);
  }
  done(await office.tell(id, 'یک سال بعد'), 201);
  assert.equal(done(await office.shownPublicly(id)).progress.at(-1).text, 'یک سال بعد');
});

test('listPublicSuggestions: newest approval first, by state and service, page by page', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) {
    made.unshift((await semnan.made(KIND, i % 2 === 0 ? 'approved' : 'planned', {subject: `پیشنهاد ${i}`,
      service_code: i < 2 ? 'a' : 'b'})).id);
    await house.moveClock('1 hour');
  }
  const get = (query) => semnan.listedPublicly(query);
  const ids = (pages) => pages.flat().map((item) => item.id);
  assert.deepEqual(ids(await allPages(get, 2)), made);
  assert.deepEqual(ids([done(await get({state: 'planned'})).items]), [made[1], made[3]]);
  assert.deepEqual(ids([done(await get({service: 'a'})).items]), [made[3], made[4]]);
  assert.equal(done(await semnan.listedPublicly({limit: 1}, {Prefer: 'count=exact'})).total, 5);
  faulty(await get({state: 'rejected'}), 'query /state not_allowed');
  faulty(await get({sort: 'oldest'}), 'query /sort not_allowed');
});

// --- supports ---

test('supportSuggestion: raced 50 ways by one device it counts once, and can be repeated', async () => {
  const {id} = await office.made(KIND, 'approved');
  const mine = device();
  for (const result of await times(50, () => office.support(id, mine))) assert.equal(done(result).supported, true);
  assert.equal(await supportsOf(id), 1);
  assert.deepEqual(done(await office.support(id, mine)), {id, supported: true, supports: 1});
  const [row] = await house.query('SELECT count(*)::int AS n FROM suggestion_support WHERE case_id = $1', [id]);
  assert.equal(row.n, 1);
});

test('supportSuggestion: 50 devices at once are 50 supporters, of whom nothing is kept but keyed hashes', async () => {
  const [a, b] = [await office.made(KIND, 'approved'), await office.made(KIND, 'approved')];
  const devices = Array.from({length: 50}, device);
  await times(50, (i) => office.support(a.id, devices[i]));
  done(await office.support(b.id, devices[0]));
  assert.deepEqual([await supportsOf(a.id), await supportsOf(b.id)], [50, 1]);
  const voters = await house.query('SELECT voter FROM suggestion_support WHERE case_id IN ($1, $2)', [a.id, b.id]);
  assert.equal(new Set(voters.map(({voter}) => voter.toString('hex'))).size, 51); // one device, two things: two hashes
});

test('unsupportSuggestion: takes it back, once', async () => {
  const {id} = await office.made(KIND, 'approved');
  const mine = device();
  assert.deepEqual(done(await office.support(id, mine, 'DELETE')), {id, supported: false, supports: 0});
  done(await office.support(id, mine));
  done(await office.support(id, device()));
  for (const result of await times(20, () => office.support(id, mine, 'DELETE'))) assert.equal(done(result).supported, false);
  assert.equal(await supportsOf(id), 1);
  assert.equal(done(await office.support(id, mine)).supports, 2);
  await times(50, (i) => office.support(id, mine, i % 2 === 0 ? 'PUT' : 'DELETE'));
  const [{active}] = await house.query(
    'SELECT count(*) FILTER (WHERE is_active)::int AS active FROM suggestion_support WHERE case_id = $1', [id]);
  assert.equal(await supportsOf(id), active);
});

test('listPublicSuggestions: the most supported first, once the worker has counted', async () => {
  const made = [];
  for (let i = 0; i < 4; i++) made.push((await office.made(KIND, 'approved', {service_code: 'ranked'})).id);
  const supports = [2, 5, 0, 3];
  for (const [i, n] of supports.entries()) await times(n, () => office.support(made[i], device()));
  const ranked = async () => (await allPages((query) => office.listedPublicly({service: 'ranked', sort: 'supports', ...query}), 1))
    .flat().map(({id, supports: n}) => [id, n]);
  const wanted = [[made[1], 5], [made[3], 3], [made[0], 2], [made[2], 0]];
  await house.moveClock('1 minute');
  await until('the supports to be counted', async () => (await house.query(
    'SELECT FROM suggestion_support WHERE is_active <> is_counted LIMIT 1')).length === 0);
  await house.moveClock('1 minute'); // past what is cached
  assert.deepEqual(await ranked(), wanted);
  const [{counted}] = await house.query('SELECT sum(supports)::int AS counted FROM case_suggestion WHERE case_id = ANY ($1)', [made]);
  assert.equal(counted, 10);
});

// --- similar ones ---

const TEXTS = [
  {subject: 'نوبت‌دهی اینترنتی در میز خدمت', problem: 'مراجعان هر روز بیش از یک ساعت در صف می‌مانند.',
    proposal: 'نوبت از درگاه استانداری با انتخاب روز و ساعت داده شود.'},
  {subject: 'روشنایی پل خواجو', problem: 'پیاده‌روهای پیرامون پل در شب تاریک‌اند و رفت‌وآمد ناامن است.',
    proposal: 'چراغ‌های کم‌مصرف در پیاده‌روهای کنار رودخانه نصب شود.'},
  {subject: 'کتابخانهٔ سیار روستاها', problem: 'دانش‌آموزان روستاهای دوردست به کتابخانه دسترسی ندارند.',
    proposal: 'یک مینی‌بوس هر دو هفته کتاب امانت ببرد و بیاورد.'},
  {subject: 'تفکیک زباله از مبدأ در ادارات', problem: 'کاغذ باطلهٔ اداره‌ها با زبالهٔ تر دور ریخته می‌شود.',
    proposal: 'در هر طبقه مخزن جدا گذاشته و هر هفته گردآوری شود.'},
];

test('findSimilarSuggestions: the same idea in other spelling is found first, others are not', async () => {
  const ids = [];
  for (const text of TEXTS) ids.push((await sistan.made(KIND, 'approved', text)).id);
  const found = async (body, who) => done(await sistan.similar(body, who)).items.map((item) => item.id);
  const [{similarity, ...first}] = done(await sistan.similar(TEXTS[1])).items;
  assert.deepEqual([first.id, first.subject, first.public, first.state], [ids[1], TEXTS[1].subject, true, 'approved']);
  assert.equal(similarity, 1);
  assert.deepEqual(await found({text: 'كتابخانه سيار برای روستا ها'}), [ids[2]]);
  assert.deepEqual(await found({subject: 'روشنائی پل خواجو در شب'}), [ids[1]]);
  assert.deepEqual(await found({subject: 'تفکیک زباله‌ها', proposal: 'مخزن‌های جدا برای کاغذ در اداره'}), [ids[3]]);
  assert.deepEqual(await found({text: 'نوبتدهی اینترنتی میزهای خدمت'}), [ids[0]]);
  assert.deepEqual(await found({text: 'واکسیناسیون دام عشایر'}), []);
});

test('findSimilarSuggestions: the public is shown what is public, staff all but what was withdrawn', async () => {
  const text = {subject: 'پارکینگ دوچرخه در ادارات', problem: 'برای دوچرخه جایی نیست.', proposal: 'در حیاط ادارات پارکینگ دوچرخه بسازند.'};
  const {id, tracking_code: code} = await office.filed(KIND, text);
  assert.deepEqual(done(await office.similar(text)).items, []);
  const {items: [mine]} = done(await office.similar(text, office.deputy));
  assert.deepEqual([mine.id, mine.public, mine.similarity], [id, false, 1]);
  assert.deepEqual(done(await office.similar(text, office.client)).items, []); // a key that reads no cases
  done(await office.citizen('withdraw', code));
  assert.deepEqual(done(await office.similar(text, office.deputy)).items, []);
  assert.deepEqual(done(await semnan.similar(text, semnan.deputy)).items.filter((item) => item.similarity > 0.5), []);
});

test('findSimilarSuggestions: of nothing, of one letter and of very much there is an answer', async () => {
  for (const body of [{}, {text: 'ن'}, {text: '؟!'}, {text: 'نوبت '.repeat(800)}])
    assert.ok(Array.isArray(done(await office.similar(body)).items));
  faulty(await office.similar({text: 'ن'.repeat(4001)}), 'body /text too_long');
  faulty(await office.similar({text: '\u200c\u200c'}), 'body /text blank');
  faulty(await office.similar({limit: 21}), 'body /limit too_large');
});

test('findSimilarSuggestions: completed words are found, replaced ones no more', async () => {
  const {id, tracking_code: code} = await office.made(KIND, 'needs_completion', {subject: 'پیشنهادی تازه',
    problem: 'آبخوری مدرسه‌ها فرسوده است.', proposal: 'آبخوری‌ها نو شوند.'});
  const found = async (text) => done(await office.similar({text}, office.admin)).items.some((item) => item.id === id);
  assert.equal(await found('آبخوری مدرسه های فرسوده'), true);
  done(await office.citizen('completion', code, {problem: 'زنگ‌های ورزش کوتاه‌اند.', proposal: 'زنگ ورزش دو ساعت شود.'}));
  assert.deepEqual([await found('آبخوری مدرسه های فرسوده'), await found('زنگ ورزش دو ساعت')], [false, true]);
});
