// `mosharekat key`: a key is shown once, hashed in the database, and ends when it is told to.
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {after, before, test} from 'node:test';
import {startPostgres} from '../lib/postgres.mjs';
import {STRATEGIES, lines, migrateTemplate, migratedCopy, mosharekat, strategyPath} from './mosharekat.mjs';

let cluster;
let database;

before(async () => {
  cluster = await startPostgres();
  migrateTemplate(cluster);
  database = migratedCopy(cluster);
  mosharekat(['apply', ...STRATEGIES.map(strategyPath)], database);
});
after(() => cluster.stop());

const create = (...options) => mosharekat(['key', 'create', ...options], database);

test('a key is printed once, its id beside it, and only its SHA-256 is kept', () => {
  const {status, stdout, stderr} = create('--org', 'isfahan', '--role', 'expert,head', '--name', 'کارشناس');
  assert.equal(status, 0, stderr);
  const key = stdout.trim();
  assert.match(key, /^mk_[A-Za-z0-9_-]{43}$/);
  const hash = createHash('sha256').update(key).digest('hex');
  assert.equal(database.sql(`SELECT k.id, o.slug, k.name, k.roles FROM api_key k JOIN organisation o ON o.id = k.org_id
    WHERE encode(k.hash, 'hex') = '${hash}'`), `${stderr.trim()}|isfahan|کارشناس|{expert,head}`);
});

test('a key for all organisations belongs to none', () => {
  const {status, stderr} = create('--org', 'all', '--role', 'admin');
  assert.equal(status, 0, stderr);
  assert.equal(database.sql(`SELECT org_id IS NULL, name FROM api_key WHERE id = '${stderr.trim()}'`), 't|admin');
});

test('a key works until the end of its last local day', () => {
  const {stderr} = create('--org', 'semnan', '--role', 'expert', '--expires', '2099-03-20');
  assert.equal(database.sql(`SELECT expires_at AT TIME ZONE 'UTC' FROM api_key WHERE id = '${stderr.trim()}'`),
    '2099-03-20 20:30:00');
});

for (const [name, options, status, message] of [
  ['an unknown organisation', ['--org', 'tehran', '--role', 'expert'], 1, /no organisation "tehran"/],
  ['unknown roles', ['--org', 'isfahan', '--role', 'boss,expert,king'], 1, /no role: boss, king/],
  ['an unknown role for all', ['--org', 'all', '--role', 'king'], 1, /no role: king/],
  ['a date that does not exist', ['--org', 'all', '--role', 'admin', '--expires', '2026-02-30'], 2, /--expires/],
  ['a day that is over', ['--org', 'all', '--role', 'admin', '--expires', '2020-01-01'], 2, /is over/],
  ['an empty role', ['--org', 'all', '--role', 'admin,'], 2, /--role/],
  ['no organisation', ['--role', 'admin'], 2, /missing: --org/],
  ['no role', ['--org', 'all'], 2, /missing: --role/],
]) {
  test(`${name} makes no key`, () => {
    const count = database.sql('SELECT count(*) FROM api_key');
    const result = create(...options);
    assert.equal(result.status, status);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, message);
    assert.equal(database.sql('SELECT count(*) FROM api_key'), count);
  });
}

test('a key is revoked once, and the list says when', () => {
  const id = create('--org', 'isfahan', '--role', 'expert').stderr.trim();
  const revoke = () => mosharekat(['key', 'revoke', id], database);
  assert.equal(revoke().stdout, 'revoked\n');
  const before = database.sql(`SELECT revoked_at FROM api_key WHERE id = '${id}'`);
  assert.notEqual(before, '');
  assert.equal(revoke().stdout, 'was revoked already\n');
  assert.equal(database.sql(`SELECT revoked_at FROM api_key WHERE id = '${id}'`), before);
  const row = lines(mosharekat(['key', 'list'], database).stdout).find((line) => line.startsWith(id)).split('\t');
  assert.deepEqual(row.slice(1, 4), ['isfahan', 'expert', 'expert']);
  assert.match(row[6], /^\d{4}-\d\d-\d\dT/);
});

test('what is no key is not revoked', () => {
  assert.equal(mosharekat(['key', 'revoke', '01890a5d-ac96-774b-bcce-b302099a8057'], database).status, 1);
  assert.equal(mosharekat(['key', 'revoke', 'x'], database).status, 2);
});

test('a role retired from one organisation still makes keys in another', () => {
  database.sql(`UPDATE role SET retired_at = now() WHERE name = 'client' AND org_id =
    (SELECT id FROM organisation WHERE slug = 'semnan')`);
  assert.equal(create('--org', 'semnan', '--role', 'client').status, 1);
  assert.equal(create('--org', 'isfahan', '--role', 'client').status, 0);
});
