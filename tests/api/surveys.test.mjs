// Surveys up to their answers: drafting, faults of definitions, reading, scheduling, versions, links.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {newSurvey, option, pollOf, YES_NO} from '../lib/poll.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const poll = await pollOf(house);

const KEY = 'a-key-of-some-length-';
const single = (id, more = {}) => ({id, type: 'single', title_fa: 'پرسش', options: YES_NO, ...more});
const withQuestions = (...questions) => poll.create(newSurvey({questions}));

test('getSurvey: an answer that a key makes another one says so to caches', async () => {
  const {id} = await poll.scheduled();
  const [shown, known] = [await poll.get(id), await poll.get(id, poll.head)];
  assert.match(shown.response.headers.get('Vary'), /Authorization/);
  assert.equal(known.response.headers.get('Cache-Control'), 'no-store');
  assert.deepEqual([done(shown).allowed_transitions, done(known).allowed_transitions.length > 0], [null, true]);
});

test('createSurvey: every type of question comes back as it was written, in Persian and English', async () => {
  const questions = [
    single('q1', {title_en: 'Agreed?', help_fa: 'یک گزینه', help_en: 'One', required: true, order: 'random'}),
    {id: 'q2', type: 'multiple', title_fa: 'کدام‌ها؟', options: [option('a'), option('b'), option('c')], min: 1, max: 2},
    {id: 'q3', type: 'rating', title_fa: 'امتیاز', min: 1, max: 7, low_fa: 'بد', high_fa: 'خوب'},
    {id: 'q4', type: 'nps', title_fa: 'آیا پیشنهاد می‌کنید؟'},
    {id: 'q5', type: 'matrix', title_fa: 'هر بخش', rows: [option('desk')], columns: [option('good'), option('bad')]},
    {id: 'q6', type: 'ranking', title_fa: 'به ترتیب', options: [option('a'), option('b')]},
    {id: 'q7', type: 'number', title_fa: 'چند بار؟', min: 0, max: 99, integer: true},
    {id: 'q8', type: 'date', title_fa: 'کِی؟', from: '2026-01-01', to: '2026-12-31'},
    {id: 'q9', type: 'short_text', title_fa: 'در یک کلمه', max: 20},
    {id: 'q10', type: 'long_text', title_fa: 'توضیح', show_if: {all: [{question: 'q1', equals: 'no'},
      {any: [{question: 'q3', lte: 3}, {question: 'q2', in: ['a', 'b']}, {question: 'q9', answered: true}]}]}},
  ];
  const body = newSurvey({questions, title_en: 'A poll', introduction_en: 'Why', kind: 'topical',
    unit_code: 'public-relations', links: [{title: 'دستورالعمل', url: 'https://example.ir/directive'}]});
  const result = await poll.create(body);
  const survey = done(result, 201);
  assert.deepEqual(survey.questions, questions);
  assert.match(survey.number, /^14\d\d-\d{7}$/);
  const {questions: sent, ...rest} = body;
  for (const [name, value] of Object.entries(rest)) assert.deepEqual(survey[name], value, name);
  assert.deepEqual([survey.state, survey.version, survey.anonymised, survey.least_group, survey.results_visibility,
    survey.allowed_transitions], ['drafting', 1, true, 5, 'published', []]);
  assert.match(survey.declared.who_fa, /هر دستگاه یک بار/);
  assert.match(survey.declared.anonymity_en, /kept apart/);
  assert.ok(result.response.headers.get('Location').endsWith(survey.id));
});

