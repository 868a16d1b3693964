// `mosharekat apply` and the service desk: what a file lists arrives, and what staff made theirs stays theirs.
import assert from 'node:assert/strict';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {startPostgres} from '../lib/postgres.mjs';
import {ROOT, editedStrategy, lines, migrateTemplate, migratedCopy, mosharekat, strategyPath} from './mosharekat.mjs';

let cluster;
before(async () => {
  cluster = await startPostgres();
  migrateTemplate(cluster);
});
after(() => cluster.stop());

const LISTS = `services:
  - {code: permit, title_fa: پروانه, unit_code: service-units, keywords: [جواز], fee: رایگان}
  - {code: tariff, title_fa: تعرفه}
faq:
  - {code: when, question: چه زمانی؟, answer: ده روز کاری, updated_on: 2026-11-01}
contact:
  - {code: desk, kind: phone, title_fa: میز خدمت, as_published: ۰۳۱-۱۲, address: null, note: کوتاه}
`;
const EMPTY = 'services: []\nfaq: []\ncontact: []\n';
const withLists = (t, edit = (text) => text) => editedStrategy(t, 'isfahan', [[EMPTY, edit(LISTS)]]);
const apply = (database, file, ...options) => {
  const {status, stdout, stderr} = mosharekat(['apply', ...options, file], database);
  return {status, lines: lines(stdout), told: lines(stderr)};
};

test('services, questions and contacts of a file arrive, and a second time there is nothing to change', (t) => {
  const database = migratedCopy(cluster);
  const {file} = withLists(t);
  const first = apply(database, file);
  assert.deepEqual(first.lines.slice(-4), ['+ service permit', '+ service tariff', '+ faq when', '+ contact desk']);
  assert.deepEqual(apply(database, file).lines, ['= nothing to change']);
  assert.equal(database.sql(`SELECT code, unit_code, keywords, fee, origin FROM service ORDER BY position`),
    'permit|service-units|{جواز}|رایگان|file\ntariff||{}||file');
});

test('a change of the file is shown and raises the version; what left it is kept until --prune', (t) => {
  const database = migratedCopy(cluster);
  apply(database, withLists(t).file);
  const {file} = withLists(t, (text) => text.replace('fee: رایگان', 'fee: صد هزار ریال').replace(/ {2}- \{code: tariff.*\n/, ''));
  assert.deepEqual(apply(database, file).lines,
    ['~ service permit: fee: رایگان → صد هزار ریال', '- service tariff: kept; run with --prune to retire it']);
  assert.equal(database.sql(`SELECT row_version FROM service WHERE code = 'permit'`), '2');
  assert.deepEqual(apply(database, file, '--prune').lines, ['- service tariff: retired']);
  assert.deepEqual(apply(database, file).lines, ['= nothing to change']);
  assert.deepEqual(apply(database, withLists(t).file).lines.slice(-1), ['+ service tariff']);
});

test('what staff made, changed or retired is left alone, pruning or not', (t) => {
  const database = migratedCopy(cluster);
  const {file} = withLists(t);
  apply(database, file);
  database.sql(`UPDATE service SET origin = 'staff', fee = 'x' WHERE code = 'permit';
    UPDATE service SET origin = 'staff', retired_at = now() WHERE code = 'tariff';
    INSERT INTO faq (org_id, code, position, question, answer, updated_on, origin, created_at, updated_at)
    SELECT id, 'ours', 9, 'چه؟', 'این', now(), 'staff', now(), now() FROM organisation`);
  assert.deepEqual(apply(database, file, '--prune').lines, ['= nothing to change']);
  assert.deepEqual(apply(database, strategyPath('isfahan'), '--prune').lines, ['- faq when: retired', '- contact desk: retired']);
  assert.equal(database.sql(`SELECT fee FROM service WHERE code = 'permit' AND retired_at IS NULL`), 'x');
  assert.equal(database.sql(`SELECT count(*) FROM faq WHERE code = 'ours' AND retired_at IS NULL`), '1');
});

test('faults of the lists are told at once, each with its line', (t) => {
  const database = migratedCopy(cluster);
  const {file, lineOf} = withLists(t, (text) => text.replace('code: tariff', 'code: permit')
    .replace('unit_code: service-units', 'unit_code: nobody').replace('2026-11-01', 'yesterday')
    .replace('kind: phone', 'kind: pigeon'));
  const {status, told} = apply(database, file);
  assert.equal(status, 1);
  assert.deepEqual(told.map((line) => line.replace(`${file}:`, '').split(': ').slice(0, 2).join(': ')).sort(), [
    `${lineOf('- {code: desk')}: /contact/0/kind`,
    `${lineOf('- {code: when')}: /faq/0/updated_on`,
    `${lineOf('- {code: permit, title_fa: پروانه')}: /services/0/unit_code`,
    `${lineOf('- {code: permit, title_fa: تعرفه')}: /services/1/code`,
  ].sort());
});

test('the three strategies publish no services, questions or contacts, and none are made up', () => {
  const database = migratedCopy(cluster);
  for (const slug of ['isfahan', 'semnan', 'sistan-baluchestan'])
    assert.equal(apply(database, strategyPath(slug)).status, 0);
  assert.equal(database.sql('SELECT (SELECT count(*) FROM service), (SELECT count(*) FROM faq), (SELECT count(*) FROM contact)'),
    '0|0|0');
});

test('the county office of the samples hangs under its governorate', () => {
  const database = migratedCopy(cluster);
  apply(database, strategyPath('sistan-baluchestan'));
  assert.equal(apply(database, path.join(ROOT, 'script/samples/county-office.yaml')).status, 0);
  assert.equal(database.sql(`SELECT p.slug FROM organisation o JOIN organisation p ON p.id = o.parent_id
    WHERE o.kind = 'county_office'`), 'sistan-baluchestan');
});
