// Answers to surveys: whether they fit the questions, who may give them, once, and that nobody can tell whose they are.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {caseworkOf} from '../lib/casework.mjs';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {later} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {option, pollOf, token, YES_NO} from '../lib/poll.mjs';

const house = await startHouse({settings: {worker: 'off', loops: 2}});
after(() => house.stop());
const poll = await pollOf(house);

const KEY = 'a-key-of-some-length-';
const stored = (id) => house.query('SELECT * FROM survey_response WHERE survey_id = $1 ORDER BY id', [id]);
const taking = (id) => house.query('SELECT * FROM survey_participation WHERE survey_id = $1 ORDER BY voter', [id]);
const QUESTIONS = [
  {id: 'agree', type: 'single', title_fa: 'موافقید؟', required: true, options: YES_NO},
  {id: 'parts', type: 'multiple', title_fa: 'کدام‌ها؟', options: [option('a'), option('b'), option('c')], max: 2},
  {id: 'stars', type: 'rating', title_fa: 'امتیاز'},
  {id: 'nps', type: 'nps', title_fa: 'پیشنهاد می‌کنید؟'},
  {id: 'desks', type: 'matrix', title_fa: 'بخش‌ها', rows: [option('r1'), option('r2')], columns: [option('good'), option('bad')]},
  {id: 'order', type: 'ranking', title_fa: 'به ترتیب', options: [option('a'), option('b'), option('c')]},
  {id: 'times', type: 'number', title_fa: 'چند بار؟', min: 0, max: 99, integer: true},
  {id: 'share', type: 'number', title_fa: 'چند درصد؟', min: 0, max: 100},
  {id: 'day', type: 'date', title_fa: 'کِی؟', from: '2026-01-01', to: '2026-12-31'},
  {id: 'word', type: 'short_text', title_fa: 'در یک کلمه', max: 10},
  {id: 'why', type: 'long_text', title_fa: 'چرا نه؟', required: true, show_if: {question: 'agree', equals: 'no'}},
  {id: 'more', type: 'long_text', title_fa: 'و دیگر؟', show_if: {question: 'why', answered: true}},
];
const ALL = {agree: 'yes', parts: ['c', 'a'], stars: 5, nps: 0, desks: {r1: 'good'}, order: ['b', 'c', 'a'], times: 3,
  share: 12.5, day: '2026-11-21', word: 'خوب‌است'};

test('answerSurvey: an answer to every type of question is stored as it was given', async () => {
  const {id} = await poll.running({questions: QUESTIONS});
  assert.deepEqual(done(await poll.vote(id, ALL), 201),
    {survey_id: id, version: 1, id: null, received_at: null, received_on_jalali: null});
  done(await poll.vote(id, {agree: 'no', why: 'شلوغ می‌شود', more: 'و گران'}), 201);
  const rows = await stored(id);
  assert.deepEqual(rows.map((row) => row.answers).find((answers) => answers.agree === 'yes'), ALL);
  assert.deepEqual(rows.map((row) => row.answers).find((answers) => answers.agree === 'no'),
    {agree: 'no', why: 'شلوغ می‌شود', more: 'و گران'});
});

test('answerSurvey: all faults at once, each with its pointer', async () => {
  const {id} = await poll.running({questions: QUESTIONS});
  faulty(await poll.vote(id, {agree: 'perhaps', parts: ['a', 'a', 'x'], stars: 6, nps: 11, desks: {r1: 'fine', r9: 'good'},
    order: ['a', 'b'], times: 1.5, share: 101, day: '2026-13-01', word: 'بسیار بسیار بلند', nothing: 1}),
  'body /answers/agree not_allowed', 'body /answers/parts too_many_items', 'body /answers/stars too_large',
  'body /answers/nps too_large', 'body /answers/desks/r1 not_allowed', 'body /answers/desks/r9 unknown_member',
  'body /answers/order too_few_items', 'body /answers/times wrong_type', 'body /answers/share too_large',
  'body /answers/day wrong_format', 'body /answers/word too_long', 'body /answers/nothing unknown_question');
  faulty(await poll.vote(id, {agree: ['yes'], parts: ['a', 'a'], stars: '5', desks: [], order: ['a', 'b', 'z'], times: 'x',
    day: '2027-01-01', word: '   '}),
  'body /answers/agree wrong_type', 'body /answers/parts/1 not_unique', 'body /answers/stars wrong_type',
  'body /answers/desks wrong_type', 'body /answers/order/2 not_allowed', 'body /answers/times wrong_type',
  'body /answers/day too_large', 'body /answers/word too_short');
  faulty(await poll.vote(id, {}), 'body /answers/agree required');
  faulty(await poll.vote(id, {agree: 'no'}), 'body /answers/why required');
  faulty(await poll.vote(id, {agree: 'yes', word: 'a\u0007'}), 'body /answers/word control_character');
  faulty(await poll.vote(id, {agree: 'yes', stars: null}), 'body /answers/stars wrong_type');
  assert.equal((await stored(id)).length, 0);
});