test('createSurvey: what a type has not is refused, what it needs is asked for, all at once', async () => {
  faulty(await withQuestions(
    {id: 'a', type: 'single', title_fa: 'بی‌گزینه'},
    {id: 'b', type: 'nps', title_fa: 'گزینه‌دار', options: YES_NO, min: 1},
    {id: 'c', type: 'matrix', title_fa: 'بی‌ستون', rows: [option('r')]},
    {id: 'd', type: 'rating', title_fa: 'وارونه', min: 5, max: 5},
    {id: 'e', type: 'rating', title_fa: 'بزرگ', max: 11},
    {id: 'f', type: 'multiple', title_fa: 'بیش از گزینه‌ها', options: YES_NO, max: 3},
    {id: 'g', type: 'number', title_fa: 'وارونه', min: 9, max: 1},
    {id: 'h', type: 'date', title_fa: 'وارونه', from: '2026-02-02', to: '2026-02-01'},
    {id: 'a', type: 'single', title_fa: 'تکراری', options: [option('x'), option('x')]},
    {id: 'i', type: 'rating', title_fa: 'کسری', min: 1.5}),
  'body /questions/0/options required', 'body /questions/1/options not_for_type', 'body /questions/1/min not_for_type',
  'body /questions/2/columns required', 'body /questions/3/max too_small', 'body /questions/4/max too_large',
  'body /questions/5/max too_large', 'body /questions/6/max too_small', 'body /questions/7/to too_small',
  'body /questions/8/id not_unique', 'body /questions/8/options/1/id not_unique', 'body /questions/9/min wrong_type');
});

test('createSurvey: show_if cycles, later and unknown questions and senseless comparisons are refused', async () => {
  const errors = faulty(await withQuestions(
    single('a', {show_if: {question: 'a', equals: 'yes'}}),
    single('b', {show_if: {question: 'c', equals: 'yes'}}),
    single('c', {show_if: {question: 'b', equals: 'yes'}}),
    single('d', {show_if: {question: 'nobody', answered: true}}),
    single('e', {show_if: {question: 'a', equals: 'perhaps'}}),
    single('f', {show_if: {question: 'a', gte: 3}}),
    single('g', {show_if: {all: [{question: 'a', in: ['yes', 'never']}, {any: []}]}}),
    single('h', {show_if: {question: 'a'}}),
    single('i', {show_if: {question: 'a', equals: 'yes', answered: true}})),
  'body /questions/6/show_if/all/1/any too_few_items');
  assert.equal(errors.length, 1); // shape first, by the contract; then what it means:
  faulty(await withQuestions(
    single('a', {show_if: {question: 'a', equals: 'yes'}}),
    single('b', {show_if: {question: 'c', equals: 'yes'}}),
    single('c', {show_if: {question: 'b', equals: 'yes'}}),
    single('d', {show_if: {question: 'nobody', answered: true}}),
    single('e', {show_if: {question: 'a', equals: 'perhaps'}}),
    single('f', {show_if: {question: 'a', gte: 3}}),
    single('g', {show_if: {all: [{question: 'a', in: ['yes', 'never']}]}}),
    single('h', {show_if: {question: 'a'}}),
    single('i', {show_if: {question: 'a', equals: 'yes', answered: true}})),
  'body /questions/0/show_if/question not_earlier', 'body /questions/1/show_if/question not_earlier',
  'body /questions/3/show_if/question unknown_question', 'body /questions/4/show_if/equals not_allowed',
  'body /questions/5/show_if/gte not_for_type', 'body /questions/6/show_if/all/0/in/1 not_allowed',
  'body /questions/7/show_if required', 'body /questions/8/show_if too_many_items');
});

test('createSurvey: too many options, questions and nested conditions', async () => {
  const many = (count) => Array.from({length: count}, (_, i) => option(`o${i}`));
  faulty(await withQuestions(single('a', {options: many(101)})), 'body /questions/0/options too_many_items');
  faulty(await withQuestions(single('a', {options: many(5000)})), 'body /questions/0/options too_many_items');
  const tooMuch = await withQuestions(single('a', {options: many(10000)}));
  assert.ok([400, 413, 422].includes(tooMuch.response.status), String(tooMuch.response.status));
  faulty(await withQuestions(...many(201).map(({id}) => single(id))), 'body /questions too_many_items');
  const nest = (depth) => (depth === 0 ? {question: 'a', answered: true} : {all: [nest(depth - 1)]});
  faulty(await withQuestions(single('a'), single('b', {show_if: nest(5)})),
    'body /questions/1/show_if/all/0/all/0/all/0/all/0/all too_many_items');
  done(await withQuestions(...many(200).map(({id}) => single(id))), 201);
  done(await withQuestions(single('a', {options: many(100)})), 201);
});

