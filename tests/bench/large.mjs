// What one reader waits for where there is very much of something: results of a survey, search, an export. One server without
// its cache, one connection, nothing else.
import fs from 'node:fs';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {cpuSeconds, rssMiB, wrk} from './measure.mjs';
import {ROOT, startServer} from './peers.mjs';

const ORG = '/v1/orgs/isfahan';
const SURVEY = '53e61336-bb49-ec97-8968-786b07dea50b'; // md5('results')

const QUESTIONS = {
  'in every document': 'مشارکت',
  'in every document, of a kind that has few': 'مشارکت&kind=draft',
  'two that are common': 'مشارکت استانداری',
  'the beginning of very many': 'می',
  'in a tenth, in two parts': 'پیش نویس آیین نامه',
  'common ones that are nowhere together': 'سامد زاهدان کرونا سمنان اصفهان پیامک',
  'ten common ones': 'استانداری شهروندان نظرات پیشنهادات انتقادات مشارکت خدمات طریق اداری تصمیمات',
  'one, sixty times': 'آب '.repeat(60).trim(),
  'a common one and one that is nowhere': 'مشارکت قسطنطنیه',
  'nowhere': 'قسطنطنیه',
};

// name -> what is seeded, how much of it, and what is measured then
export const LARGE = {
  G4: {seed: 'responses.sql', counts: {full: 1000000, quick: 100000}, what: 'responses',
    measure: async (context) => {
      await fold(context);
      await reads(context, {plain: `/surveys/${SURVEY}/results`, 'broken down by a question': `/surveys/${SURVEY}/results?by=age`});
    }},
  G5: {seed: 'documents.sql', counts: {full: 100000, quick: 20000}, what: 'documents', settings: {MOSHAREKAT_WORKER: 'off'},
    measure: (context) => reads(context, Object.fromEntries(Object.entries(QUESTIONS)
      .map(([name, q]) => [name, `/search?q=${encodeURI(q)}`])))},
  export: {seed: 'comments.sql', counts: {full: 1000000, quick: 100000}, what: 'more comments',
    settings: {MOSHAREKAT_WORKER: 'off'},
    measure: async (context) => {
      console.log('| | rows | seconds | rows/s | CPU-µs a row, server | CPU-µs a row, PostgreSQL | RSS before, most, after |');
      console.log('|---|---|---|---|---|---|---|');
      for (const form of ['csv', 'ndjson']) await download(context, form);
    }},
};

export async function measureLarge(name, postgres, folder, {isQuick, seconds}) {
  const {seed, counts, what, settings, measure} = LARGE[name];
  const count = counts[isQuick ? 'quick' : 'full'];
  console.log(`\n### ${name}, ${count} ${what}\n`);
  postgres.psql(fs.readFileSync(path.join(ROOT, 'tests/bench', seed), 'utf8').replace(/\bCOUNT\b/g, count));
  const server = await startServer(postgres, folder, 18092, {MOSHAREKAT_CACHE_MAX: '0', ...settings});
  try {
    await measure({server, postgres, count, seconds});
  } finally {
    await server.stop();
  }
}

// The worker counts what came.
async function fold({postgres, count}) {
  const isLeft = `SELECT EXISTS (SELECT FROM survey_response WHERE survey_id = '${SURVEY}' AND NOT tallied)
    OR NOT EXISTS (SELECT FROM survey_result_page WHERE survey_id = '${SURVEY}')`;
  const [cpu, begun] = [cpuSeconds([postgres.pid]), Date.now()];
  while (postgres.psql(isLeft) === 't') await sleep(100);
  const [spent, taken] = [cpuSeconds([postgres.pid]) - cpu, (Date.now() - begun) / 1000];
  console.log(`counted by the worker: ${Math.round(count / taken)} a second, ${((spent * 1e6) / count).toFixed(1)} CPU-µs each\n`);
}

async function reads({server, postgres, seconds}, paths) {
  console.log('| | p50 ms | p99 ms | CPU-ms server | CPU-ms PostgreSQL | errors |');
  console.log('|---|---|---|---|---|---|');
  for (const [name, address] of Object.entries(paths)) {
    const run = await wrk({url: server.url + ORG + address, connections: 1, seconds, serverPids: [server.pid],
      databasePids: [postgres.pid]});
    console.log(`| ${name} | ${run.p50.toFixed(1)} | ${run.p99.toFixed(1)} | ${(run.serverCpu / 1000).toFixed(2)} `
      + `| ${(run.databaseCpu / 1000).toFixed(2)} | ${run.errors} |`);
  }
}

async function download({server, postgres}, form) {
  const used = () => [cpuSeconds([server.pid]), cpuSeconds([postgres.pid])];
  const [before, cpu, begun] = [rssMiB(server.pid), used(), Date.now()];
  const answer = await fetch(`${server.url}${ORG}/export/comments.${form}`);
  let rows = form === 'csv' ? -1 : 0, most = 0; // a line of names
  for await (const chunk of answer.body) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows++;
    most = Math.max(most, rssMiB(server.pid));
  }
  const taken = (Date.now() - begun) / 1000;
  const [ours, theirs] = used().map((seconds, i) => (((seconds - cpu[i]) * 1e6) / rows).toFixed(1));
  console.log(`| ${form} | ${rows} | ${taken.toFixed(1)} | ${Math.round(rows / taken)} | ${ours} | ${theirs} `
    + `| ${[before, most, rssMiB(server.pid)].map((mib) => mib.toFixed(1)).join(', ')} MiB |`);
}
