// The analysis: what is received where, how soon it is answered, and what comes again and again; and what of it the
// public may see.
import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {after, test} from 'node:test';
import {caseworkOf} from '../lib/casework.mjs';
import {done} from '../lib/client.mjs';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', cache_max: 0}});
after(() => house.stop());
await house.moveClock(new Date('2026-11-21T08:00:00Z')); // 30 Aban 1405
const office = await caseworkOf(house);

const analysisOf = async (who) => {
  await house.query('SELECT stat_fold(100000)');
  return done(await who.GET('/v1/orgs/{org}/analysis', {params: {path: {org: 'isfahan'}}}));
};

test('getAnalysis: nothing yet', async () => {
  for (const who of [house.anyone, office.deputy]) {
    const {exact, ...rest} = await analysisOf(who);
    assert.equal(exact, who === office.deputy);
    assert.deepEqual(rest, {received: {topics: [], units: [], channels: [], months: []},
      suppressed_groups: {topics: 0, units: 0, channels: 0, months: 0}, repeated_subjects: [],
      most_commented_drafts: [], most_supported_suggestions: []});
  }
});

test('getAnalysis: topics, units with their response times, channels and months; small groups are for staff', async () => {
  for (let i = 0; i < 6; i++) await office.made('complaint', 'answered', {service_code: 'permits', subject: `پروانه ${i}`});
  await office.filed('complaint', {service_code: 'water', subject: 'آب شرب'});
  await office.filed('complaint', {channel: 'letter', received_at: '2026-10-10T08:00:00Z', subject: 'نامه'}, {who: office.clerk});
  const {received, suppressed_groups: none} = await analysisOf(office.deputy);
  assert.deepEqual(received.topics.map(({key, received: n}) => [key, n]), [['permits', 6], [null, 1], ['water', 1]]);
  assert.deepEqual(received.months.map(({key, received: n}) => [key, n]), [['1405-07', 1], ['1405-08', 7]]);
  const unit = received.units.find(({key}) => key === 'service-units');
  assert.deepEqual([unit.received, unit.answered, unit.working_days], [6, 6, {median: 0, p90: 0}]);
  assert.ok(unit.title_fa);
  assert.deepEqual(none, {topics: 0, units: 0, channels: 0, months: 0});

  const told = await analysisOf(house.anyone);
  assert.deepEqual(told.received.topics.map(({key, received: n}) => [key, n]), [['permits', 5]]);
  assert.deepEqual([told.suppressed_groups.topics, told.suppressed_groups.months], [2, 1]);
});

test('getAnalysis: repeated subjects are told apart by their words, not by their spelling', async () => {
  for (const subject of ['قطعي آب روستا', 'قطعی آب‌روستا', 'قطعی آب روستا!', 'قطعی  آب روستا', 'قطعی آب روستا'])
    await office.made('complaint', 'answered', {subject});
  await office.filed('message', {subject: 'قطعی آب روستا', addressee: {kind: 'governor'}});
  const kept = await analysisOf(office.deputy);
  assert.deepEqual(kept.repeated_subjects.map(({kind, cases}) => [kind, cases]), [['complaint', 5]]);
  const told = await analysisOf(house.anyone);
  assert.deepEqual(told.repeated_subjects.map(({kind, cases}) => [kind, cases]), [['complaint', 5]]);
});

test('getAnalysis: the public does not see subjects of few cases, of numbers, or of confidential messages', async () => {
  for (let i = 0; i < 4; i++) await office.filed('complaint', {subject: 'دیوار همسایه'});
  for (let i = 0; i < 6; i++) await office.made('complaint', 'answered', {subject: 'تماس با ۰۹۱۳۱۲۳۴۵۶۷'});
  for (let i = 0; i < 6; i++)
    await office.filed('message', {subject: 'گزارش محرمانه', addressee: {kind: 'governor'}, confidential: true});
  const subjects = ({repeated_subjects: list}) => list.map(({subject}) => subject);
  assert.deepEqual(subjects(await analysisOf(office.deputy)).slice(0, 1), ['تماس با ۰۹۱۳۱۲۳۴۵۶۷']);
  assert.ok(subjects(await analysisOf(office.deputy)).includes('دیوار همسایه'));
  const told = subjects(await analysisOf(house.anyone));
  assert.equal(told.length, 1);
  assert.match(told[0], /روستا/);
  for (const who of [house.anyone, office.admin]) assert.ok(!subjects(await analysisOf(who)).includes('گزارش محرمانه'));
});

