// The bench: every case is measured for all its peers in turn, forwards and then backwards (A B B A), several rounds
// in one run; medians and ratios are printed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {startPostgres} from '../lib/postgres.mjs';
import {LARGE, measureLarge} from './large.mjs';
import {median, otherLoad, pgbench, rssMiB, wrk} from './measure.mjs';
import {ROOT, prepareDatabase, startFastify, startNginx, startServer} from './peers.mjs';
import {statement, withValues} from './statements.mjs';
import {measureWorker} from './worker.mjs';

const {values: options} = parseArgs({options: {quick: {type: 'boolean'}, only: {type: 'string'}}});
const ROUNDS = options.quick ? 1 : 5;
const SECONDS = options.quick ? 1 : 2;
const CONNECTIONS = options.quick ? [64] : [16, 64, 256];
const PGBENCH_CLIENTS = [8, 16, 32, 64];
const chosen = options.only?.split(',');
const OPEN_CASES = options.quick ? {count: 100000, due: 10000} : {count: 1000000, due: 100000};
const ALONE = [...Object.keys(LARGE), 'escalate']; // measured without the peers
const HOT = '/v1/orgs/isfahan/drafts/';

async function main() {
  const load = await otherLoad();
  if (load > 0.15) console.log(`warning: other work keeps ${load.toFixed(2)} cores busy; the figures are noisy`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-bench-'));
  const postgres = await startPostgres({settings: {shared_buffers: '512MB', max_wal_size: '4GB', max_connections: 200}});
  const running = [];
  try {
    prepareDatabase(postgres, folder);
    if (!chosen || chosen.some((name) => !ALONE.includes(name)))
      await measureAll(await startPeers(postgres, folder, running), postgres, folder);
    for (const peer of running.splice(0).reverse()) await peer.stop();
    for (const name of ALONE.filter((alone) => !chosen || chosen.includes(alone))) {
      if (name === 'escalate') await measureWorker(postgres, folder, OPEN_CASES);
      else await measureLarge(name, postgres, folder, {isQuick: options.quick, seconds: SECONDS});
    }
  } finally {
    for (const peer of running.reverse()) await peer.stop();
    await postgres.stop();
    fs.rmSync(folder, {recursive: true, force: true});
  }
}

async function startPeers(postgres, folder, running) {
  const keep = async (peer) => (running.push(await peer), running.at(-1));
  const org = postgres.psql("SELECT id FROM organisation WHERE slug = 'isfahan'");
  const draft = HOT + postgres.psql("SELECT md5('draft1')::uuid");
  const cached = await keep(startServer(postgres, folder, 18080, {}));
  const uncached = await keep(startServer(postgres, folder, 18082, {MOSHAREKAT_CACHE_MAX: '0'}));
  const bytes = async (suffix) => Buffer.from(await (await fetch(uncached.url + draft + suffix)).arrayBuffer());
  const nginx = await keep(startNginx(folder, 18084, {g1: await bytes(''), g2: await bytes('/comments?limit=20')}));
  const fastify = await keep(startFastify(postgres, folder, 18086, org, draft));
  for (const peer of [uncached, fastify]) peer.codes = await fileCases(peer.url, path.join(folder, `codes-${peer.pid}`));
  postgres.psql('ANALYZE'); // a plan made while there were no cases would read all of them until autovacuum comes by
  const survey = `/v1/orgs/isfahan/surveys/${postgres.psql("SELECT md5('survey')::uuid")}/responses`;
  return {cached, uncached, nginx, fastify, org, draft, survey};
}

// Some complaints to follow: a file with their codes.
async function fileCases(url, file) {
  const complaint = {subject: 'تأخیر در صدور پروانه', text: 'سه ماه است که پروندهٔ من بی‌پاسخ مانده است.'};
  const codes = [];
  for (let n = 0; n < 200; n++) {
    const answer = await fetch(`${url}/v1/orgs/isfahan/complaints`,
      {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(complaint)});
    codes.push((await answer.json()).tracking_code);
  }
  fs.writeFileSync(file, codes.join('\n'));
  return file;
}

// case -> peers: name -> what to run. A peer of a case is a function of the number of connections.
function cases(peers, postgres, folder) {
  const {cached, uncached, nginx, fastify, draft} = peers;
  const get = (peer, url) => (connections) => wrk({url: peer.url + url, connections, seconds: SECONDS,
    serverPids: [peer.pid], databasePids: [postgres.pid]});
  const script = (peer, file, env = {}) => (connections) => wrk({url: peer.url, connections, seconds: SECONDS,
    script: path.join(ROOT, 'tests/bench', file), env: {BENCH_PATH: draft, ...env},
    serverPids: [peer.pid], databasePids: [postgres.pid]});
  const comment = (peer, env) => script(peer, 'comment.lua', env);
  const mix = (peer) => comment(peer, {BENCH_MIX: '1'});
  const vote = (peer) => (connections) => wrk({url: peer.url, connections, seconds: SECONDS,
    script: path.join(ROOT, 'tests/bench/vote.lua'), env: {BENCH_PATH: peers.survey},
    serverPids: [peer.pid], databasePids: [postgres.pid]});
  const sql = (name) => (connections, clients) => pgbench({conninfo: postgres.conninfo, file: path.join(folder, name),
    clients, seconds: SECONDS, databasePids: [postgres.pid]});
  return {
    G1: {cached: get(cached, draft), uncached: get(uncached, draft), nginx: get(nginx, '/g1'),
      fastify: get(fastify, draft), pgbench: sql('g1.sql')},
    G2: {cached: get(cached, `${draft}/comments?limit=20`), uncached: get(uncached, `${draft}/comments?limit=20`),
      nginx: get(nginx, '/g2'), fastify: get(fastify, `${draft}/comments?limit=20`), pgbench: sql('g2.sql')},
    G3: {server: script(uncached, 'track.lua', {BENCH_CODES: uncached.codes}),
      fastify: script(fastify, 'track.lua', {BENCH_CODES: fastify.codes})},
    P1: {server: comment(uncached), fastify: comment(fastify), pgbench: sql('p1.sql')},
    P2: {server: script(uncached, 'complaint.lua'), fastify: script(fastify, 'complaint.lua')},
    P3: {server: vote(uncached), fastify: vote(fastify)},
    M: {cached: mix(cached), uncached: mix(uncached), fastify: mix(fastify)},
  };
}

function writePgbenchScripts({org, draft}, folder) {
  const draftId = draft.slice(HOT.length);
  const text = JSON.stringify({text: 'این ماده باید روشن‌تر نوشته شود تا شهروندان بدانند چه باید بکنند.', position: 'for',
    audience: 'citizen'});
  const uuid = "('00000000-0000-8000-8000-' || lpad(:r::text, 12, '0'))::uuid";
  const files = {
    'g1.sql': withValues(statement('draft_get_public'), [`'${org}'::uuid`, `'${draftId}'::uuid`, 'now()']),
    'g2.sql': withValues(statement('comment_list'), [`'${org}'::uuid`, `'${draftId}'::uuid`, 'NULL::text', 'NULL::text',
      'NULL::timestamptz', 'NULL::uuid', '21', 'false']),
    'p1.sql': '\\set r random(1, 999999999999)\n' + withValues(statement('comment_create'), [uuid, `'${org}'::uuid`,
      `'${draftId}'::uuid`, `'${text}'::jsonb`, 'now()', 'NULL::uuid', "sha256('x')",
      "decode(lpad(:r::text, 32, '0'), 'hex')", `md5('c')::uuid`, '1405', 'false']),
  };
  for (const [name, sql] of Object.entries(files))
    fs.writeFileSync(path.join(folder, name), `${sql};\n`);
}

async function measureAll(peers, postgres, folder) {
  writePgbenchScripts(peers, folder);
  for (const [name, contenders] of Object.entries(cases(peers, postgres, folder))) {
    if (chosen && !chosen.includes(name)) continue;
    const clients = contenders.pgbench ? await bestClients(contenders.pgbench) : 0;
    for (const connections of CONNECTIONS) await measureCase(name, contenders, connections, clients);
  }
  if (!chosen) await measureMemory(peers);
}

async function bestClients(run) {
  const rates = [];
  for (const clients of PGBENCH_CLIENTS) rates.push((await run(0, clients)).rate);
  return PGBENCH_CLIENTS[rates.indexOf(Math.max(...rates))];
}

async function measureCase(name, contenders, connections, clients) {
  const names = Object.keys(contenders);
  const runs = Object.fromEntries(names.map((n) => [n, []]));
  for (let round = 0; round < ROUNDS; round++)
    for (const n of round % 2 ? [...names].reverse() : names) runs[n].push(await contenders[n](connections, clients));

  for (const n of names)
    if (runs[n].some(({errors, rate}) => errors > (rate * SECONDS) / 100)) throw new Error(`${name}: ${n} answers errors`);
  console.log(`\n### ${name}, ${connections} connections${clients ? ` (pgbench: best of its client counts, ${clients})` : ''}\n`);
  console.log('| | req/s | p50 ms | p99 ms | CPU-µs server | CPU-µs PostgreSQL | errors |');
  console.log('|---|---|---|---|---|---|---|');
  const rates = {};
  for (const n of names) {
    const of = (key) => median(runs[n].map((run) => run[key]));
    rates[n] = of('rate');
    console.log(`| ${n} | ${Math.round(rates[n])} | ${of('p50').toFixed(2)} | ${of('p99').toFixed(2)} `
      + `| ${of('serverCpu').toFixed(1)} | ${of('databaseCpu').toFixed(1)} | ${of('errors')} |`);
  }
  const own = names.filter((n) => ['cached', 'uncached', 'server'].includes(n));
  const others = names.filter((n) => !own.includes(n));
  console.log(`\nratios: ${own.flatMap((a) => others.map((b) => `${a} / ${b} ${(rates[a] / rates[b]).toFixed(2)}`)).join(', ')}`);
}

async function measureMemory({cached, uncached, draft}) {
  console.log('\n### Memory of the server\n');
  for (const [name, peer] of Object.entries({cached, uncached})) {
    const running = wrk({url: peer.url + draft, connections: 1000, seconds: SECONDS, serverPids: [], databasePids: []});
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 700));
    console.log(`${name}: ${rssMiB(peer.pid).toFixed(1)} MiB with 1000 connections`);
    await running;
  }
}

await main();
