// `mosharekat apply` against a real database: what it writes, shows, keeps, retires and refuses.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {startPostgres} from '../lib/postgres.mjs';
import {ROOT, STRATEGIES, editedStrategy, lines, migrateTemplate, migratedCopy, mosharekat, strategyPath,
  temporaryFolder} from './mosharekat.mjs';

const ALL = STRATEGIES.map(strategyPath);
let cluster;

before(async () => {
  cluster = await startPostgres();
  migrateTemplate(cluster);
});
after(() => cluster.stop());

function apply(database, files, ...options) {
  const result = mosharekat(['apply', ...options, ...files], database);
  return {...result, lines: lines(result.stdout)};
}

function appliedCopy(...slugs) {
  const database = migratedCopy(cluster);
  const {status, stderr} = apply(database, slugs.map(strategyPath));
  assert.equal(status, 0, stderr);
  return database;
}

test('the three strategies are applied, and a second time there is nothing to change', () => {
  const database = migratedCopy(cluster);
  const first = apply(database, ALL);
  assert.equal(first.status, 0, first.stderr);
  assert.equal(first.lines.filter((line) => line.startsWith('+ promise ')).length, 24 + 11 + 13);
  const second = apply(database, ALL);
  assert.equal(second.status, 0);
  assert.deepEqual(second.lines, ALL.flatMap((file) => [`${file}:`, '= nothing to change']));
  assert.equal(database.sql(`SELECT count(*) FROM event WHERE kind = 'strategy.applied'`), '3');
});

test('the statement arrives as its paragraphs', () => {
  const database = appliedCopy('isfahan');
  assert.equal(database.sql(`SELECT statement LIKE '%▪ حتی المقدور پیش نویس کلیه%' FROM organisation`), 't');
  const source = fs.readFileSync(path.join(ROOT, 'strategies/sources/isfahan.txt'), 'utf8');
  assert.equal(database.sql(`SELECT array_length(string_to_array(statement, E'\\n\\n'), 1) FROM organisation`),
    String(lines(source).length));
});

test('no promise stays no promise', () => {
  const database = appliedCopy('semnan');
  assert.equal(database.sql('SELECT DISTINCT unit, length, promise_code FROM window_policy'), 'none||');
});

test('windows are those of the strategy', () => {
  const database = appliedCopy('sistan-baluchestan');
  assert.deepEqual(lines(database.sql('SELECT draft_kind, length, unit, promise_code FROM window_policy ORDER BY 1')), [
    'bill|1|months|B2', 'by_law|14|days|B1', 'circular|14|days|B1', 'criteria|14|days|B1', 'directive|14|days|B1',
    'tariff|1|months|B2']);
});

test('a change is shown with what it was and what it is, and recorded as an event', (t) => {
  const database = appliedCopy('isfahan');
  const {file} = editedStrategy(t, 'isfahan', [
    ['bill: {length: 7, unit: days, promise: I3}', 'bill: {length: 1, unit: months, promise: I3}'],
    ['name_en: "Governorate of Isfahan"', 'name_en: "Isfahan"'],
  ]);
  const {lines: shown} = apply(database, [file]);
  assert.deepEqual(shown, ['~ organisation isfahan: name_en: Governorate of Isfahan → Isfahan',
    '~ window bill: 7 days → 1 month']);
  assert.equal(database.sql(`SELECT c->>'key' || ' ' || (c->'before'->>'length') FROM event,
    jsonb_array_elements(data->'changes') c WHERE c->>'changed' = 'window'`), 'bill 7');
});

test('a referral ends a case, unless the file says that it is followed', (t) => {
  const database = migratedCopy(cluster);
  const {file, lineOf} = editedStrategy(t, 'isfahan', [['promise_code: I12, may_pause: false', 'promise_code: I12, may_pause: false, follows_referrals: true']]);
  const follow = () => database.sql(`SELECT string_agg(case_kind, ' ') FROM case_policy WHERE follows_referrals`);
  assert.equal(apply(database, [ALL[0]]).status, 0);
  assert.equal(follow(), '');
  const LINE = '~ case_policy complaint: follows_referrals: false → true';
  assert.deepEqual(apply(database, [file], '--dry-run').lines, [LINE]);
  assert.deepEqual(apply(database, [file]).lines, [LINE]);
  assert.equal(follow(), 'complaint');
  assert.deepEqual(apply(database, [file]).lines, ['= nothing to change']);
  assert.equal(apply(database, [ALL[0]]).status, 0);
  assert.equal(follow(), '');
  const {file: faulty} = editedStrategy(t, 'isfahan', [['promise_code: I12, may_pause: false', 'promise_code: I12, may_pause: false, follows_referrals: "yes"']]);
  const {status, stderr} = apply(database, [faulty]);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`:${lineOf('follows_referrals')}: /cases/complaint/follows_referrals: `));
});

test('a dry run shows the same and changes nothing', (t) => {
  const database = appliedCopy('isfahan');
  const {file} = editedStrategy(t, 'isfahan', [['name_en: "Governorate of Isfahan"', 'name_en: "Isfahan"']]);
  const trial = apply(database, [file], '--dry-run');
  assert.equal(trial.status, 0);
  assert.match(trial.stderr, /nothing was changed/);
  assert.deepEqual(apply(database, [file]).lines, trial.lines);
  assert.equal(trial.lines.length, 1);
});

const WITHOUT_A_PROMISE = [[/  - code: B13\n(?: {4}.*\n)*/.exec(fs.readFileSync(ALL[2], 'utf8'))[0], '']];

