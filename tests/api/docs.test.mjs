// The contract as the server gives it out, and the page that shows it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {chromium} from 'playwright-core';
import YAML from 'yaml';
import {refused} from '../lib/client.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const contract = fs.readFileSync(path.join(ROOT, 'openapi.yaml'), 'utf8');

const get = (target, headers = {}) => fetch(house.server.url + target, {headers});
const refusedAt = async (target, ...expected) => {
  const response = await get(target);
  return refused({response, error: await response.json()}, ...expected);
};

test('getContractYaml: is the file, byte for byte', async () => {
  const response = await get('/openapi.yaml');
  assert.equal(response.headers.get('Content-Type'), 'application/yaml; charset=utf-8');
  assert.equal(await response.text(), contract);
});

test('getContractJson: says the same as the file', async () => {
  const response = await get('/openapi.json');
  assert.equal(response.headers.get('Content-Type'), 'application/json; charset=utf-8');
  assert.deepEqual(await response.json(), YAML.parse(contract));
});

test('getContractYaml, getContractJson, getDocs, getDocsAsset: take no parameters and no wrong keys', async () => {
  for (const target of ['/openapi.yaml', '/openapi.json', '/docs', '/docs/docs.css']) {
    await refusedAt(`${target}?v=1`, 422, 'validation_failed');
    const response = await get(target, {Authorization: 'Bearer wrong'});
    refused({response, error: await response.json()}, 401, 'unauthorized');
  }
});

test('getDocs: is a page under a policy that lets nothing in from elsewhere and nothing inline', async () => {
  const response = await get('/docs');
  const html = await response.text();
  assert.equal(response.headers.get('Content-Type'), 'text/html; charset=utf-8');
  const policy = Object.fromEntries(response.headers.get('Content-Security-Policy').split('; ').map((part) => {
    const [name, ...sources] = part.split(' ');
    return [name, sources.join(' ')];
  }));
  assert.deepEqual([policy['default-src'], policy['script-src'], policy['style-src'], policy['frame-ancestors']],
    ["'none'", "'self'", "'self'", "'none'"]);
  assert.doesNotMatch(html, /https?:\/\/|<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=/);
});

test('getDocsAsset: everything that the page asks for is there, with its type', async () => {
  const html = await (await get('/docs')).text();
  const assets = [...html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, target]) => target);
  assert.ok(assets.length >= 4, String(assets));
  const types = {js: /^text\/javascript/, css: /^text\/css/, png: /^image\/png/};
  for (const asset of assets) {
    const response = await get(asset);
    assert.equal(response.status, 200, asset);
    assert.match(response.headers.get('Content-Type'), types[asset.split('.').pop()], asset);
    assert.ok((await response.arrayBuffer()).byteLength > 0);
  }
});

test('getDocsAsset: gives out nothing but the assets of the page', async () => {
  for (const target of ['/docs/', '/docs/openapi.yaml', '/docs/index.html', '/docs/package.json', '/docs/.env',
    '/docs/swagger-ui.css.map', `/docs/${'a'.repeat(101)}`, '/docs/a%20b'])
    await refusedAt(target, 404, 'not_found');
});

// --- in a browser ---

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const parsed = YAML.parse(contract);
const operations = Object.entries(parsed.paths).flatMap(([target, item]) => METHODS.filter((method) => item[method])
  .map((method) => ({...item[method], method, target})));
const idsUnder = (tag) => operations.filter(({tags}) => tags.includes(tag)).map(({operationId}) => operationId).sort();
const WAIT_MS = 30_000;

// The page at `target`, in a browser that keeps what it was blamed for and where it went.
async function browse(t, target, work) {
  const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints = [];
  const asked = [];
  await page.exposeFunction('complain', (text) => complaints.push(text));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
    (event) => window.complain(`${event.violatedDirective} forbids ${event.blockedURI}`)));
  page.on('console', (message) => complaints.push(...(['error', 'warning'].includes(message.type()) ? [message.text()] : [])));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(house.server.url + target);
  await work(page);
  assert.deepEqual(complaints, []);
  assert.deepEqual(asked.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(house.server.url)), []);
}

