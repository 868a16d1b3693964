// Verified citizens: tokens of a real OpenID Connect provider, and those that somebody else made.
//
// There is no operation of their own: they are tried on public ones (listDrafts) and one of staff (listComments).
import assert from 'node:assert/strict';
import {createHmac, createPublicKey, createSign, randomBytes} from 'node:crypto';
import http from 'node:http';
import {after, test} from 'node:test';
import {clientOf, done, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {newKey, startProvider} from '../lib/provider.mjs';
import {until} from '../lib/server.mjs';

const key = newKey('RS256');
const provider = await startProvider([key]);
const house = await startHouse({settings: {identity_issuer: provider.issuer, identity_refresh: '1s'}});
after(async () => {
  await house.stop();
  await provider.stop();
});
const path = {org: 'isfahan'};
const drafts = (token) => clientOf(house.server.url, token).GET('/v1/orgs/{org}/drafts', {params: {path}});
const accepted = async (token) => (await drafts(token)).response.status === 200;
await until('the keys of the provider', async () => /"identity.keys"[^\n]*"count":1/.test(house.server.stderr));
const token = await provider.signIn('zahra');

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
const [header, claims] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
const now = Math.floor(Date.now() / 1000);

function signed(changes = {}, headerChanges = {}, jwk = key) {
  const text = `${encode({...header, ...headerChanges})}.${encode({...claims, ...changes})}`;
  const options = {key: jwk, format: 'jwk', ...(jwk.kty === 'EC' && {dsaEncoding: 'ieee-p1363'})};
  return `${text}.${createSign('sha256').update(text).sign(options).toString('base64url')}`;
}

test('a citizen who signed in at the provider is let in', async () => {
  done(await drafts(token));
  done(await drafts(signed()));
});

test('a citizen may do what the public may, and nothing of staff', async () => {
  refused(await clientOf(house.server.url, token).GET('/v1/orgs/{org}/comments', {params: {path}}), 403, 'forbidden');
});

const FORGED = {
  'of another issuer': () => signed({iss: 'http://127.0.0.1:1'}),
  'for somebody else': () => signed({aud: 'another'}),
  'for nobody': () => signed({aud: undefined}),
  'of nobody': () => signed({sub: undefined}),
  'with an empty subject': () => signed({sub: ''}),
  'with a subject that is too long': () => signed({sub: 'x'.repeat(256)}),
  'that has expired': () => signed({exp: now - 120}),
  'that never expires': () => signed({exp: undefined}),
  'that is not valid yet': () => signed({nbf: now + 600}),
  'from the future': () => signed({iat: now + 600}),
  'signed by another key of the same name': () => signed({}, {}, {...newKey('RS256', key.kid)}),
  'signed by a key that nobody knows': () => signed({}, {kid: 'other'}, newKey('RS256', 'other')),
  'that is not signed': () => `${encode({...header, alg: 'none'})}.${encode(claims)}.`,
  'signed with the public key as a secret': () => {
    const text = `${encode({...header, alg: 'HS256'})}.${encode(claims)}`;
    const secret = createPublicKey({key, format: 'jwk'}).export({type: 'spki', format: 'pem'});
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  },
  'with a header that must be understood': () => signed({}, {crit: ['exp'], exp: now + 60}),
  'whose claims were changed': () => [token.split('.')[0], encode({...claims, sub: 'maryam'}), token.split('.')[2]].join('.'),
  'cut short': () => token.slice(0, -8),
  'of dots': () => '..',
};
for (const [what, make] of Object.entries(FORGED))
  test(`a token ${what} is refused`, async () => refused(await drafts(make()), 401, 'unauthorized'));

test('a list of audiences may name us', async () => {
  done(await drafts(signed({aud: ['another', 'mosharekat']})));
  refused(await drafts(signed({aud: ['another']})), 401, 'unauthorized');
});

test('nothing of a token is in the log', async () => {
  for (const part of [...token.split('.'), 'zahra']) assert.ok(!house.server.stderr.includes(part), part);
});

test('an API key is still an API key', async () => {
  const {key: staff} = await house.key('moderator');
  done(await clientOf(house.server.url, staff).GET('/v1/orgs/{org}/comments', {params: {path}}));
});

// A provider that has more to tell than public keys for signatures, or that somebody has got at.
test('of a key set only public keys for signatures count', async () => {
  const [good, other, secret] = [newKey('RS256', 'good'), newKey('RS256', 'other'), randomBytes(32)];
  const open = ({kty, n, e, kid}) => ({kty, n, e, kid});
  const keys = [{kty: 'oct', k: secret.toString('base64url'), kid: 'secret', alg: 'HS256', use: 'sig'},
    {...open(other), use: 'enc'}, {kty: 'RSA', kid: 'half', n: other.n}, 'a key', null, open(good)];
  const server = http.createServer((request, response) => response.end(JSON.stringify({keys})));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const fresh = await startHouse({settings: {identity_issuer: provider.issuer,
    identity_keys: `http://127.0.0.1:${server.address().port}/keys`}});
  const statusOf = async (bearer) =>
    (await clientOf(fresh.server.url, bearer).GET('/v1/orgs/{org}/drafts', {params: {path}})).response.status;
  try {
    await until('the one key', async () => /"identity.keys"[^\n]*"count":1/.test(fresh.server.stderr));
    assert.equal(await statusOf(signed({}, {kid: 'good'}, good)), 200);
    const text = `${encode({...header, alg: 'HS256', kid: 'secret'})}.${encode(claims)}`;
    assert.equal(await statusOf(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`), 401);
    assert.equal(await statusOf(signed({}, {kid: 'other'}, other)), 401);
  } finally {
    await fresh.stop();
    server.close();
  }
});

// --- the keys change, the provider goes away: these come last ---

test('new keys of the provider count as soon as they are seen, and the old ones no more', async () => {
  const other = newKey('ES256');
  provider.use([other, newKey('RS256')]);
  const fresh = await provider.signIn('zahra');
  await until('the new keys', () => accepted(fresh));
  refused(await drafts(token), 401, 'unauthorized');
  done(await drafts(signed({}, {alg: 'ES256', kid: other.kid}, other)));
});

test('a provider that is gone takes nobody down who is signed in', async () => {
  const fresh = await provider.signIn('zahra');
  const before = provider.requests.length;
  await provider.stop();
  await until('a look that failed', () => house.server.stderr.includes('identity.not_fetched'));
  assert.ok(provider.requests.length >= before);
  done(await drafts(fresh));
});

test('keys are not fetched from an address that hides another one', async () => {
  const another = await startProvider([newKey()]);
  const {port} = new URL(another.issuer);
  const fresh = await startHouse({settings: {identity_issuer: 'https://login.example.ir',
    identity_keys: `http://127.0.0.1:1@localhost:${port}/jwks`}});
  try {
    await until('a look that failed', () => fresh.server.stderr.includes('identity.not_fetched'));
    assert.deepEqual(another.requests, []);
  } finally {
    await fresh.stop();
    await another.stop();
  }
});

test('without any key nobody can tell, and says so', async () => {
  const fresh = await startHouse({settings: {identity_issuer: 'http://127.0.0.1:1', identity_keys: 'http://127.0.0.1:1/keys'}});
  try {
    refused(await clientOf(fresh.server.url, token).GET('/v1/orgs/{org}/drafts', {params: {path}}), 503, 'unavailable');
  } finally {
    await fresh.stop();
  }
});