test('createSurvey: bad input, permissions and repetition', async () => {
  faulty(await poll.create({...newSurvey(), kind: 'census', colour: 'red', least_group: 1, links: [{title: 'x', url: 'y'}]}),
    'body /kind not_allowed', 'body /colour unknown_member', 'body /least_group too_small', 'body /links/0/url wrong_format');
  refused(await poll.create(newSurvey({after_cases: true})), 422, 'not_after_cases');
  refused(await poll.create(newSurvey({unit_code: 'nowhere'})), 422, 'unknown_unit');
  await house.query(`INSERT INTO service (org_id, code, position, title_fa, keywords, documents, created_at, updated_at)
    SELECT id, 'permit', 1, 'پروانه', '{}', '{}', now(), now() FROM organisation WHERE slug = 'isfahan'`);
  refused(await poll.create(newSurvey({service_code: 'nothing'})), 422, 'unknown_service');
  assert.equal(done(await poll.create(newSurvey({service_code: 'permit'})), 201).service_code, 'permit');
  refused(await poll.create(newSurvey({opens_at: '2027-01-02T00:00:00Z', closes_at: '2027-01-01T00:00:00Z'})),
    422, 'survey_window_wrong');
  refused(await poll.create(newSurvey(), {who: poll.anyone}), 401, 'unauthorized');
  for (const who of ['moderator', 'inspector', 'clerk'])
    refused(await poll.create(newSurvey(), {who: poll[who]}), 403, 'forbidden');
  const header = {'Idempotency-Key': `${KEY}create`};
  const first = done(await poll.create(newSurvey(), {header}), 201);
  const again = await poll.create(newSurvey(), {header});
  assert.deepEqual(done(again, 201), first);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await poll.create(newSurvey({title_fa: 'دیگری'}), {header}), 422, 'idempotency_mismatch');
});

test('changeSurvey: everything while drafting, a later end afterwards', async () => {
  const {id} = await poll.begun({title_en: 'A poll'});
  const questions = [single('other')];
  const changed = done(await poll.patch(id, {title_fa: 'نامی دیگر', title_en: null, questions, mode: 'open', least_group: 10}));
  assert.deepEqual([changed.title_fa, changed.title_en, changed.questions, changed.mode, changed.least_group],
    ['نامی دیگر', null, questions, 'open', 10]);
  faulty(await poll.patch(id, {questions: [single('a', {show_if: {question: 'b', answered: true}})]}),
    'body /questions/0/show_if/question unknown_question');
  refused(await poll.patch(id, {opens_at: '2027-01-02T00:00:00Z', closes_at: '2027-01-02T00:00:00Z'}), 422, 'survey_window_wrong');
  refused(await poll.patch(id, {title_fa: 'x'}, {header: {}}), 428, 'precondition_required');
  refused(await poll.patch(id, {title_fa: 'x'}, {header: {'If-Match': '"1-drafting"'}}), 412, 'precondition_failed');
  refused(await poll.patch(id, {title_fa: 'x'}, {who: poll.moderator}), 403, 'forbidden');
  const {closes_at} = done(await poll.move(id, {to: 'scheduled', closes_at: later(await house.now(), 3)}));
  for (const patch of [{title_fa: 'x'}, {mode: 'device'}, {anonymised: false}, {least_group: 2}, {questions}])
    refused(await poll.patch(id, patch), 409, 'survey_frozen', {state: 'running'});
  refused(await poll.patch(id, {closes_at: later(closes_at, -1)}), 422, 'window_only_later', {closes_at});
  const extended = done(await poll.patch(id, {closes_at: later(closes_at, 1)}));
  assert.equal(Date.parse(extended.closes_at), Date.parse(later(closes_at, 1)));
  const events = await house.query("SELECT kind, is_public FROM event WHERE subject_id = $1 ORDER BY at", [id]);
  assert.deepEqual(events.map((event) => event.kind), ['survey.created', 'survey.changed', 'survey.scheduled', 'survey.extended']);
});

