// Results of surveys: counted by the worker as a plain count would, small groups hidden, public when they may be, as
// JSON, as a table and as a chart.
import assert from 'node:assert/strict';
import {after, test} from 'node:test';
import {done, refused} from '../lib/client.mjs';
import {readTable} from '../lib/csv.mjs';
import {startHouse} from '../lib/house.mjs';
import {newSurvey, option, pollOf} from '../lib/poll.mjs';
import {counted, dice, insert, kept, QUESTIONS, randomAnswers, tallied} from '../lib/tally.mjs';

const house = await startHouse({settings: {cache_max: 0}});
after(() => house.stop());
const poll = await pollOf(house);

const results = (id, query = {}, who = house.anyone) =>
  who.GET('/v1/orgs/{org}/surveys/{id}/results', {params: {path: {org: 'isfahan', id}, query}});
const fetched = (id, form, query) =>
  fetch(`${house.server.url}/v1/orgs/isfahan/surveys/${id}/results.${form}?${new URLSearchParams(query)}`);
const question = (page, id) => page.questions.find((candidate) => candidate.id === id);
const many = (count, answers) => Array.from({length: count}, () => answers);

// A survey with these responses, ended and published.
async function published(responses, changes = {questions: QUESTIONS}) {
  const survey = await poll.running(changes);
  await insert(house, survey, responses);
  await poll.end(survey);
  done(await poll.move(survey.id, {to: 'results_published'}, {who: poll.moderator}));
  await counted(house, survey);
  return survey;
}

test('getSurveyResults: roll-up by two workers, rebuild and a plain count agree, over several batches and discards', async () => {
  const other = await house.startServer({worker: 'on'});
  const roll = dice(7);
  const responses = Array.from({length: 700}, () => randomAnswers(roll));
  const survey = await poll.running({questions: QUESTIONS});
  for (let at = 0; at < 600; at += 200) {
    await insert(house, survey, responses.slice(at, at + 200));
    await counted(house, survey);
  }
  await insert(house, survey, responses.slice(600));
  const gone = await house.query(`UPDATE survey_response SET discarded_at = now(), discard_reason = 'دو بار' WHERE survey_id = $1
    AND id IN (SELECT id FROM survey_response WHERE survey_id = $1 ORDER BY id LIMIT 40) RETURNING answers`, [survey.id]);
  await poll.end(survey);
  await counted(house, survey);
  const left = await house.query('SELECT answers FROM survey_response WHERE survey_id = $1 AND discarded_at IS NULL', [survey.id]);
  assert.deepEqual([gone.length, left.length], [40, 660]);
  const expected = tallied(QUESTIONS, left.map((row) => row.answers));
  assert.deepEqual(await kept(house, survey), expected);

  assert.match((await house.command('rebuild', 'survey', survey.id)).stdout, /^survey: 0 counts were wrong/);
  await house.query('UPDATE survey_tally SET n = n + 3 WHERE survey_id = $1 AND cell = $2', [survey.id, 'w']);
  await house.query('DELETE FROM survey_tally WHERE survey_id = $1 AND question = $2', [survey.id, 'age']);
  assert.match((await house.command('rebuild', 'survey', survey.id)).stdout, /^survey: [1-9]\d* counts were wrong/);
  assert.deepEqual(await kept(house, survey), expected);
  await counted(house, survey);

  const page = done(await results(survey.id, {}, poll.moderator));
  assert.equal(page.responses, 660);
  for (const {cells, id, type} of page.questions.filter(({type}) => ['single', 'multiple'].includes(type)))
    for (const cell of cells)
      if (cell.count !== null) assert.equal(cell.count, expected.get(`${id} ${cell.key}  `), `${type} ${cell.key}`);
  assert.deepEqual([page.method.discarded, page.method.discard_reasons], [40, ['دو بار']]);
  await other.stop();
});

test('rebuild survey: an id that is none, or of nothing counted, is told', async () => {
  await assert.rejects(house.command('rebuild', 'survey', 'x'), ({code, stderr}) => code === 2 && /no id/.test(stderr));
  await assert.rejects(house.command('rebuild', 'survey', '00000000-0000-4000-8000-000000000000'),
    ({code, stderr}) => code === 1 && /nothing is counted/.test(stderr));
});

