// Charts as a browser draws them: every text has its room, bars are as long as their numbers, patterns tell them apart.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {chromium} from 'playwright-core';
import {done} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {option, pollOf} from '../lib/poll.mjs';
import {counted, insert, QUESTIONS} from '../lib/tally.mjs';

const WIDTH = 720, LABELS_FROM = WIDTH - 16 - 230, SLACK = 1;
const house = await startHouse({settings: {cache_max: 0}});
const poll = await pollOf(house);
let browser;
before(async () => (browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']})));
after(async () => {
  await browser?.close();
  await house.stop();
});

const LONG = 'با توجه به طرح پیشنهادی پیاده‌راه‌سازی خیابان چهارباغ عباسی، کدام‌یک از گزینه‌های زیر را مناسب‌تر می‌دانید و چرا گمان می‌کنید که برای شهر و شهروندان بهتر است؟ '.repeat(3);
const questions = [
  {...QUESTIONS[0], title_fa: LONG, title_en: `WHICH OF THESE ${'OPTIONS '.repeat(40)}`, options: [
    option('w', LONG.slice(0, 300).trim()), {id: 'm', title_fa: 'شخصیت‌شناسی‌شناسانه‌ترین‌هایشان‌شصت‌وشش', title_en: 'A VERY LONG OPTION IN CAPITALS MMMMMMWWWWWW'}, option('x', '<script>x</script>')]},
  QUESTIONS[4], QUESTIONS[5], QUESTIONS[6], QUESTIONS[9]];
const answers = (count, gender, tell, desk, order) => Array.from({length: count}, () => ({gender, tell, parts: {desk}, order, word: 'x'}));
const survey = await poll.running({questions});
await insert(house, survey, [...answers(60, 'w', 10, 'good', ['p', 'q', 'r']), ...answers(30, 'm', 7, 'fair', ['q', 'p', 'r']),
  ...answers(10, 'x', 3, 'bad', ['r', 'q', 'p'])]);
await poll.end(survey);
done(await poll.move(survey.id, {to: 'results_published'}, {who: poll.moderator}));
await counted(house, survey);

async function drawn(question, lang = 'fa') {
  const page = await browser.newPage({viewport: {width: WIDTH, height: 900}});
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${house.server.url}/v1/orgs/isfahan/surveys/${survey.id}/results.svg?question=${question}&lang=${lang}`);
  const parts = await page.evaluate(() => {
    const box = (element) => {
      const {left, right, top, bottom, width} = element.getBoundingClientRect();
      return {left, right, top, bottom, width, text: element.textContent, kind: element.getAttribute('class'), fill: getComputedStyle(element).fill};
    };
    return {texts: [...document.querySelectorAll('text')].map(box), bars: [...document.querySelectorAll('rect.bar')].map(box),
      direction: getComputedStyle(document.documentElement).direction, height: document.documentElement.getBoundingClientRect().height,
      role: document.documentElement.getAttribute('role'), scripts: document.querySelectorAll('script').length};
  });
  await page.close();
  assert.equal(asked.length, 1, asked.join(' '));
  return parts;
}

function fits({texts, height}) {
  for (const {left, right, top, bottom, text} of texts)
    assert.ok(left >= -SLACK && right <= WIDTH + SLACK && top >= 0 && bottom <= height + SLACK, `${left}..${right}: ${text}`);
  for (const [i, a] of texts.entries())
    for (const b of texts.slice(i + 1))
      assert.ok(a.right <= b.left || b.right <= a.left || a.bottom <= b.top + 5 || b.bottom <= a.top + 5, `"${a.text}" on "${b.text}"`);
}

test('getSurveyResultsSvg: drawn in Persian, labels at the right, bars to the left and as long as their numbers', async () => {
  const chart = await drawn('gender');
  assert.deepEqual([chart.direction, chart.role, chart.scripts], ['rtl', 'img', 0]);
  fits(chart);
  const labels = chart.texts.filter(({kind}) => kind === 'label');
  for (const {left, text} of labels) assert.ok(left >= LABELS_FROM - SLACK, `${left}: ${text}`);
  const [first, ...others] = chart.bars;
  assert.deepEqual(others.map(({width}) => Math.round((600 * width) / first.width) / 10), [30, 10]);
  assert.ok(chart.bars.every(({right}) => Math.abs(right - first.right) <= SLACK));
  assert.deepEqual(chart.texts.filter(({kind}) => kind === 'value').map(({text}) => text), ['۶۰ (۶۰٪)', '۳۰ (۳۰٪)', '۱۰ (۱۰٪)']);
});

test('getSurveyResultsSvg: drawn in English it is the mirror image', async () => {
  const chart = await drawn('gender', 'en');
  assert.equal(chart.direction, 'ltr');
  fits(chart);
  const [first] = chart.bars;
  assert.ok(chart.bars.every(({left}) => Math.abs(left - first.left) <= SLACK));
  assert.ok(chart.texts.filter(({kind}) => kind === 'label').every(({right}) => right <= first.left));
});

test('getSurveyResultsSvg: detractors, passives and promoters differ in pattern; matrices, rankings and texts have their form', async () => {
  const nps = await drawn('tell');
  fits(nps);
  assert.equal(new Set(nps.bars.map(({fill}) => fill)).size, 3);
  assert.ok(nps.texts.some(({text}) => text.includes('شاخص خالص ترویج‌کنندگان: ۵۰')));
  const [matrix, ranking, words] = [await drawn('parts'), await drawn('order'), await drawn('word')];
  for (const chart of [matrix, ranking, words]) fits(chart);
  assert.deepEqual(matrix.texts.filter(({kind}) => kind === 'row').map(({text}) => text), ['گزینهٔ desk', 'گزینهٔ phone']);
  assert.equal(ranking.bars.length, 3);
  assert.equal(words.bars.length, 0);
  assert.ok(words.texts.some(({text}) => text === 'پاسخ‌دهندگان: ۱۰۰'));
});
