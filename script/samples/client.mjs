// What the samples need of the API and of the servers' clock.
import {execFileSync} from 'node:child_process';
import {randomUUID} from 'node:crypto';

const {BASE_URL, ADMIN_URL, DATABASE_URL, ADMIN_KEY} = process.env;
const DAY_MS = 86_400_000;
const DAY_S = DAY_MS / 1000;
const CLOCK_TRIES = 100;
const TRIES = 5;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// One request as the administrator, as somebody (`as`) or as the public, with `more` headers. Answers the body; throws what
// the problem says.
export async function call(method, path, body, {asPublic = false, as: {key} = {key: ADMIN_KEY}, more = {}} = {}) {
  const headers = {'Accept-Language': 'en', 'Idempotency-Key': randomUUID(), 'If-Match': '*', ...more};
  if (!asPublic) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  for (let tries = 1; ; tries++) {
    const response = await fetch(BASE_URL + path, {method, headers: fitting(method, headers), body: JSON.stringify(body)});
    const answer = await response.json();
    if (response.ok) return answer;
    const isEarly = answer.code === 'results_not_ready' || [429, 503].includes(response.status);
    if (!isEarly || tries === TRIES)
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}\n${JSON.stringify(body)}`);
    await pause(1000 * Number(response.headers.get('Retry-After') ?? 1));
  }
}

function fitting(method, headers) {
  if (method !== 'GET') return headers;
  const {'Idempotency-Key': _key, 'If-Match': _tag, ...rest} = headers;
  return rest;
}

// Sets the servers' clock to so many days ago (0: the real time).
export function setClock(daysAgo) {
  const sql = `UPDATE clock SET shift = interval '${-Number(daysAgo)} days'; NOTIFY mosharekat_clock`;
  execFileSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE_URL, '-c', sql]);
}

// The same, and waits until the server follows.
export async function travel(daysAgo) {
  setClock(daysAgo);
  for (let tries = 0; tries < CLOCK_TRIES; tries++) {
    const metrics = await (await fetch(`${ADMIN_URL}/metrics`)).text();
    const offset = Number(/^mosharekat_clock_offset_seconds (\S+)/m.exec(metrics)?.[1]);
    if (Math.abs(offset + daysAgo * DAY_S) < 1) return;
    await pause(100);
  }
  throw new Error(`the server's clock does not follow to ${daysAgo} days ago`);
}

// The instant `days` from the servers' clock, when that stands at `daysAgo`.
export function instant(daysAgo, days) {
  return new Date(Date.now() + (days - daysAgo) * DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
}

// Runs `work` on every item, a few at a time.
export async function each(items, work, width = 8) {
  const queue = [...items];
  const hand = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({length: width}, hand));
}