test('getSurveyResults: counts, shares, mean, median and NPS of the shown numbers', async () => {
  const survey = await published([
    ...many(30, {gender: 'w', stars: 5, tell: 10, age: 30, order: ['q', 'p', 'r']}),
    ...many(20, {gender: 'm', stars: 4, tell: 8, age: 40, order: ['q', 'r', 'p']}),
    ...many(10, {gender: 'x', stars: 1, tell: 2, age: 50, word: 'محرمانه'})]);
  const page = done(await results(survey.id));
  const [gender, stars, tell] = ['gender', 'stars', 'tell'].map((id) => question(page, id));
  assert.deepEqual(gender.cells.map(({key, count, share}) => [key, count, share]), [['w', 30, 0.5], ['m', 20, 0.3333], ['x', 10, 0.1667]]);
  assert.deepEqual(stars.cells.map(({from, to, count}) => [from, to, count]), [[1, 1, 10], [2, 2, 0], [3, 3, 0], [4, 4, 20], [5, 5, 30]]);
  assert.deepEqual([stars.mean, stars.median, stars.is_approximate], [4, 4.5, false]);
  assert.deepEqual([tell.nps, tell.answered], [33.3333, 60]);
  const order = question(page, 'order').rows.map(({key, mean_rank, borda}) => [key, mean_rank, borda]);
  assert.equal(question(page, 'word').answered, 10);
  assert.ok(!JSON.stringify(page).includes('محرمانه'));
  assert.equal(order.length, 3);
  const age = question(page, 'age');
  assert.deepEqual([age.low, age.high, age.cells[0].from, age.cells.at(-1).to], [30, 50, null, null]);
  assert.equal(age.cells.reduce((sum, {count}) => sum + count, 0), 60);
});

test('getSurveyResults: groups under k are hidden, and what would tell of them', async () => {
  const survey = await published([...many(40, {gender: 'w', visit: 'often'}), ...many(9, {gender: 'm', visit: 'some'}),
    ...many(2, {gender: 'x', visit: 'often'})]);
  const page = done(await results(survey.id));
  assert.deepEqual(question(page, 'gender').cells.map(({count}) => count), [40, null, null]);
  assert.equal(question(page, 'stars').withheld, 'few');
  assert.equal(question(page, 'stars').answered, null);
  const few = await published(many(4, {gender: 'w'}));
  const none = done(await results(few.id));
  assert.equal(none.responses, null);
  assert.deepEqual(none.questions.map(({withheld}) => withheld), QUESTIONS.map(() => 'few'));
});

test('getSurveyResults: broken down by a question, consistent with the plain results and with its mirror image', async () => {
  const roll = dice(11);
  const responses = Array.from({length: 160}, () => randomAnswers(roll));
  const survey = await published(responses);
  const plain = done(await results(survey.id));
  assert.deepEqual(plain.by_offered, ['gender', 'visit']);
  assert.ok(plain.questions.every(({cells}) => cells.every(({by}) => by === null)));
  const [byGender, byVisit] = [done(await results(survey.id, {by: 'gender'})), done(await results(survey.id, {by: 'visit'}))];
  const exact = tallied(QUESTIONS, responses);
  let shown = 0, hidden = 0;
  for (const id of ['visit', 'topics', 'gender'])
    for (const page of [byGender, byVisit]) {
      if (page.by.id === id) continue;
      for (const cell of question(page, id).cells)
        for (const [i, {count}] of (cell.by ?? []).entries()) {
          const {key} = page.by.columns[i];
          if (count === null) hidden++;
          else if (key !== null) {
            shown++;
            assert.ok(count >= 5);
            assert.equal(count, exact.get(`${id} ${cell.key} ${page.by.id} ${key}`));
          }
        }
    }
  assert.ok(shown > 10 && hidden > 0, `${shown} shown, ${hidden} hidden`);
  const turned = (page, id, columns, rows) => columns.map((column) => rows.map((row) => {
    const at = page.by.columns.findIndex(({key}) => key === column);
    return question(page, id).cells.find(({key}) => key === row).by?.[at].count ?? null;
  }));
  const genders = ['w', 'm', 'x'], visits = ['first', 'some', 'often', 'daily'];
  assert.deepEqual(turned(byVisit, 'gender', visits, genders),
    turned(byGender, 'visit', genders, visits).reduce((all, column, g) => (column.forEach((count, v) => (all[v][g] = count)), all), visits.map(() => [])));
  refused(await results(survey.id, {by: 'stars'}), 422, 'unknown_breakdown');
  refused(await results(survey.id, {by: 'nothing'}), 422, 'unknown_breakdown');
});