test('getSurvey: drafts are for staff; the public reads questions, window in both calendars and what was declared', async () => {
  const drafted = await poll.begun();
  refused(await poll.get(drafted.id), 404, 'not_found');
  refused(await poll.get(drafted.id, poll.clerk), 404, 'not_found');
  assert.deepEqual(done(await poll.get(drafted.id, poll.head)).allowed_transitions, ['scheduled', 'cancelled']);
  const scheduled = await poll.scheduled();
  const shown = done(await poll.get(scheduled.id));
  assert.equal(shown.state, 'scheduled');
  assert.equal(shown.allowed_transitions, null);
  assert.match(shown.opens_on_jalali, /^14\d\d-\d\d-\d\d$/);
  await house.moveClock(new Date(scheduled.opens_at));
  const running = await poll.get(scheduled.id);
  assert.equal(done(running).state, 'running');
  assert.equal(etagOf(running), '"2-running"');
  await poll.end(scheduled);
  assert.equal(done(await poll.get(scheduled.id)).state, 'ended');
  refused(await poll.get('00000000-0000-0000-0000-000000000000'), 404, 'not_found');
});

test('listSurveys: by state, kind, unit and service, page by page', async () => {
  const unit_code = 'inspection';
  const made = [];
  for (const kind of ['poll', 'satisfaction', 'visitor', 'poll', 'topical']) made.push(await poll.running({kind, unit_code}));
  await poll.begun({unit_code});
  const get = (query) => poll.list({unit: unit_code, ...query});
  const pages = await allPages(get, 2);
  assert.deepEqual(pages.flat().map((survey) => survey.id), made.map((survey) => survey.id).reverse());
  assert.equal(done(await get({kind: 'poll'})).items.length, 2);
  assert.equal(done(await get({state: 'ended'})).items.length, 0);
  assert.equal(done(await get({service: 'none'})).items.length, 0);
  assert.equal(done(await poll.list({unit: unit_code, state: 'drafting'}, poll.expert)).items.length, 1);
  assert.equal(done(await poll.list({unit: unit_code}, poll.anyone, {Prefer: 'count=exact'})).total, 5);
  await poll.running({unit_code, title_fa: 'نظرسنجی میراث\u200cفرهنگی يزد'});
  assert.equal(done(await get({q: 'ميراث فرهنگی یزد'})).items.length, 1);
  assert.equal(done(await get({q: 'شیراز'})).items.length, 0);
  faulty(await get({q: 'x'.repeat(201)}), 'query /q too_long');
  assert.equal('questions' in done(await get({limit: 1})).items[0], false);
});

test('createSurveyVersion, getSurveyVersion: other questions are a new version; the old one stays readable', async () => {
  const {id} = await poll.running();
  const questions = [single('agree', {title_fa: 'آیا موافقید؟'})];
  const header = {'If-Match': '"2-running"', 'Idempotency-Key': `${KEY}version`};
  const second = done(await poll.addVersion(id, {questions, changelog: 'روشن‌تر'}, {header}), 201);
  assert.deepEqual([second.version, second.questions, second.changelog], [2, questions, 'روشن‌تر']);
  const again = await poll.addVersion(id, {questions, changelog: 'روشن‌تر'}, {header});
  assert.equal(done(again, 201).version, 2);
  refused(await poll.addVersion(id, {questions, changelog: 'x'}, {header: {'If-Match': '"2-running"'}}), 412, 'precondition_failed');
  faulty(await poll.addVersion(id, {questions: [single('a', {options: undefined})], changelog: 'x'}), 'body /questions/0/options required');
  refused(await poll.addVersion((await poll.begun()).id, {questions, changelog: 'x'}), 409, 'state_conflict', {state: 'drafting'});
  const get = (n) => poll.anyone.GET('/v1/orgs/{org}/surveys/{id}/versions/{n}', {params: poll.at(id, {n})});
  const first = done(await get(1));
  assert.deepEqual([first.version, first.is_current, first.questions[0].title_fa], [1, false, 'موافقید؟']);
  assert.equal(done(await get(2)).is_current, true);
  refused(await get(3), 404, 'not_found');
});

