// One search over drafts, services, questions, subjects, suggestions and measures, as people spell and type.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done, faulty, refused} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const {anyone, admin} = desk;

const ORG = {path: {org: 'isfahan'}};
const search = (q, more = {}, org = 'isfahan') =>
  anyone.GET('/v1/orgs/{org}/search', {params: {path: {org}, query: {...(q !== undefined && {q}), ...more}}});
const hits = async (...args) => done(await search(...args)).items;
const titles = async (...args) => (await hits(...args)).map(({title}) => title);
const service = async (body, org = 'isfahan') => done(await (await house.client('admin', org))
  .POST('/v1/orgs/{org}/services', {params: {path: {org}}, body}), 201);
const question = async (body) => done(await admin.POST('/v1/orgs/{org}/faq', {params: ORG, body}), 201);
const subject = async (body) => done(await admin.POST('/v1/orgs/{org}/subjects', {params: ORG, body}), 201);
const measure = async (body) => done(await admin.POST('/v1/orgs/{org}/measures', {params: ORG, body}), 201);

await service({code: 'farm-water', title_fa: 'تعرفهٔ آب‌بهای كشاورزي', keywords: ['چاه'], documents: ['سند چاه']});
await question({code: 'water', question: 'قبض آب را کجا بپردازم؟', answer: 'در درگاه شرکت آبفا؛ آب‌بها هر دو ماه حساب می‌شود.'});
const policy = await subject({kind: 'policy', title: 'سیاست مصرف بهینه', text: 'کاهش آب بها برای کم مصرف ها در آیین نامه آمده است.'});
const plan = await measure({title: 'کنتور هوشمند روستایی', text: 'نصب کنتور برای آب‌بهای عادلانه', state: 'planned'});
const draft = await desk.opened({title: 'پیشنویس آیین‌نامهٔ چاه‌ها', summary: 'بهره‌برداری از چاه‌های کشاورزی'});
const hidden = await desk.begun({title: 'پیش‌نویس نهان چاه‌های عمیق', summary: 'هنوز منتشر نشده'});

test('search: finds every kind, says what it is and where', async () => {
  const items = await hits('آب بها');
  assert.deepEqual(items.map(({kind}) => kind).sort(), ['draft', 'faq', 'measure', 'service', 'subject']);
  const addresses = Object.fromEntries(items.filter(({kind}) => kind !== 'draft').map(({kind, address}) => [kind, address]));
  assert.deepEqual(addresses, {faq: '/v1/orgs/isfahan/faq/water', measure: `/v1/orgs/isfahan/measures/${plan.id}`,
    service: '/v1/orgs/isfahan/services/farm-water', subject: `/v1/orgs/isfahan/subjects/${policy.id}`});
  for (const address of Object.values(addresses)) assert.equal((await fetch(house.server.url + address)).status, 200);
  assert.match(items[0].on_jalali, /^14\d\d-\d\d-\d\d$/);
});

test('search: hits in titles come first, whole words before beginnings', async () => {
  assert.equal((await hits('آب بها'))[0].kind, 'service');
  await question({code: 'meter', question: 'پرسش دیگر', answer: 'کنتورها را چه کسی می‌خواند؟'});
  assert.deepEqual((await hits('کنتور')).map(({kind}) => kind), ['measure', 'faq']);
});

test('search: spelling makes no difference', async () => {
  const wanted = ['تعرفهٔ آب‌بهای كشاورزي'];
  for (const q of ['تعرفه آب‌بهای کشاورزی', 'تَعرفه‌ی آب بهای كشاورزی', 'تعرفة آببهای كشاورزي', '  تعرفۀ  كشاورزي ', 'تعرفـــه'])
    assert.deepEqual(await titles(q), wanted, q);
});

test('search: a word in two parts and in one are the same', async () => {
  for (const q of ['پیش نویس آیین نامه', 'پیشنویس آیین‌نامه', 'پیش‌نویس آییننامه', 'پیشنویس', 'پیش نویس', 'چاهها', 'چاه ها'])
    assert.ok((await titles(q)).includes('پیشنویس آیین‌نامهٔ چاه‌ها'), q);
  assert.deepEqual(await titles('آییننامه کم‌مصرفها'), ['سیاست مصرف بهینه']);
});