test('getSurveyResults: a conditional question is withheld where it would tell of a small group', async () => {
  const only = (key) => ({id: 'why', type: 'single', title_fa: 'چرا؟', options: [option('a'), option('b')], required: true,
    show_if: {question: 'gender', in: key}});
  const base = [QUESTIONS[0], ...[]];
  const answers = [...many(40, {gender: 'w', why: 'a'}), ...many(12, {gender: 'm', why: 'b'}), ...many(2, {gender: 'x', why: 'b'})];
  const parts = await published(answers, {questions: [...base, only(['w', 'x'])]});
  assert.equal(question(done(await results(parts.id)), 'why').withheld, 'depends');
  const whole = await published(answers, {questions: [...base, only(['m', 'x'])]});
  assert.equal(question(done(await results(whole.id)), 'why').withheld, null);
  assert.ok(question(done(await results(whole.id, {by: 'gender'})), 'why').cells.every(({by}) => by === null));
});

test('getSurveyResults: who may see them when; live ones move in steps and leave the last ones out', async () => {
  const quiet = await poll.running({questions: QUESTIONS});
  await insert(house, quiet, many(30, {gender: 'w'}));
  await counted(house, quiet);
  refused(await results(quiet.id), 409, 'results_not_published', {state: 'running'});
  refused(await results(quiet.id, {}, poll.expert), 409, 'results_not_published');
  assert.equal(done(await results(quiet.id, {}, poll.moderator)).responses, 25);
  refused(await results((await poll.begun()).id), 404, 'not_found');

  const live = await poll.running({questions: QUESTIONS, results_visibility: 'live'});
  const seen = [];
  for (let i = 0; i < 24; i++) {
    await insert(house, live, [{gender: 'w'}]);
    await house.moveClock('2 seconds'); // pages are not made more often
    await house.looked('results');
    const {data} = await results(live.id);
    seen.push(data?.responses ?? null);
    if (i < 9) assert.equal(data?.responses ?? null, null);
  }
  const steps = [...new Set(seen)].filter((n) => n !== null);
  for (const [i, n] of steps.entries()) assert.ok(n - (steps[i - 1] ?? 0) >= 5, steps.join());
  assert.ok(steps.length >= 3 && steps.at(-1) <= 19, steps.join());
  await poll.end(live);
  await counted(house, live);
  assert.deepEqual([done(await results(live.id)).responses, done(await results(live.id)).is_preliminary], [24, false]);
  await house.query(`UPDATE survey_response SET discarded_at = now(), discard_reason = 'x' WHERE survey_id = $1
    AND id = (SELECT id FROM survey_response WHERE survey_id = $1 LIMIT 1)`, [live.id]);
  await counted(house, live);
  assert.equal(done(await results(live.id)).responses, 24); // one less would be this one's answers
});

test('getSurveyResults: versions are added up, and told', async () => {
  const survey = await poll.running({questions: QUESTIONS.slice(0, 2)});
  await insert(house, survey, many(20, {gender: 'w'}));
  const more = [{...QUESTIONS[0], options: [...QUESTIONS[0].options, option('z')]}, QUESTIONS[3]];
  done(await poll.addVersion(survey.id, {questions: more, changelog: 'گزینهٔ تازه'}), 201);
  await insert(house, survey, [...many(10, {gender: 'z', stars: 3}), ...many(10, {gender: 'w'})], 2);
  await poll.end(survey);
  await counted(house, survey);
  const page = done(await results(survey.id, {}, poll.moderator));
  assert.deepEqual(question(page, 'gender').versions, [1, 2]);
  assert.deepEqual(question(page, 'visit').versions, [1]);
  assert.deepEqual(question(page, 'gender').cells.map(({key, count}) => [key, count]), [['w', 30], ['m', 0], ['x', 0], ['z', 10]]);
  assert.deepEqual(page.method.versions.map(({version, changelog}) => [version, changelog]), [[1, null], [2, 'گزینهٔ تازه']]);
});

