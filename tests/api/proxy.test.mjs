// The server behind nginx as packaging/nginx.conf sets it up: what must pass passes, and what nginx refuses is a problem.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {freePort, ROOT, until} from '../lib/server.mjs';

const HOST = 'mosharekat.example';
const ORG = '/v1/orgs/isfahan';
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-proxy-'));
const house = await startHouse({settings: {worker: 'off', trust_proxy: 'on', rate_vote: 10}});
const port = await freePort();
let nginx;

before(async () => {
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj', `/CN=${HOST}`, '-keyout', `${folder}/key.pem`, '-out', `${folder}/fullchain.pem`], {stdio: 'ignore'});
  const packaged = fs.readFileSync(path.join(ROOT, 'packaging/nginx.conf'), 'utf8')
    .replaceAll('/etc/mosharekat/tls', folder).replaceAll('/var/log/nginx', folder)
    .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`).replace('127.0.0.1:8080', `127.0.0.1:${house.server.port}`);
  const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
  fs.writeFileSync(`${folder}/nginx.conf`, `${process.getuid() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid;
    error_log ${folder}/error.log; events {} http { ${temps.join(' ')} ${packaged} }`);
  nginx = spawn('/usr/sbin/nginx', ['-c', `${folder}/nginx.conf`], {stdio: ['ignore', 'ignore', 'pipe']});
  nginx.stderr.on('data', () => {});
  await until('nginx to answer', () => ask('GET', '/v1/orgs').then(({status}) => status === 200, () => false));
});

after(async () => {
  nginx?.kill('SIGTERM');
  await house.stop();
  fs.rmSync(folder, {recursive: true, force: true});
});

// One request to nginx: {status, headers, body}.
function ask(method, target, {headers = {}, body, host = HOST} = {}) {
  return new Promise((resolve, reject) => {
    const options = {method, port, path: target, rejectUnauthorized: false, headers: {Host: host, 'Accept-Language': 'en', ...headers}};
    const request = https.request('https://127.0.0.1', options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString()}));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const upload = (bytes) => ask('POST', `${ORG}/attachments?name=a.pdf`,
  {headers: {'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length}, body: bytes});

function refused({status, headers, body}, expected, code) {
  assert.equal(status, expected, body);
  assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
  assert.equal(JSON.parse(body).code, code);
}

test('behind nginx: files far larger than a JSON body come in, and larger ones than upload_max are refused', async () => {
  const bytes = Buffer.concat([SAMPLES['application/pdf'].bytes, Buffer.alloc(5 << 20, '%')]);
  const {status, body} = await upload(bytes);
  assert.equal(status, 201, body);
  assert.equal(JSON.parse(body).size, bytes.length);
  refused(await upload(Buffer.alloc(21 << 20)), 413, 'body_too_large');
  refused(await upload(Buffer.from('no such type')), 415, 'unsupported_media_type');
});

test('behind nginx: a JSON body of body_max comes through, a larger one is a problem', async () => {
  const post = (length) => ask('POST', `${ORG}/complaints`,
    {headers: {'Content-Type': 'application/json'}, body: JSON.stringify({subject: 'شکایت', text: 'x'.repeat(length)})});
  refused(await post(250 << 10), 422, 'validation_failed');
  refused(await post(300 << 10), 413, 'body_too_large');
});

test('behind nginx: exports, the docs and their policy arrive as the server sends them', async () => {
  const {status, headers, body} = await ask('GET', `${ORG}/export/complaints.csv`);
  assert.deepEqual([status, headers['content-type']], [200, 'text/csv; charset=utf-8']);
  assert.match(body, /received_jalali_month,withheld,unit/);
  const docs = await ask('GET', '/docs');
  assert.match(docs.headers['content-security-policy'], /default-src 'none'/);
  assert.match(docs.headers['strict-transport-security'], /max-age/);
});

test('behind nginx: many at one address come through, and the server counts answers to surveys by address', async () => {
  const all = await Promise.all(Array.from({length: 200}, () => ask('GET', ORG)));
  assert.deepEqual([...new Set(all.map(({status}) => status))], [200]);
  const vote = () => ask('POST', `${ORG}/surveys/01890a5d-ac96-774b-bcce-b302099a8057/responses`, {headers: {'Content-Type': 'application/json',
    'X-Real-IP': `10.0.0.${Math.floor(Math.random() * 200)}`}, body: '{"version":1,"answers":{}}'});
  const votes = await Promise.all(Array.from({length: 20}, vote));
  refused(votes.find(({status}) => status === 429), 429, 'too_many_requests');
  assert.ok(votes.some(({status}) => status === 404));
});

test('behind nginx: another host is told so', async () => {
  refused(await ask('GET', '/v1/orgs', {host: 'elsewhere.example'}), 421, 'bad_request');
});
