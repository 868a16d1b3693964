// Organisations and the strategies that they published: what is served is what the files of strategies/ say.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import YAML from 'yaml';
import {allPages, done, faulty, refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const KINDS = ['by_law', 'directive', 'criteria', 'circular', 'bill', 'tariff'];
const SLUGS = ['isfahan', 'semnan', 'sistan-baluchestan'];
const files = SLUGS.map((slug) => YAML.parse(fs.readFileSync(path.join(ROOT, `strategies/${slug}.yaml`), 'utf8')));

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const {anyone} = house;

const bySlug = (a, b) => files.findIndex((f) => f.slug === a.slug) - files.findIndex((f) => f.slug === b.slug);
const getOrg = (org, client = anyone) => client.GET('/v1/orgs/{org}', {params: {path: {org}}});
const getStrategy = (org, client = anyone) => client.GET('/v1/orgs/{org}/strategy', {params: {path: {org}}});
const listOrgs = (query = {}, headers) => anyone.GET('/v1/orgs', {params: {query}, headers});

test('listOrgs: names the three governorates in the order of their files', async () => {
  const {items, next, ...rest} = done(await listOrgs());
  const wanted = [...files].sort((a, b) => a.position - b.position).map((file) => file.slug);
  assert.deepEqual(items.map((item) => item.slug), wanted);
  assert.equal(next, null);
  assert.deepEqual(rest, {});
  for (const [i, item] of items.sort(bySlug).entries()) {
    const {slug, kind, name_fa, name_en, parent} = files[i];
    assert.deepEqual({...item, id: null}, {id: null, slug, kind, name_fa, name_en, parent});
  }
});

test('listOrgs: pages by cursor, with a link to the next page', async () => {
  const pages = await allPages((query) => listOrgs(query), 1);
  assert.deepEqual(pages.map((page) => page.length), [1, 1, 1]);
  assert.equal(new Set(pages.flat().map((org) => org.slug)).size, 3);

  const {data, response} = await listOrgs({limit: 2});
  const [, link] = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('Link'));
  assert.equal(link, `/v1/orgs?limit=2&cursor=${data.next}`);
  const second = await (await fetch(house.server.url + link)).json();
  assert.deepEqual([second.items.length, second.next], [1, null]);
});

test('listOrgs: counts them all when asked to', async () => {
  assert.equal(done(await listOrgs({limit: 1}, {Prefer: 'count=exact'})).total, 3);
  assert.equal(done(await listOrgs({limit: 1})).total, undefined);
});

test('listOrgs: names every faulty parameter', async () => {
  faulty(await listOrgs({limit: 0}), 'query /limit too_small');
  faulty(await listOrgs({limit: 101}), 'query /limit too_large');
  faulty(await listOrgs({limit: 'many', page: 2}), 'query /limit wrong_type', 'query /page unknown_parameter');
  refused(await listOrgs({cursor: 'abc'}), 400, 'invalid_cursor');
});

test('listOrgs: a key is not needed, but a wrong one is refused', async () => {
  const wrong = await anyone.GET('/v1/orgs', {headers: {Authorization: 'Bearer nobody'}});
  refused(wrong, 401, 'unauthorized');
  assert.equal(wrong.response.headers.get('WWW-Authenticate'), 'Bearer');
  done(await (await house.client('client')).GET('/v1/orgs'));
});

for (const [i, slug] of SLUGS.entries()) {
  const file = files[i];

  test(`getOrg: ${slug} with its units and channels, as published`, async () => {
    const org = done(await getOrg(slug));
    assert.deepEqual(org.units.map((unit) => [unit.code, unit.name_fa, unit.parent]),
      file.units.map((unit) => [unit.code, unit.name_fa, unit.parent_code]));
    assert.deepEqual(org.channels, file.channels.map(({code, kind, title_fa, as_published, address, note}) =>
      ({code, kind, title_fa, as_published, address, note})));
  });

  test(`getStrategy: ${slug} with its statement word for word, its promises and legal bases`, async () => {
    const strategy = done(await getStrategy(slug));
    assert.equal(strategy.org, slug);
    assert.equal(strategy.title, file.statement_title);
    assert.equal(strategy.statement, file.statement.join('\n\n'));
    assert.deepEqual(strategy.promises, file.promises.map((promise) => ({
      code: promise.code, sentence: promise.sentence, gloss: promise.gloss, kind: promise.kind,
      measure: promise.measure ?? null, not_measurable: promise.not_measurable ?? null,
    })));
    assert.deepEqual(strategy.legal_bases.map(({code, as_published}) => [code, as_published]),
      file.legal_bases.map(({code, as_published}) => [code, as_published]));
    assert.deepEqual(strategy.escalation.map(({level, offset_days, role}) => [level, offset_days, role]),
      file.escalation.map(({offset_days, role}, n) => [n + 1, offset_days, role]));
    assert.deepEqual(strategy.working_week.map((week) => week.working_days), file.working_week.map((week) => week.days));
  });

  test(`getStrategy: ${slug} tells for each kind of draft which window is promised, or that none is`, async () => {
    const {windows} = done(await getStrategy(slug));
    assert.deepEqual(windows.map((window) => window.kind), KINDS);
    for (const {kind, promised, unit, length, promise, text_en: text} of windows) {
      const wanted = file.windows[kind];
      assert.deepEqual({promised, unit, length, promise}, {promised: wanted !== null, unit: wanted?.unit ?? null,
        length: wanted?.length ?? null, promise: wanted?.promise ?? null}, kind);
      assert.match(text, wanted ? new RegExp(`^${wanted.length} `) : /^no promise$/);
    }
  });
}

test('getOrg and getStrategy: an organisation that there is not, or a name that cannot be one, is not found', async () => {
  for (const org of ['tehran', 'Isfahan', 'isfahan-', 'اصفهان', 'x'.repeat(65)]) {
    refused(await getOrg(org), 404, 'not_found');
    refused(await getStrategy(org), 404, 'not_found');
  }
});

test('getOrg and getStrategy: any valid key may read them', async () => {
  const other = await house.client('head', 'semnan');
  assert.deepEqual(done(await getOrg('isfahan', other)), done(await getOrg('isfahan')));
  done(await getStrategy('isfahan', other));
  done(await getOrg('semnan', other));
  done(await getStrategy('isfahan', await house.client('head', 'all')));
});