test('getSurveyResultsCsv: a row for each answer, Persian headers, formulas defused', async () => {
  const questions = [{...QUESTIONS[0], title_fa: '=1+1', options: [option('w', '@زن'), option('m', 'مرد، «م»')]}, QUESTIONS[3]];
  const survey = await published([...many(30, {gender: 'w', stars: 4}), ...many(10, {gender: 'm', stars: 2})], {questions});
  const answer = await fetched(survey.id, 'csv', {by: 'gender'});
  assert.equal(answer.headers.get('Content-Type'), 'text/csv; charset=utf-8');
  const [header, rows] = readTable(new TextDecoder('utf-8', {ignoreBOM: true}).decode(await answer.arrayBuffer()));
  assert.deepEqual(header, ['شناسهٔ پرسش', 'پرسش', 'سطر', 'پاسخ', 'شمار', 'سهم (درصد)', 'پاسخ‌دهندگان', 'یادداشت', "'@زن", 'مرد، «م»']);
  assert.deepEqual(rows.map((row) => [row['پرسش'], row['پاسخ'], row['شمار'], row['سهم (درصد)'], row['مرد، «م»']]), [
    ["'=1+1", "'@زن", '30', '75', ''], ["'=1+1", 'مرد، «م»', '10', '25', ''],
    ['رضایت', '1', '0', '0', '0'], ['رضایت', '2', '10', '25', '10'], ['رضایت', '3', '0', '0', '0'],
    ['رضایت', '4', '30', '75', '0'], ['رضایت', '5', '0', '0', '0']]);
  const english = await (await fetched(survey.id, 'csv', {lang: 'en'})).text();
  assert.ok(english.startsWith('question,question title,row,answer,count,share (percent),answered,note\r\n'));
});

test('getSurveyResultsCsv, getSurveyResultsSvg: groups that are joined, hidden or withheld are told in words', async () => {
  const questions = ['order', 'stars', 'topics', 'age', 'visit'].map((id) => QUESTIONS.find((one) => one.id === id));
  const survey = await published([
    ...many(30, {order: ['p', 'q', 'r'], stars: 5, topics: ['a'], age: 30}),
    ...many(8, {order: ['q', 'p', 'r'], stars: 4, topics: ['a', 'b'], age: 41}),
    {order: ['p', 'r', 'q'], stars: 1, topics: ['b'], age: 67, visit: 'first'},
    {order: ['p', 'r', 'q'], stars: 2, topics: ['a'], age: 19, visit: 'some'}], {questions});
  const page = done(await results(survey.id));
  const shown = ({cells}) => cells.map(({from, to, count}) => [from, to, count]);
  assert.deepEqual(question(page, 'order').rows.map(shown), // second and third place as one, in every row
    [[[1, 1, 32], [2, 3, 8]], [[1, 1, 8], [2, 3, 32]], [[1, 1, 0], [2, 3, 40]]]);
  assert.deepEqual(shown(question(page, 'stars')), [[1, 4, 10], [5, 5, 30]]);
  assert.deepEqual([question(page, 'visit').withheld, question(page, 'visit').answered], ['few', null]);

  const lines = async (lang) => (await (await fetched(survey.id, 'csv', {lang})).text()).split('\r\n');
  const [persian, english] = [await lines('fa'), await lines('en')];
  for (const line of ['order,اولویت,گزینهٔ q,2 تا 3,32,80,40,', 'stars,رضایت,,1 تا 4,10,25,40,', 'age,سن,,کمتر از 32,31,77.5,40,',
    'age,سن,,از 40,9,22.5,40,', 'topics,موضوع‌ها,,گزینهٔ a,,,40,گروه کوچک، نشان داده نمی‌شود', 'visit,چند بار آمده‌اید؟,,,,,,نشان داده نمی‌شود'])
    assert.ok(persian.includes(line), line);
  for (const line of ['order,اولویت,گزینهٔ q,2 to 3,32,80,40,', 'age,سن,,below 32,31,77.5,40,',
    'topics,موضوع‌ها,,گزینهٔ a,,,40,"small group, not shown"', 'visit,چند بار آمده‌اید؟,,,,,,not shown'])
    assert.ok(english.includes(line), line);

  const told = async (id, lang) =>
    /<desc id="desc">([^<]*)/.exec(await (await fetched(survey.id, 'svg', {question: id, lang})).text())[1];
  assert.match(await told('stars', 'fa'), /؛ ۱ تا ۴: ۱۰ \(۲۵٪\)؛/);
  assert.match(await told('age', 'fa'), /؛ کمتر از ۳۲: ۳۱ [^]*؛ از ۴۰: ۹ /);
  assert.match(await told('topics', 'fa'), /؛ گزینهٔ a: گروه کوچک؛ نشان داده نمی‌شود؛ گزینهٔ b: ۹ /);
  assert.equal(await told('visit', 'fa'), 'نشان داده نمی‌شود: گروه کوچک است.');
  assert.match(await told('age', 'en'), /; below 32: 31 [^]*; from 40: 9 /);
  assert.equal(await told('visit', 'en'), 'Not shown: the group is small.');
});

