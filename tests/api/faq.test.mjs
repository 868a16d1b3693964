// Frequent questions: kept by staff, searched by everybody, with the history of each answer.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const {anyone} = house;
const {admin, moderator, expert} = await house.people(['admin', 'moderator', 'expert'], 'isfahan');

const PATH = '/v1/orgs/{org}/faq/{code}';
const at = (code, header) => ({path: {org: 'isfahan', code}, ...(header && {header})});
const create = (body, {who = admin, header} = {}) =>
  who.POST('/v1/orgs/{org}/faq', {params: {path: {org: 'isfahan'}, header}, body});
const get = (code) => anyone.GET(PATH, {params: at(code)});
const list = (query = {}) => anyone.GET('/v1/orgs/{org}/faq', {params: {path: {org: 'isfahan'}, query}});
const change = (code, body, {who = admin, header = {'If-Match': '*'}} = {}) => who.PATCH(PATH,
  {params: at(code, header), headers: {'Content-Type': 'application/merge-patch+json'}, body});
const retire = (code, {who = admin, header = {'If-Match': '*'}} = {}) => who.DELETE(PATH, {params: at(code, header)});
const codes = async (query) => done(await list(query)).items.map(({code}) => code);

const DEADLINE = {code: 'when-answered', question: 'پاسخ شکایت چه زمانی می‌رسد؟',
  answer: 'حداكثر ده روز كاري پس از دریافت؛ روزهای تعطیل شمرده نمی‌شوند.', topic: 'شکایت'};
const TRACKING = {code: 'how-to-track', question: 'چگونه پی‌گیری کنم؟', answer: 'با کد رهگیری رسید.', topic: 'پیگیری'};

test('createFaq, getFaq: as given, dated today', async () => {
  const {updated_on: on, updated_on_jalali: jalali, ...rest} = done(await create(DEADLINE), 201);
  assert.deepEqual(rest, DEADLINE);
  assert.match(on, /^20\d\d-\d\d-\d\d$/);
  assert.match(jalali, /^14\d\d-\d\d-\d\d$/);
  const {history, ...page} = done(await get(DEADLINE.code));
  assert.deepEqual(page, {...rest, updated_on: on, updated_on_jalali: jalali});
  assert.deepEqual(history.map(({kind, data}) => [kind, data.answer]), [['faq.created', DEADLINE.answer]]);
  done(await create(TRACKING, {who: moderator}), 201);
});

test('createFaq: refused twice, incomplete, or by others', async () => {
  refused(await create(DEADLINE), 409, 'code_taken');
  faulty(await create({code: 'x', question: 'چه', answer: ''}), 'body /question too_short', 'body /answer too_short');
  refused(await create({...DEADLINE, code: 'other'}, {who: expert}), 403, 'forbidden');
  const header = {'Idempotency-Key': randomUUID()};
  const body = {...DEADLINE, code: 'once', topic: 'دیگر'};
  assert.deepEqual(done(await create(body, {header}), 201), done(await create(body, {header}), 201));
  done(await retire('once'), 204);
});

test('listFaq: in order, by topic and by words in any spelling', async () => {
  assert.deepEqual(await codes(), [DEADLINE.code, TRACKING.code]);
  assert.deepEqual(await codes({topic: 'شكايت'}), [DEADLINE.code]);
  assert.deepEqual(await codes({q: 'حداکثر ده روز کاری'}), [DEADLINE.code]);
  assert.deepEqual(await codes({q: 'پی گیری'}), [TRACKING.code]);
  assert.deepEqual(await codes({q: 'رهگیری', topic: 'شکایت'}), []);
  assert.deepEqual(await allPages((query) => list(query), 1).then((pages) => pages.map((page) => page.length)), [1, 1]);
  faulty(await list({q: ''}), 'query /q too_short');
});

test('changeFaq: another answer is dated anew, and the one before is kept', async () => {
  const before = done(await get(TRACKING.code));
  await house.moveClock('3 days');
  const answer = await change(TRACKING.code, {answer: 'با کد رهگیری یا تلفن ۱۱۱.'}, {header: {'If-Match': '"1"'}});
  const {updated_on: on, topic} = done(answer);
  assert.ok(on > before.updated_on);
  assert.equal(topic, TRACKING.topic);
  assert.equal(etagOf(answer), '"2"');
  const {history} = done(await get(TRACKING.code));
  assert.deepEqual(history.map(({kind, data}) => [kind, data.answer]),
    [['faq.created', TRACKING.answer], ['faq.changed', 'با کد رهگیری یا تلفن ۱۱۱.']]);
  refused(await change(TRACKING.code, {topic: null}, {header: {'If-Match': '"1"'}}), 412, 'precondition_failed');
  refused(await change(TRACKING.code, {topic: null}, {who: expert}), 403, 'forbidden');
  done(await change(TRACKING.code, {}));
});

test('retireFaq: gone, once', async () => {
  refused(await retire(TRACKING.code, {header: {}}), 428, 'precondition_required');
  done(await retire(TRACKING.code), 204);
  refused(await get(TRACKING.code), 404, 'not_found');
  refused(await retire(TRACKING.code), 404, 'not_found');
  assert.deepEqual(await codes(), [DEADLINE.code]);
});