test('createSurveyLinks: shown once, kept as hashes, only for surveys of that mode', async () => {
  const {id} = await poll.running({mode: 'link'});
  const header = {'Idempotency-Key': `${KEY}links`};
  const {tokens, count} = done(await poll.links(id, 1000, {header}), 201);
  assert.equal(count, 1000);
  assert.equal(new Set(tokens).size, 1000);
  for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{24}$/);
  const again = await poll.links(id, 1000, {header});
  assert.deepEqual(done(again, 201).tokens, tokens);
  assert.equal(again.response.headers.get('Idempotent-Replayed'), 'true');
  refused(await poll.links(id, 2, {header}), 422, 'idempotency_mismatch');
  const [{n}] = await house.query('SELECT count(*)::int AS n FROM survey_link WHERE survey_id = $1', [id]);
  assert.equal(n, 1000);
  const dump = JSON.stringify(await house.query('SELECT encode(voter, $2) AS v FROM survey_link WHERE survey_id = $1', [id, 'escape']));
  assert.equal(tokens.some((token) => dump.includes(token)), false);
  refused(await poll.links((await poll.running()).id, 1), 409, 'not_by_link');
  refused(await poll.links((await poll.begun({mode: 'link'})).id, 1), 409, 'state_conflict');
  refused(await poll.links(id, 1, {who: poll.moderator}), 403, 'forbidden');
  faulty(await poll.links(id, 1001), 'body /count too_large');
});

test('listSurveyEvents: what happened, for everybody once it was scheduled', async () => {
  const events = (id, who = poll.anyone, query = {}) =>
    who.GET('/v1/orgs/{org}/surveys/{id}/events', {params: {...poll.at(id), query}});
  const {id} = await poll.running();
  done(await poll.move(id, {to: 'paused', reason: 'بازبینی پرسش‌ها'}));
  done(await poll.move(id, {to: 'running'}));
  const {items} = done(await events(id));
  assert.deepEqual(items.map((event) => event.kind),
    ['survey.scheduled', 'survey.opened', 'survey.paused', 'survey.resumed']);
  assert.deepEqual(items.find((event) => event.kind === 'survey.paused').data, {reason: 'بازبینی پرسش‌ها'});
  assert.equal(done(await events(id, poll.inspector)).items[0].kind, 'survey.created');
  const pages = await allPages((query) => events(id, poll.anyone, query), 1);
  assert.deepEqual(pages.flat(), items);
  refused(await events((await poll.begun()).id), 404, 'not_found');
});

test('answerSurvey, createSurvey: faults and problems speak English to whoever asks', async () => {
  const english = {'Accept-Language': 'en'};
  const {id} = await poll.running();
  const {error} = await poll.anyone.POST('/v1/orgs/{org}/surveys/{id}/responses', {params: {...poll.at(id),
    header: {'Device-Token': 'a-device-of-some-length'}}, headers: english, body: {version: 1, answers: {other: 1}}});
  assert.deepEqual(error.errors.map((fault) => fault.message ?? fault.detail).sort(),
    ['There is no such question.', 'This member is required.']);
  const paused = await poll.running();
  done(await poll.move(paused.id, {to: 'paused', reason: 'a reason'}));
  const {error: problem} = await poll.anyone.POST('/v1/orgs/{org}/surveys/{id}/responses', {params: {...poll.at(paused.id),
    header: {'Device-Token': 'a-device-of-some-length'}}, headers: english, body: {version: 1, answers: {agree: 'yes'}}});
  assert.equal(problem.title, 'The survey is paused');
});