test('answerSurvey: an answer to a hidden question is refused, and one that hangs on it', async () => {
  const {id} = await poll.running({questions: QUESTIONS});
  faulty(await poll.vote(id, {agree: 'yes', why: 'نه', more: 'x'}),
    'body /answers/why hidden_question', 'body /answers/more hidden_question');
  faulty(await poll.vote(id, {agree: 'yes', more: 'x'}), 'body /answers/more hidden_question');
});

test('answerSurvey: conditions on numbers, dates, lists and combinations', async () => {
  const text = (id, show_if) => ({id, type: 'short_text', title_fa: id, show_if});
  const {id} = await poll.running({questions: [QUESTIONS[1], QUESTIONS[2], QUESTIONS[8],
    text('low', {question: 'stars', lte: 2}), text('late', {question: 'day', gte: '2026-06-01'}),
    text('ab', {question: 'parts', in: ['a', 'b']}), text('silent', {question: 'stars', answered: false}),
    text('both', {all: [{question: 'stars', gte: 4}, {any: [{question: 'parts', equals: 'c'}, {question: 'day', lte: '2026-02-01'}]}]})]});
  const shown = async (answers) => {
    const all = {low: 'x', late: 'x', ab: 'x', silent: 'x', both: 'x'};
    const {error} = await poll.vote(id, {...answers, ...all});
    const hidden = (error?.errors ?? []).map((fault) => fault.pointer.slice('/answers/'.length));
    return Object.keys(all).filter((name) => !hidden.includes(name));
  };
  assert.deepEqual(await shown({}), ['silent']);
  assert.deepEqual(await shown({stars: 2}), ['low']);
  assert.deepEqual(await shown({stars: 4, parts: ['c']}), ['both']);
  assert.deepEqual(await shown({stars: 4, day: '2026-02-01'}), ['both']);
  assert.deepEqual(await shown({stars: 3, day: '2026-06-01', parts: ['b', 'c']}), ['late', 'ab']);
});

test('answerSurvey: not before it opens, not while it pauses, not after it closed between page and answer', async () => {
  const survey = await poll.scheduled();
  refused(await poll.vote(survey.id, {agree: 'yes'}), 409, 'survey_not_open', {opens_at: survey.opens_at});
  await house.moveClock(new Date(survey.opens_at));
  done(await poll.vote(survey.id, {agree: 'yes'}), 201);
  done(await poll.move(survey.id, {to: 'paused', reason: 'بازبینی پرسش‌ها'}));
  refused(await poll.vote(survey.id, {agree: 'yes'}), 409, 'survey_paused');
  done(await poll.move(survey.id, {to: 'running'}));
  const page = done(await poll.get(survey.id));
  await poll.end(survey);
  refused(await poll.vote(survey.id, {agree: 'yes'}, {version: page.version}), 409, 'survey_closed',
    {closes_at: survey.closes_at, state: 'ended'});
  refused(await poll.vote((await poll.begun()).id, {agree: 'yes'}), 404, 'not_found');
  const elsewhere = await pollOf(house, 'semnan');
  refused(await elsewhere.vote(survey.id, {agree: 'yes'}), 404, 'not_found');
  const cancelled = await poll.running();
  done(await poll.vote(cancelled.id, {agree: 'yes'}), 201);
  done(await poll.move(cancelled.id, {to: 'cancelled', reason: 'اشتباه بود'}));
  refused(await poll.vote(cancelled.id, {agree: 'yes'}), 409, 'survey_closed', {state: 'cancelled'});
  refused(await elsewhere.vote(cancelled.id, {agree: 'yes'}), 404, 'not_found');
});