test('getSurveyResultsSvg: a chart, escaped, with its numbers for screen readers and nothing from elsewhere', async () => {
  const questions = [{...QUESTIONS[0], title_fa: 'کدام <b>گزینه</b> & "چرا"؟'}, QUESTIONS[4]];
  const survey = await published([...many(30, {gender: 'w', tell: 10}), ...many(20, {gender: 'm', tell: 3})], {questions});
  const answer = await fetched(survey.id, 'svg', {question: 'gender'});
  assert.equal(answer.headers.get('Content-Type'), 'image/svg+xml');
  assert.match(answer.headers.get('Content-Security-Policy'), /default-src 'none'/);
  const svg = await answer.text();
  assert.match(svg, /direction="rtl"/);
  assert.match(svg, /کدام &lt;b&gt;گزینه&lt;\/b&gt; &amp; &quot;چرا&quot;؟/);
  assert.match(svg, /<desc id="desc">[^<]*گزینهٔ w: ۳۰ \(۶۰٪\)؛ گزینهٔ m: ۲۰ \(۴۰٪\)/);
  assert.doesNotMatch(svg, /href|<script|<image|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  assert.match(await (await fetched(survey.id, 'svg', {question: 'gender', lang: 'en'})).text(), /direction="ltr".*30 \(60%\)/s);
  const missing = await fetched(survey.id, 'svg', {question: 'nothing'});
  assert.deepEqual([missing.status, (await missing.json()).code], [422, 'question_not_there']);
});

// --- without a worker: this comes last ---

test('getSurveyResults: what nobody has counted yet is said to be so, in every form, until a worker comes', async () => {
  await Promise.all(house.servers.filter((server) => server.isRunning).map((server) => server.stop()));
  house.server = await house.startServer({worker: 'off', cache_max: 0});
  const alone = await pollOf(house);
  const survey = await alone.ended({questions: QUESTIONS});
  refused(await results(survey.id, {}, alone.moderator), 409, 'results_not_ready');
  done(await alone.move(survey.id, {to: 'results_published'}, {who: alone.moderator}));
  refused(await results(survey.id), 409, 'results_not_ready');
  for (const [form, query] of [['csv', {}], ['svg', {question: 'gender'}]]) {
    const answer = await fetched(survey.id, form, query);
    assert.deepEqual([answer.status, (await answer.json()).code], [409, 'results_not_ready'], form);
  }
  const late = await house.startServer();
  await counted(house, survey);
  assert.equal(done(await results(survey.id)).is_preliminary, false);
  await late.stop();
});
