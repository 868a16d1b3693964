// Results of surveys in tests: responses at random, put where answers are kept, and counted the plain way.
import {randomUUID} from 'node:crypto';
import {until} from './server.mjs';
import {option} from './poll.mjs';

export const QUESTIONS = [
  {id: 'gender', type: 'single', title_fa: 'جنسیت', title_en: 'Gender', options: ['w', 'm', 'x'].map((id) => option(id))},
  {id: 'visit', type: 'single', title_fa: 'چند بار آمده‌اید؟', options: ['first', 'some', 'often', 'daily'].map((id) => option(id))},
  {id: 'topics', type: 'multiple', title_fa: 'موضوع‌ها', options: ['a', 'b', 'c', 'd'].map((id) => option(id))},
  {id: 'stars', type: 'rating', title_fa: 'رضایت', min: 1, max: 5},
  {id: 'tell', type: 'nps', title_fa: 'پیشنهاد می‌کنید؟'},
  {id: 'parts', type: 'matrix', title_fa: 'بخش‌ها', rows: ['desk', 'phone'].map((id) => option(id)), columns: ['good', 'fair', 'bad'].map((id) => option(id))},
  {id: 'order', type: 'ranking', title_fa: 'اولویت', options: ['p', 'q', 'r'].map((id) => option(id))},
  {id: 'age', type: 'number', title_fa: 'سن', min: 0, max: 120, integer: true},
  {id: 'day', type: 'date', title_fa: 'روز مراجعه'},
  {id: 'word', type: 'short_text', title_fa: 'در یک کلمه'},
];

// A generator of numbers below 1, the same every time.
export function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function randomAnswers(roll) {
  const below = (n) => Math.floor(roll() * n);
  const skewed = (items) => items[Math.floor(roll() ** 3 * items.length)];
  const answers = {
    gender: skewed(['w', 'm', 'x']), visit: skewed(['often', 'some', 'first', 'daily']),
    topics: ['a', 'b', 'c', 'd'].filter(() => roll() < 0.4), stars: 5 - Math.floor(roll() ** 2 * 5), tell: 10 - Math.floor(roll() ** 2 * 11),
    parts: {desk: skewed(['good', 'fair', 'bad']), ...(roll() < 0.8 && {phone: skewed(['fair', 'good', 'bad'])})},
    order: ['p', 'q', 'r'].map((id) => [roll() + (id === 'q' ? 0.4 : 0), id]).sort().map(([, id]) => id),
    age: 18 + below(60), day: `2026-${String(1 + below(9)).padStart(2, '0')}-15`, word: `متن خصوصی ${below(1e9)}`,
  };
  if (answers.topics.length === 0) delete answers.topics;
  for (const id of Object.keys(answers)) if (roll() < 0.1) delete answers[id];
  return answers;
}

export const insert = (house, survey, responses, version = 1) => house.query(
  `INSERT INTO survey_response (survey_id, id, version, day, source, answers)
   SELECT $1, r.id, $4, '2026-11-21', 'web', r.answers FROM unnest($2::uuid[], $3::jsonb[]) r(id, answers)`,
  [survey.id, responses.map(() => randomUUID()), responses.map((answers) => JSON.stringify(answers)), version]);

export async function counted(house, survey) {
  await house.query('NOTIFY mosharekat_work');
  await until('the results to be counted', async () => {
    const [row] = await house.query(`
      SELECT r.rolled = r.shown AND survey_step(s, r, c.now, 5000) = 0 AND r.at IS NOT NULL
             AND (r.is_final OR survey_state(s.state, s.opens_at, s.closes_at, c.now) IN ('running', 'paused')) AS is_done
      FROM survey s JOIN survey_result r ON r.survey_id = s.id, LATERAL (SELECT clock_timestamp() + shift AS now FROM clock) c
      WHERE s.id = $1`, [survey.id]);
    return row?.is_done;
  });
}

// The cells that an answer counts in, as survey_cells() should have them.
export function cellsOf({type}, answer) {
  if (type === 'multiple') return ['', ...answer];
  if (type === 'ranking') return ['', ...answer.map((id, i) => `${id}.${i + 1}`)];
  if (type === 'matrix') return ['', ...Object.entries(answer).map((pair) => pair.join('.'))];
  if (type.endsWith('text')) return [''];
  return ['', String(answer)];
}

// Map from 'question cell by_question by_cell' to count.
export function tallied(questions, responses) {
  const sums = new Map();
  const add = (...key) => sums.set(key.join(' '), (sums.get(key.join(' ')) ?? 0) + 1);
  const by = questions.filter(({type}) => type === 'single').slice(0, 5);
  for (const answers of responses) {
    add('', '', '', '');
    for (const question of questions) {
      if (answers[question.id] === undefined) continue;
      for (const cell of cellsOf(question, answers[question.id])) {
        add(question.id, cell, '', '');
        if (!['single', 'multiple', 'rating', 'nps', 'matrix'].includes(question.type)) continue;
        for (const {id} of by)
          if (id !== question.id && answers[id] !== undefined) add(question.id, cell, id, answers[id]);
      }
    }
  }
  return sums;
}

export async function kept(house, survey) {
  const rows = await house.query(`SELECT question, cell, by_question, by_cell, sum(n)::int AS n FROM survey_tally
    WHERE survey_id = $1 GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0`, [survey.id]);
  return new Map(rows.map((row) => [[row.question, row.cell, row.by_question, row.by_cell].join(' '), row.n]));
}
