// What the worker does with a great many open cases: a server with its worker, or two, and nothing else. The rate is that of all batches but
// the last, from the first one's beginning to the last one's, as their events tell; so the server's start is not in it.
import fs from 'node:fs';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {cpuSeconds, median} from './measure.mjs';
import {ROOT, startServer} from './peers.mjs';
import {statement} from './statements.mjs';

const IDLE_PASSES = 20;
const AS_THE_WORKER = 'SET jit = off; SET max_parallel_workers_per_gather = 0; SET random_page_cost = 1.1;';

export async function measureWorker(postgres, folder, {count, due}) {
  console.log(`\n### escalate, ${count} open cases, ${due} due\n`);
  const seed = fs.readFileSync(path.join(ROOT, 'tests/bench/cases.sql'), 'utf8');
  postgres.psql(seed.replaceAll('COUNT', count).replaceAll('DUE', due));
  console.log('| | rows | seconds | rows/s | CPU-µs a row, PostgreSQL |');
  console.log('|---|---|---|---|---|');
  const report = async (name, kind, rows, isDone) => {
    const since = postgres.psql('SELECT coalesce(max(at), now()) FROM event');
    const cpu = cpuSeconds([postgres.pid]);
    while (postgres.psql(`SELECT ${isDone}`) !== 't') await sleep(200);
    const spent = cpuSeconds([postgres.pid]) - cpu;
    const rate = rateOf(postgres, kind, since);
    console.log(`| ${name} | ${rows} | ${(rows / rate).toFixed(2)} | ${Math.round(rate)} | ${((spent * 1e6) / rows).toFixed(0)} |`);
  };
  const noneDue = 'NOT EXISTS (SELECT FROM case_clock WHERE next_step_at <= clock_timestamp())';
  const whileServed = async (servers, measure) => {
    const starting = Promise.all(Array.from({length: servers}, (_, n) => startServer(postgres, folder, 18090 + 2 * n, {})));
    try {
      await measure(starting);
    } finally {
      for (const server of await starting) await server.stop();
    }
  };

  await whileServed(1, async (starting) => {
    await report('escalate', 'case.escalated', due, noneDue);
    await starting;
    console.log(`| a pass with nothing due | 0 | ${idlePass(postgres).toFixed(5)} | | |`);
    postgres.psql(`INSERT INTO calendar_day (org_id, date, kind, title)
      SELECT id, current_date + 1, 'closure', 'آلودگی هوا' FROM organisation WHERE slug = 'semnan'`);
    await report('recompute', 'case.deadline_moved', count / 10, `NOT EXISTS (SELECT FROM calendar_digests() d
      LEFT JOIN calendar_seen s USING (org_id) WHERE s.digest IS DISTINCT FROM d.digest)`);
  });
  // The same steps once more, of the next version of the deadline.
  postgres.psql('UPDATE case_clock SET steps_done = 0, deadline_version = deadline_version + 1 WHERE steps_done > 0');
  postgres.psql('VACUUM ANALYZE case_clock');
  postgres.psql('CHECKPOINT');
  await whileServed(2, () => report('escalate, two servers', 'case.escalated', due, noneDue));
}

const rateOf = (postgres, kind, since) => Number(postgres.psql(`
  WITH e AS MATERIALIZED (SELECT at FROM event WHERE kind = '${kind}' AND at > '${since}'),
  span AS MATERIALIZED (SELECT min(at) AS first, max(at) AS last FROM e)
  SELECT (SELECT count(*) FROM e WHERE at < (SELECT last - interval '1 ms' FROM span)) / extract(epoch FROM last - first)
  FROM span`));

// Seconds, by psql's own clock.
function idlePass(postgres) {
  const text = postgres.psql(`${AS_THE_WORKER}\nPREPARE pass AS ${statement('escalate_pass', 'src/worker')};
\\timing on\n${'EXECUTE pass;\n'.repeat(IDLE_PASSES)}`);
  return median([...text.matchAll(/Time: ([\d.]+) ms/g)].map(([, ms]) => Number(ms))) / 1000;
}