test('search: the snippet shows the hit as it is written', async () => {
  const [{snippet, hit}] = await hits('بهره برداری');
  assert.equal(hit, 'برداری');
  assert.ok(snippet.includes('بهره‌برداری از چاه'), snippet);
  await question({code: 'long', question: 'پرسش بلند', answer: `${'متن بلند است. '.repeat(60)}سرانجام زعفران ${'و باز هم. '.repeat(60)}`});
  const [long] = await hits('زعفران');
  assert.equal(long.hit, 'زعفران');
  assert.match(long.snippet, /^….*سرانجام زعفران.*…$/);
  assert.ok(long.snippet.length < 220);
  assert.equal((await hits('بلند'))[0].hit, 'بلند');
});

test('search: what is in preparation is not found, what is published is, by its clauses too', async () => {
  assert.deepEqual(await titles('نهان'), []);
  assert.deepEqual(await titles('الگوی مصرف', {kind: 'draft'}), [draft.title]);
  done(await desk.move(hidden.id, {to: 'published'}));
  assert.deepEqual(await titles('نهان'), [hidden.title]);
});

test('search: of this organisation alone, and of one kind where asked', async () => {
  await service({code: 'elsewhere', title_fa: 'آب‌بهای سمنان'}, 'semnan');
  assert.deepEqual(await titles('سمنان'), []);
  assert.deepEqual(await titles('آب بها', {}, 'semnan'), ['آب‌بهای سمنان']);
  assert.deepEqual((await hits('آب بها', {kind: 'faq'})).map(({code}) => code), ['water']);
  assert.equal((await hits('آب بها', {limit: 2})).length, 2);
});

test('search: follows changes and retirement', async () => {
  const {code} = await service({code: 'changing', title_fa: 'خدمت زودگذر'});
  const params = {path: {...ORG.path, code}, header: {'If-Match': '*'}};
  done(await admin.PATCH('/v1/orgs/{org}/services/{code}',
    {params, headers: {'Content-Type': 'application/merge-patch+json'}, body: {title_fa: 'خدمت ماندگار'}}));
  assert.deepEqual([await titles('زودگذر'), await titles('ماندگار')], [[], ['خدمت ماندگار']]);
  done(await admin.DELETE('/v1/orgs/{org}/services/{code}', {params}), 204);
  assert.deepEqual(await titles('ماندگار'), []);
});

test('search: an approved suggestion is found, one under way is not', async () => {
  const body = {subject: 'نیمکت کنار چاه', problem: 'جای نشستن نیست و همه ایستاده‌اند.', proposal: 'نیمکت چوبی گذاشته شود.'};
  const {id} = done(await anyone.POST('/v1/orgs/{org}/suggestions', {params: ORG, body}), 201);
  assert.deepEqual(await titles('نیمکت'), []);
  await house.query('UPDATE case_suggestion SET public_at = now() WHERE case_id = $1', [id]);
  assert.deepEqual((await hits('نیمکت چوبی')).map(({kind, address}) => [kind, address]),
    [['suggestion', `/v1/orgs/isfahan/suggestions/public/${id}`]]);
});

test('search: odd questions get a quick and honest answer', async () => {
  for (const q of ['ا', 'و ی', '؟!', 'آ ب', '%', '\u0640\u064B'])
    refused(await search(q), 422, 'search_too_short');
  faulty(await search('a'.repeat(4000)), 'query /q too_long');
  faulty(await search('آ'.repeat(300)), 'query /q too_long');
  assert.equal((await search('آ'.repeat(4000))).response.status, 414);
  faulty(await search(''), 'query /q too_short');
  for (const q of ['\u200c', '\u200c\u200c \u200c']) faulty(await search(q), 'query /q blank');
  faulty(await search(), 'query /q required');
  faulty(await search('آب', {kind: 'person'}), 'query /kind not_allowed');
  for (const q of ["'; DROP TABLE draft; --", 'آب & | ! :* \\', '<->', "''", 'ab:*'.repeat(50), 'واژه‌ای‌که‌نیست'])
    assert.ok([200, 422].includes((await search(q)).response.status), q);
  assert.deepEqual(await titles(`${'و '.repeat(99)}آب`), await titles('آب'));
  assert.deepEqual(await titles('آب '.repeat(66).trim(), {kind: 'service'}), ['تعرفهٔ آب‌بهای كشاورزي']);
});