test('answerSurvey: answers to an older version are refused and the newer one is named', async () => {
  const {id} = await poll.running();
  done(await poll.vote(id, {agree: 'yes'}), 201);
  done(await poll.addVersion(id, {changelog: 'روشن‌تر', questions: [{id: 'agreed', type: 'rating', title_fa: 'چه اندازه؟'}]}), 201);
  refused(await poll.vote(id, {agree: 'yes'}), 409, 'survey_changed', {version: 2});
  refused(await poll.vote(id, {agree: 'yes'}, {version: 3}), 409, 'survey_changed', {version: 2});
  done(await poll.vote(id, {agreed: 3}, {version: 2}), 201);
  assert.deepEqual((await stored(id)).map((row) => row.version).sort(), [1, 2]);
});

test('answerSurvey: a double vote raced 50 ways is stored once', async () => {
  for (const anonymised of [true, false]) {
    const {id} = await poll.running({anonymised});
    const header = {'Device-Token': token()};
    const results = await Promise.all(Array.from({length: 50}, (_, i) =>
      poll.answer(id, {agree: i % 2 ? 'yes' : 'no'}, header)));
    const codes = results.map((result) => result.error?.code ?? result.response.status);
    assert.equal(codes.filter((code) => code === 201).length, 1, String(codes));
    assert.equal(codes.filter((code) => code === 'already_answered').length, 49, String(codes));
    assert.equal((await stored(id)).length, 1);
    assert.equal((await taking(id)).length, 1);
    refused(await poll.answer(id, {agree: 'yes'}, header), 409, 'already_answered');
  }
});

test('answerSurvey: more surveys at once than the server keeps at hand', async () => {
  const surveys = [];
  for (let i = 0; i < 80; i++)
    surveys.push(await poll.running({questions: [{id: `q${i}`, type: 'rating', title_fa: 'x', max: 2 + (i % 9)}]}));
  for (let round = 0; round < 2; round++)
    await Promise.all(surveys.map(async ({id}, i) => {
      done(await poll.vote(id, {[`q${i}`]: 2 + (i % 9)}), 201);
      faulty(await poll.vote(id, {[`q${i}`]: 3 + (i % 9)}), `body /answers/q${i} too_large`);
    }));
});

test('answerSurvey: 200 devices at once are 200 answers', async () => {
  const {id} = await poll.running();
  const results = await Promise.all(Array.from({length: 200}, () => poll.vote(id, {agree: 'yes'})));
  for (const result of results) done(result, 201);
  assert.equal((await stored(id)).length, 200);
});

test('answerSurvey: one repeated with its key is answered as before, raced 50 ways, also after the end', async () => {
  for (const [mode, anonymised] of [['device', true], ['device', false], ['open', true], ['open', false]]) {
    const survey = await poll.running({mode, anonymised});
    const header = {'Device-Token': token(), 'Idempotency-Key': `${KEY}${mode}${anonymised}`};
    const results = await Promise.all(Array.from({length: 50}, () => poll.answer(survey.id, {agree: 'yes'}, header)));
    const receipts = results.map((result) => done(result, 201));
    for (const receipt of receipts) assert.deepEqual(receipt, receipts[0]);
    assert.equal(results.filter((result) => !result.response.headers.get('Idempotent-Replayed')).length, 1);
    assert.equal((await stored(survey.id)).length, 1);
    assert.equal(receipts[0].id === null, anonymised);
    const other = await poll.answer(survey.id, {agree: 'no'}, header);
    if (anonymised) done(other, 201); // what was answered is not remembered with the key
    else refused(other, 422, 'idempotency_mismatch');
    assert.deepEqual((await stored(survey.id)).map((row) => row.answers), [{agree: 'yes'}]);
    await poll.end(survey);
    assert.deepEqual(done(await poll.answer(survey.id, {agree: 'yes'}, header), 201), receipts[0]);
  }
});

