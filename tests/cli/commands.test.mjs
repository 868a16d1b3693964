// What a person may get wrong on the command line, in the settings and with the database: told, not guessed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {startPostgres} from '../lib/postgres.mjs';
import {ROOT, migrateTemplate, migratedCopy, mosharekat, temporaryFolder} from './mosharekat.mjs';

let cluster;

before(async () => {
  cluster = await startPostgres();
  migrateTemplate(cluster);
});
after(() => cluster.stop());

for (const [name, args, message] of [
  ['no command', [], /a command is missing/],
  ['an unknown command', ['srve'], /no command "srve"/],
  ['half a command', ['key'], /no command "key"/],
  ['an unknown option', ['migrate', '--force'], /no option --force/],
  ['an unknown short option', ['migrate', '-f'], /no option -f/],
  ['an option without its value', ['migrate', '--config'], /needs a value: --config/],
  ['an option given twice', ['apply', '--prune', '--prune', 'a.yaml'], /given twice: --prune/],
  ['a value for a flag', ['apply', '--prune=yes', 'a.yaml'], /takes no value: --prune/],
  ['a missing file', ['apply'], /missing: FILE/],
  ['an argument too many', ['migrate', 'now'], /one argument too many: now/],
]) {
  test(`${name} ends with status 2 and says so`, () => {
    const {status, stdout, stderr} = mosharekat(args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, message);
  });
}

for (const [name, value, message] of [
  ['FOO', '1', /MOSHAREKAT_FOO/],
  ['BODY_MAX', 'plenty', /body_max/],
  ['LOOPS', '0', /loops/],
  ['LOG_LEVEL', 'loud', /setting log_level/],
  ['TIME_ZONE', 'Asia/Atlantis', /setting time_zone/],
]) {
  test(`the setting ${name}=${value} is refused by name`, () => {
    const {status, stderr} = mosharekat(['migrate'], {env: {[`MOSHAREKAT_${name}`]: value}});
    assert.equal(status, 2);
    assert.match(stderr, message);
  });
}

test('a settings file is read, and its faults have lines', (t) => {
  const file = path.join(temporaryFolder(t), 'mosharekat.ini');
  fs.writeFileSync(file, 'log_level = warn\nbody_maximum = 1K\n');
  const {status, stderr} = mosharekat(['migrate', '--config', file]);
  assert.equal(status, 2);
  assert.match(stderr, /mosharekat\.ini:2: .*body_maximum/);
});

test('help names every command, and serve --help every setting', () => {
  const help = mosharekat(['help']);
  assert.equal(help.status, 0);
  for (const command of ['serve', 'migrate', 'apply', 'check', 'key create', 'key revoke', 'key list', 'version'])
    assert.ok(help.stdout.includes(`  ${command} `), command);
  const settings = fs.readFileSync(path.join(ROOT, 'include/base/settings.def'), 'utf8');
  const shown = mosharekat(['serve', '--help']).stdout;
  for (const [, name] of settings.matchAll(/^SETTING_\w+\((\w+)/gm)) assert.match(shown, new RegExp(`^${name} `, 'm'));
});

test('version is one line', () => {
  assert.match(mosharekat(['version']).stdout, /^mosharekat \d+\.\d+\.\d+\n$/);
  assert.equal(mosharekat(['--version']).stdout, mosharekat(['version']).stdout);
});

test('migrating a second time changes nothing', () => {
  const database = migratedCopy(cluster);
  const {status, stdout} = mosharekat(['migrate'], database);
  assert.equal(status, 0);
  assert.doesNotMatch(stdout, /applied/);
});

test('an edited migration is refused by every command that needs the database', () => {
  const database = migratedCopy(cluster);
  database.sql(`UPDATE schema_migration SET sha256 = sha256('edited') WHERE version = 1`);
  for (const args of [['migrate'], ['key', 'list'], ['apply', 'strategies/semnan.yaml']]) {
    const {status, stderr} = mosharekat(args, database);
    assert.equal(status, 1);
    assert.match(stderr, /0001_house\.sql/);
  }
});

test('a database that was never migrated is told to be migrated', () => {
  const conninfo = cluster.createDatabase('fresh');
  const {status, stderr} = mosharekat(['key', 'list'], {conninfo});
  assert.equal(status, 1);
  assert.match(stderr, /migrate/);
});

test('a database that is not there is told, without a password', () => {
  const {status, stderr} = mosharekat(['migrate'], {conninfo: 'host=/nowhere dbname=x password=geheim'});
  assert.equal(status, 1);
  assert.notEqual(stderr, '');
  assert.doesNotMatch(stderr, /geheim/);
});

const operations = () => [...fs.readFileSync(path.join(ROOT, 'openapi.yaml'), 'utf8').matchAll(/operationId: (\w+)/g)]
  .map(([, id]) => id);

test('check: statements fit the database, handlers and problems the contract', (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(path.join(folder, 'all.test.mjs'), operations().join('\n'));
  const {status, stdout, stderr} = mosharekat(['check', '--tests', folder], migratedCopy(cluster));
  assert.equal(status, 0, stderr);
  assert.match(stdout, /all fit/);
});

test('check: an operation that no test mentions is a fault', (t) => {
  const folder = temporaryFolder(t);
  const [first, ...others] = operations();
  fs.writeFileSync(path.join(folder, 'some.test.mjs'), `${others.join('\n')} my${first} ${first}s`);
  const {status, stderr} = mosharekat(['check', '--tests', folder], migratedCopy(cluster));
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^no test mentions ${first}\n`));
});

test('check: a statement that does not fit is told with its file', () => {
  const database = migratedCopy(cluster);
  database.sql('ALTER TABLE api_key RENAME COLUMN name TO title');
  const {status, stderr} = mosharekat(['check'], database);
  assert.equal(status, 1);
  assert.match(stderr, /src\/keys\.sql:\d+: /);
});

for (const [name, make, message] of [
  ['that is not set', () => '', /setting secret_file: not set/],
  ['that is not there', (folder) => path.join(folder, 'none'), /secret_file: .*No such file/],
  ['that is a folder', (folder) => folder, /secret_file: .*not a file/],
  ['that others may read', (folder) => secretFile(folder, 64, 0o640), /secret_file: .*0600/],
  ['that is too short', (folder) => secretFile(folder, 31, 0o600), /secret_file: .*32 bytes/],
]) {
  test(`a secret ${name} stops the start`, (t) => {
    const file = make(temporaryFolder(t));
    const {status, stderr} = mosharekat(['serve'], {env: {MOSHAREKAT_SECRET_FILE: file}});
    assert.equal(status, 2);
    assert.match(stderr, message);
  });
}

function secretFile(folder, size, mode) {
  const file = path.join(folder, 'secret');
  fs.writeFileSync(file, Buffer.alloc(size, 7), {mode});
  fs.chmodSync(file, mode);
  return file;
}