const SCROLLS = 1000;
const inDocument = (page) => page.locator('.opblock').evaluateAll((blocks) => blocks.map(({id}) => id.split('-').pop()));

// The same, once there are as many as `count` (or the time is up: then as many as there are).
async function shown(page, count) {
  await page.waitForFunction((n) => document.querySelectorAll('.opblock').length === n, count).catch(() => {});
  return (await inDocument(page)).sort();
}

const heading = (page, tag) => page.locator(`.opblock-tag[data-tag="${tag}"] .expand-operation`);

test('getDocs: every tag opens in a browser, and shows each of its operations', async (t) => {
  await browse(t, '/docs', async (page) => {
    await page.waitForSelector('.opblock-tag');
    const tags = await page.locator('.opblock-tag').evaluateAll((headings) => headings.map(({dataset}) => dataset.tag));
    assert.deepEqual(tags, parsed.tags.map(({name}) => name));
    const seen = [];
    for (const tag of tags) {
      await heading(page, tag).click();
      const ids = await shown(page, idsUnder(tag).length);
      assert.deepEqual(ids, idsUnder(tag), tag);
      seen.push(...ids);
      await heading(page, tag).click();
      assert.deepEqual(await shown(page, 0), [], tag);
    }
    assert.deepEqual(seen.sort(), operations.map(({operationId}) => operationId).sort());
  });
});

test('getDocs: with every tag open, scrolling comes past every operation', async (t) => {
  await browse(t, '/docs', async (page) => {
    await page.waitForSelector('.opblock-tag');
    for (const {name} of [...parsed.tags].reverse()) await heading(page, name).click();
    const seen = new Set();
    const all = operations.map(({operationId}) => operationId);
    const isAtEnd = () => page.evaluate(() => window.scrollY + window.innerHeight >= document.body.scrollHeight - 1);
    for (let left = SCROLLS; seen.size < all.length && left > 0; left--) {
      for (const id of await inDocument(page)) seen.add(id);
      const toTop = await isAtEnd();
      await page.evaluate((isOver) => new Promise((done) => {
        if (isOver) window.scrollTo(0, 0); // what was drawn too late is come past again
        else window.scrollBy(0, window.innerHeight / 2);
        requestAnimationFrame(() => requestAnimationFrame(done));
      }), toTop);
    }
    assert.deepEqual(all.filter((id) => !seen.has(id)), []);
  });
});

test('getDocs: the box above the list finds operations by path, name and words, and opens them', async (t) => {
  await browse(t, '/docs', async (page) => {
    await page.waitForSelector('.opblock-tag');
    const matching = (phrase) => operations.filter(({operationId, summary, method, target, tags}) =>
      [operationId, summary, `${method} ${target}`, ...tags].some((text) => text.toLowerCase().includes(phrase)))
      .map(({operationId}) => operationId).sort();
    for (const phrase of ['createcomplaint', '/v1/track', 'tracking', 'patch /v1/orgs']) {
      const expected = matching(phrase);
      assert.ok(expected.length > 0, phrase);
      await page.fill('.operation-filter-input', phrase);
      assert.deepEqual(await shown(page, expected.length), expected, phrase);
    }
    await page.getByRole('textbox', {name: 'Find a path'}).fill('');
    assert.deepEqual(await shown(page, 0), []);
  });
});

test('getDocs: a link to an operation opens it, with its parameters and answers', async (t) => {
  await browse(t, '/docs#/tracking/rateTracked', async (page) => {
    const operation = page.locator('#operations-tracking-rateTracked.is-open');
    await operation.locator('.responses-table').waitFor();
    assert.match(await operation.innerText(), /Tracking-Code[^]*rating[^]*200/);
  });
});