test('answerSurvey: who answers must be told, as the mode wants', async () => {
  const ids = {};
  for (const mode of ['open', 'device', 'link', 'identity']) ({id: ids[mode]} = await poll.running({mode}));
  done(await poll.answer(ids.open, {agree: 'yes'}), 201);
  done(await poll.answer(ids.open, {agree: 'yes'}), 201);
  assert.equal((await stored(ids.open)).length, 2);
  refused(await poll.answer(ids.device, {agree: 'yes'}), 422, 'voter_needed', {mode: 'device'});
  refused(await poll.answer(ids.identity, {agree: 'yes'}, {'Device-Token': token()}), 422, 'voter_needed', {mode: 'identity'});
  refused(await poll.answer(ids.link, {agree: 'yes'}), 403, 'link_needed', {mode: 'link'});
  refused(await poll.answer(ids.link, {agree: 'yes'}, {'Survey-Token': token()}), 403, 'link_needed');
  faulty(await poll.answer(ids.link, {agree: 'yes'}, {'Survey-Token': 'short'}), 'header /Survey-Token too_short');
});

test('answerSurvey, createSurveyLinks: a one-time link answers once, in its own survey', async () => {
  const {id} = await poll.running({mode: 'link'});
  const other = await poll.running({mode: 'link'});
  const {tokens: [first, second]} = done(await poll.links(id, 2), 201);
  refused(await poll.answer(other.id, {agree: 'yes'}, {'Survey-Token': first}), 403, 'link_needed');
  const results = await Promise.all(Array.from({length: 50}, () => poll.answer(id, {agree: 'yes'}, {'Survey-Token': first})));
  assert.equal(results.filter((result) => result.response.status === 201).length, 1);
  done(await poll.answer(id, {agree: 'no'}, {'Survey-Token': second}), 201);
  refused(await poll.answer(id, {agree: 'no'}, {'Survey-Token': second}), 409, 'already_answered');
  assert.equal((await stored(id)).length, 2);
});

test('answerSurvey: a clerk enters paper forms, also after the end, not after the results', async () => {
  const survey = await poll.running();
  for (let i = 0; i < 3; i++) done(await poll.answer(survey.id, {agree: 'no'}, {who: poll.clerk}), 201);
  done(await poll.vote(survey.id, {agree: 'no'}), 201);
  refused(await poll.answer(survey.id, {agree: 'no'}, {who: poll.expert}), 422, 'voter_needed');
  await poll.end(survey);
  done(await poll.answer(survey.id, {agree: 'no'}, {who: poll.clerk}), 201);
  refused(await poll.vote(survey.id, {agree: 'no'}), 409, 'survey_closed');
  done(await poll.move(survey.id, {to: 'results_published'}, {who: poll.moderator}));
  refused(await poll.answer(survey.id, {agree: 'no'}, {who: poll.clerk}), 409, 'survey_closed');
  const {items} = done(await poll.responses(survey.id, {source: 'clerk'}));
  assert.equal(items.length, 4);
});

