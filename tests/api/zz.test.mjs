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

test('getSurveyResultsCsv, getSurveyResultsSvg: groups that are joined, hidden or withheld are told so in words', async () => {
  const questions = ['order', 'stars', 'topics', 'age', 'visit'].map((id) => QUESTIONS.find((one) => one.id === id));
  const survey = await published([
    ...many(30, {order: ['p', 'q', 'r'], stars: 5, topics: ['a'], age: 30}),
    ...many(8, {order: ['q', 'p', 'r'], stars: 4, topics: ['a', 'b'], age: 41}),
    {order: ['p', 'r', 'q'], stars: 1, topics: ['b'], age: 67, visit: 'first'},
    {order: ['p', 'r', 'q'], stars: 2, topics: ['a'], age: 19, visit: 'some'}], {questions});
  const page = done(await results(survey.id));
  const shown = ({cells}) => cells.map(({from, to, count}) => [from, to, count]);
  assert.deepEqual(question(page, 'order').rows.map(shown), // second and third place as one, for everybody
    [[[1, 1, 32], [2, 3, 8]], [[1, 1, 8], [2, 3, 32]], [[1, 1, 0], [2, 3, 40]]]);
  assert.deepEqual(shown(question(page, 'stars')), [[1, 4, 10], [5, 5, 30]]);
  assert.equal(question(page, 'visit').withheld, 'few');
  const table = async (lang) => (await (await fetched(survey.id, 'csv', {lang})).text()).split('\r\n');
  const [persian, english] = [await table('fa'), await table('en')];
  console.log(english.join('\n'));
  const told = async (id, lang) => /<desc id="desc">([^<]*)/.exec(await (await fetched(survey.id, 'svg', {question: id, lang})).text())[1];
  for (const q of ['order','stars','topics','age','visit']) console.log(q, await told(q,'fa'), await told(q, 'en'));
});

