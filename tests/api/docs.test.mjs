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

test('getDocs: shows every operation in a browser, without a word of complaint from it', async () => {
  const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
  try {
    const page = await browser.newPage();
    const complaints = [];
    const asked = [];
    page.on('console', (message) => complaints.push(...(message.type() === 'error' ? [message.text()] : [])));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${house.server.url}/docs`);
    await page.waitForSelector('.opblock');
    const shown = await page.locator('.opblock').count();
    assert.equal(shown, [...contract.matchAll(/^ +operationId:/gm)].length);
    assert.deepEqual(complaints, []);
    assert.deepEqual(asked.filter((target) => !/^(data|blob):/.test(target) && !target.startsWith(house.server.url)), []);
  } finally {
    await browser.close();
  }
});