test('answerSurvey: in an anonymised survey nothing joins who answered and what, not even with two answers', async () => {
  const survey = await poll.running();
  const header = {'Device-Token': token(), 'Idempotency-Key': `${KEY}anonymous`};
  done(await poll.answer(survey.id, {agree: 'yes'}, header), 201);
  done(await poll.vote(survey.id, {agree: 'no'}), 201);
  const [responses, takings] = [await stored(survey.id), await taking(survey.id)];
  assert.equal(responses.length, 2);
  assert.equal(takings.length, 2);

  const values = (row) => Object.values(row).map((value) => Buffer.isBuffer(value) ? value.toString('hex')
    : JSON.stringify(value).replaceAll(/[-"]/g, ''));
  for (const response of responses) {
    for (const taken of takings) {
      const common = values(response).filter((value) => value.length > 4 && values(taken).includes(value));
      assert.deepEqual(common, [survey.id.replaceAll('-', '')]);
    }
    assert.equal(response.received_at, null);
    assert.equal(response.request_digest, null);
    assert.notEqual(response.id[14], '7'); // no UUID that tells the time
  }
  for (const taken of takings) assert.notEqual(taken.request_id[14], '7');
  // No column of either table is finer than a day, but for those that stay empty or tell of a discarding.
  const instants = await house.query(`SELECT table_name, column_name FROM information_schema.columns
    WHERE table_name IN ('survey_response', 'survey_participation', 'survey_link') AND data_type LIKE 'time%'
    ORDER BY column_name`);
  assert.deepEqual(instants.map((row) => row.column_name), ['discarded_at', 'received_at']);
  const events = await house.query('SELECT kind FROM event WHERE subject_id = $1 ORDER BY at', [survey.id]);
  assert.deepEqual(events.map((event) => event.kind), ['survey.created', 'survey.scheduled']);
  const unlike = await house.query('SELECT id FROM event WHERE id = ANY ($1)',
    [[...responses.map((row) => row.id), ...takings.map((row) => row.request_id)]]);
  assert.deepEqual(unlike, []);
});

test('answerSurvey: the same device is somebody else in another survey', async () => {
  const [a, b] = [await poll.running(), await poll.running()];
  const header = {'Device-Token': token()};
  for (const {id} of [a, b]) done(await poll.answer(id, {agree: 'yes'}, header), 201);
  const [[first], [second]] = [await taking(a.id), await taking(b.id)];
  assert.notEqual(first.voter.toString('hex'), second.voter.toString('hex'));
});

test('answerSurvey: who took part in an anonymised survey is forgotten after its end', async () => {
  const survey = await poll.running();
  const named = await poll.running({anonymised: false});
  await Promise.all(Array.from({length: 30}, () => poll.vote(survey.id, {agree: 'yes'})));
  done(await poll.vote(named.id, {agree: 'yes'}), 201);
  const forget = (at) => house.query('SELECT survey_forget($1::timestamptz, 20)::int AS gone', [at]);
  await house.query("UPDATE survey SET forgotten_at = now() WHERE id <> ALL ($1)", [[survey.id, named.id]]);
  assert.equal((await forget(later(survey.closes_at, 0, 1)))[0].gone, 0);
  const after10 = later(survey.closes_at, 0, 3600);
  assert.equal((await forget(after10))[0].gone, 20);
  assert.equal((await forget(after10))[0].gone, 11); // the rest, and the mark
  assert.equal((await forget(after10))[0].gone, 0);
  assert.equal((await taking(survey.id)).length, 0);
  assert.equal((await stored(survey.id)).length, 30);
  assert.equal((await taking(named.id)).length, 1);
});

test('listSurveyResponses: page by page; of an anonymised survey only after its end', async () => {
  const survey = await poll.running();
  await Promise.all(Array.from({length: 7}, () => poll.vote(survey.id, {agree: 'yes'})));
  refused(await poll.responses(survey.id), 409, 'survey_not_ended', {closes_at: survey.closes_at});
  refused(await poll.responses(survey.id, {}, poll.expert), 403, 'forbidden');
  refused(await poll.responses(survey.id, {}, poll.anyone), 401, 'unauthorized');
  const named = await poll.running({anonymised: false});
  const receipt = done(await poll.vote(named.id, {agree: 'yes'}), 201);
  const [seen] = done(await poll.responses(named.id)).items;
  assert.deepEqual([seen.id, seen.received_at, seen.source, seen.answers], [receipt.id, receipt.received_at, 'web', {agree: 'yes'}]);
  await poll.end(survey);
  const pages = await allPages((query) => poll.responses(survey.id, query), 3);
  assert.deepEqual(pages.map((page) => page.length), [3, 3, 1]);
  assert.equal(new Set(pages.flat().map((item) => item.id)).size, 7);
  for (const item of pages.flat()) assert.equal(item.received_at, null);
  assert.equal(done(await poll.responses(survey.id, {}, poll.moderator, {Prefer: 'count=exact'})).total, 7);
  assert.deepEqual(done(await poll.responses((await poll.running({anonymised: false})).id)), {items: [], next: null});
  refused(await poll.responses('00000000-0000-0000-0000-000000000000'), 404, 'not_found');
});

test('discardSurveyResponse: with a reason that everybody reads, once, and counted', async () => {
  const survey = await poll.running({anonymised: false});
  const {id} = done(await poll.vote(survey.id, {agree: 'yes'}), 201);
  done(await poll.vote(survey.id, {agree: 'no'}), 201);
  refused(await poll.discard(survey.id, id, {who: poll.expert}), 403, 'forbidden');
  faulty(await poll.discard(survey.id, id, {reason: 'x'}), 'body /reason too_short');
  const header = {'Idempotency-Key': `${KEY}discard`};
  const discarded = done(await poll.discard(survey.id, id, {header}));
  assert.equal(discarded.discard_reason, 'فرم دو بار وارد شده بود.');
  assert.deepEqual(done(await poll.discard(survey.id, id, {header})), discarded);
  refused(await poll.discard(survey.id, id), 409, 'already_discarded');
  assert.equal(done(await poll.responses(survey.id, {discarded: true})).items.length, 1);
  assert.equal(done(await poll.responses(survey.id, {discarded: false})).items.length, 1);
  const [event] = await house.query("SELECT is_public, data FROM event WHERE kind = 'survey.response_discarded'");
  assert.deepEqual(event, {is_public: true, data: {reason: 'فرم دو بار وارد شده بود.'}});
  const secret = await poll.running();
  done(await poll.vote(secret.id, {agree: 'yes'}), 201);
  const [row] = await stored(secret.id);
  refused(await poll.discard(secret.id, row.id), 409, 'survey_not_ended');
  await poll.end(secret);
  done(await poll.discard(secret.id, row.id));
});

test('track, answerSurvey: a survey of satisfaction is offered once to the citizen of an answered case', async () => {
  const office = await caseworkOf(house);
  const open = await office.made('complaint', 'assigned');
  const {tracking_code: code, id} = await office.made('complaint', 'answered');
  assert.equal((await office.tracked(code)).satisfaction, null); // no such survey yet
  const survey = await poll.running({kind: 'satisfaction', mode: 'link', after_cases: true, title_en: 'Were we of help?'});
  const {satisfaction: offer, may_rate} = await office.tracked(code);
  const {token: secret, ...rest} = offer;
  assert.deepEqual(rest, {survey_id: survey.id, version: 1, title_fa: survey.title_fa, title_en: 'Were we of help?',
    closes_at: survey.closes_at, closes_on_jalali: survey.closes_on_jalali});
  assert.equal(may_rate, true);
  assert.equal((await office.tracked(code)).satisfaction.token, secret);
  assert.equal((await office.tracked(open.tracking_code)).satisfaction, null);

  const other = await poll.running({kind: 'satisfaction', mode: 'link'});
  refused(await poll.answer(other.id, {agree: 'yes'}, {'Survey-Token': secret}), 403, 'link_needed');
  const forged = (secret[0] === 'A' ? 'B' : 'A') + secret.slice(1);
  refused(await poll.answer(survey.id, {agree: 'yes'}, {'Survey-Token': forged}), 403, 'link_needed');
  const results = await Promise.all(Array.from({length: 50}, () => poll.answer(survey.id, {agree: 'yes'}, {'Survey-Token': secret})));
  assert.equal(results.filter((result) => result.response.status === 201).length, 1);
  assert.equal((await stored(survey.id)).length, 1);
  assert.equal((await office.tracked(code)).satisfaction, null);

  const hex = id.replaceAll('-', '');
  const [taken] = await taking(survey.id);
  assert.ok(!taken.voter.toString('hex').includes(hex.slice(0, 12)));
  const second = await office.made('message', 'answered');
  const token2 = (await office.tracked(second.tracking_code)).satisfaction.token;
  assert.notEqual(token2, secret);
  done(await poll.answer(survey.id, {agree: 'no'}, {'Survey-Token': token2}), 201);
  const third = await office.made('complaint', 'answered');
  done(await poll.move(survey.id, {to: 'paused', reason: 'بازبینی'}));
  assert.equal((await office.tracked(third.tracking_code)).satisfaction, null);
});