test('getAnalysis: nobody puts words before the public by filing them again and again', async () => {
  const subject = 'فلانی رشوه می‌گیرد';
  const cases = [];
  for (let i = 0; i < 9; i++) cases.push(await office.filed('complaint', {subject}));
  const has = async (who) => (await analysisOf(who)).repeated_subjects.some((one) => one.subject === subject);
  assert.equal(await has(house.anyone), false);
  assert.equal(await has(office.deputy), true);
  for (let i = 0; i < 4; i++) await office.made('complaint', 'answered', {subject});
  assert.equal(await has(house.anyone), false);
  await office.made('complaint', 'answered', {subject});
  assert.equal(await has(house.anyone), true);
  const [{wrong}] = await house.query('SELECT stat_rebuild_subjects()::int AS wrong');
  assert.equal(wrong, 0);
  await house.query('DELETE FROM stat_subject WHERE subject = $1', [subject]);
  assert.equal(await has(house.anyone), false);
  await house.query('SELECT stat_rebuild_subjects()');
  assert.equal(await has(house.anyone), true);
});

test('getAnalysis: a converted message counts under the subject of what it became; a rebuild agrees', async () => {
  const ids = [];
  for (let i = 0; i < 2; i++)
    ids.push((await office.filed('message', {subject: 'آسفالت خیابان', addressee: {kind: 'governor'}})).id);
  await house.query('SELECT stat_fold(100000)');
  for (const id of ids) done(await office.convert(id, {to: 'complaint'}), 201);
  const [{wrong}] = await house.query('SELECT stat_rebuild_subjects()::int AS wrong');
  assert.equal(wrong, 0);
  const {repeated_subjects: subjects} = await analysisOf(office.deputy);
  assert.deepEqual(subjects.filter(({subject}) => subject === 'آسفالت خیابان'),
    [{kind: 'complaint', subject: 'آسفالت خیابان', cases: 2}]);
  await house.query(`UPDATE stat_subject SET n = n + 9 WHERE subject = 'آسفالت خیابان'`);
  assert.match((await house.command('rebuild', 'stats')).stdout, /^stats: 2 cells/);
});

test('getAnalysis: the most commented drafts come first', async () => {
  const desk = await deskOf(house);
  const [quiet, loud] = [await desk.opened({title: 'دستورالعمل کم‌نظر'}), await desk.opened({title: 'دستورالعمل پرنظر'})];
  await desk.filed(quiet.id);
  for (let i = 0; i < 3; i++) await desk.filed(loud.id);
  await desk.pending(loud.id);
  const {most_commented_drafts: drafts} = await analysisOf(house.anyone);
  assert.deepEqual(drafts.map(({id, title, comments}) => [id, title, comments]),
    [[loud.id, 'دستورالعمل پرنظر', 3], [quiet.id, 'دستورالعمل کم‌نظر', 1]]);
});

test('getAnalysis: the most supported suggestions come first, those that are public alone', async () => {
  const [few, many] = [await office.made('suggestion', 'approved', {subject: 'کم‌پشتیبان'}),
    await office.made('suggestion', 'approved', {subject: 'پرپشتیبان'})];
  const hidden = await office.made('suggestion', 'screening');
  const devices = Array.from({length: 4}, () => randomBytes(24).toString('base64url'));
  for (const device of devices) done(await office.support(many.id, device));
  done(await office.support(few.id, devices[0]));
  const {most_supported_suggestions: suggestions} = await analysisOf(house.anyone);
  assert.deepEqual(suggestions.map(({id, title, supports}) => [id, title, supports]),
    [[many.id, 'پرپشتیبان', 4], [few.id, 'کم‌پشتیبان', 1]]);
  assert.ok(!suggestions.some(({id}) => id === hidden.id));
});