test('what left the file is kept until --prune, and then retired, not deleted', (t) => {
  const database = appliedCopy('sistan-baluchestan');
  const {file} = editedStrategy(t, 'sistan-baluchestan', WITHOUT_A_PROMISE);
  const kept = ['- promise B13: kept; run with --prune to retire it'];
  assert.deepEqual(apply(database, [file]).lines, kept);
  assert.deepEqual(apply(database, [file]).lines, kept);
  assert.equal(database.sql(`SELECT retired_at IS NULL FROM promise WHERE code = 'B13'`), 't');
  assert.deepEqual(apply(database, [file], '--prune').lines, ['- promise B13: retired']);
  assert.deepEqual(apply(database, [file]).lines, ['= nothing to change']);
  assert.equal(database.sql(`SELECT retired_at IS NOT NULL FROM promise WHERE code = 'B13'`), 't');
});

test('a retired promise comes back with its file', (t) => {
  const database = appliedCopy('sistan-baluchestan');
  const {file} = editedStrategy(t, 'sistan-baluchestan', WITHOUT_A_PROMISE);
  apply(database, [file], '--prune');
  assert.deepEqual(apply(database, [ALL[2]]).lines, ['+ promise B13']);
  assert.equal(database.sql(`SELECT retired_at IS NULL FROM promise WHERE code = 'B13'`), 't');
});

test('steps of the ladder can be moved and swapped', (t) => {
  const database = appliedCopy('isfahan');
  const {file} = editedStrategy(t, 'isfahan', [['{offset_days: -3, role: expert', '{offset_days: -5, role: expert'],
    ['{offset_days: -1, role: head', '{offset_days: -3, role: head']]);
  assert.equal(apply(database, [file], '--prune').status, 0);
  assert.equal(database.sql(`SELECT string_agg(offset_days || role, ' ' ORDER BY offset_days) FROM escalation_step`),
    '-5expert -3head 0inspector 2deputy 5office');
});

test('five faults of one file are told at once, each with its line', (t) => {
  const database = migratedCopy(cluster);
  const {file, lineOf} = editedStrategy(t, 'isfahan', [
    ['kind: governorate', 'kind: province'],
    ['gloss: "Drafts stand open to comment for one week."', 'glos: "Drafts stand open to comment for one week."'],
    ['tariff: {length: 7, unit: days, promise: I3}', 'tariff: {length: 7, unit: days, promise: I99}'],
    ['address: "https://www.ostan-es.ir"', 'address: "www.ostan-es.ir"'],
    ['role: deputy, title_fa', 'role: vizier, title_fa'],
  ]);
  const {status, stdout, stderr} = apply(database, [file]);
  assert.equal(status, 1);
  assert.equal(stdout, '');
  const told = lines(stderr).map((line) => line.replace(`${file}:`, ''));
  const promise = lineOf('- code: I3');
  assert.deepEqual(told.map((line) => line.split(': ').slice(0, 2).join(': ')), [
    `${lineOf('kind: province')}: /kind`,
    `${promise}: /promises/2/gloss`,
    `${lineOf('glos: ')}: /promises/2/glos`,
    `${lineOf('promise: I99')}: /windows/tariff/promise`,
    `${lineOf('address: "www')}: /channels/0/address`,
    `${lineOf('role: vizier')}: /escalation/3/role`,
  ]);
  assert.match(stderr, /There is no promise "I99"\./);
  assert.equal(database.sql('SELECT count(*) FROM organisation'), '0');
});

test('a sentence that the statement does not say is refused', (t) => {
  const database = migratedCopy(cluster);
  const {file, lineOf} = editedStrategy(t, 'isfahan',
    [['sentence: "به مدت یک هفته"', 'sentence: "به مدت دو هفته"']]);
  const {status, stderr} = apply(database, [file]);
  assert.equal(status, 1);
  assert.equal(stderr, `${file}:${lineOf('دو هفته')}: /promises/2/sentence: The statement does not say this.\n`);
});

test('one faulty file among several, and none is applied', (t) => {
  const database = migratedCopy(cluster);
  const {file} = editedStrategy(t, 'semnan', [['position: 2', 'position: "2"']]);
  assert.equal(apply(database, [ALL[0], file, ALL[2]]).status, 1);
  assert.equal(database.sql('SELECT count(*) FROM organisation'), '0');
});

test('what is no YAML is told with its line', (t) => {
  const database = migratedCopy(cluster);
  const file = path.join(temporaryFolder(t), 'bad.yaml');
  fs.writeFileSync(file, 'slug: a\nkind: [\n');
  const {status, stderr} = apply(database, [file]);
  assert.equal(status, 1);
  assert.match(stderr, /bad\.yaml:\d+: /);
});

test('a county office needs its governorate first', (t) => {
  const database = migratedCopy(cluster);
  const {file, lineOf} = editedStrategy(t, 'semnan', [['slug: semnan', 'slug: garmsar'],
    ['kind: governorate', 'kind: county_office'], ['parent: null', 'parent: semnan']]);
  const orphan = apply(database, [file]);
  assert.equal(orphan.status, 1);
  assert.match(orphan.stderr, new RegExp(`:${lineOf('parent: semnan')}: /parent: `));
  assert.equal(apply(database, [strategyPath('semnan'), file]).status, 0);
  assert.equal(database.sql(`SELECT p.slug FROM organisation o JOIN organisation p ON p.id = o.parent_id`), 'semnan');
});

test('a file that is not there is told by name', () => {
  const {status, stderr} = apply(migratedCopy(cluster), ['nowhere.yaml']);
  assert.equal(status, 1);
  assert.match(stderr, /nowhere\.yaml: No such file/);
});
