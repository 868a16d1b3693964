// Who is measured: the server twice (with and without its cache), nginx, fastify + pg; each on a port of its own.
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

export const ROOT = path.resolve(path.dirname(new URL(import.meta.url).pathname), '../..');
const BIN = path.join(ROOT, 'build/release/mosharekat');

async function untilAnswers(url, child) {
  let last;
  for (let tries = 0; tries < 200; tries++) {
    if (child && child.exitCode !== null) throw new Error(`ended before it answered: ${url}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return answer;
    last = answer ? `${answer.status} ${await answer.text()}` : "refused";
    await sleep(50);
  }
  child?.kill('SIGTERM');
  throw new Error(`no good answer: ${url}: ${last}`);
}

function start(command, args, env, log) {
  const out = fs.openSync(log, 'a');
  const child = spawn(command, args, {env: {PATH: process.env.PATH, HOME: process.env.HOME, ...env}, stdio: ['ignore', out, out]});
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return {child, pid: child.pid, stop: async () => (child.kill('SIGTERM'), ended)};
}

// Limits are set so high that they never bite, but every request passes the gate, the log and the metrics.
const serverEnv = (postgres, folder, port, settings) => ({
  MOSHAREKAT_DATABASE_URL: postgres.conninfo,
  MOSHAREKAT_SECRET_FILE: path.join(folder, 'secret'),
  MOSHAREKAT_LISTEN: `127.0.0.1:${port}`,
  MOSHAREKAT_ADMIN_LISTEN: `127.0.0.1:${port + 1}`,
  MOSHAREKAT_RATE_READ: '100000000',
  MOSHAREKAT_RATE_SUBMIT: '100000000',
  MOSHAREKAT_RATE_VOTE: '100000000',
  MOSHAREKAT_RATE_TRACK: '100000000',
  MOSHAREKAT_RATE_TRACK_ALL: '100000000',
  ...settings,
});

export function prepareDatabase(postgres, folder) {
  fs.writeFileSync(path.join(folder, 'secret'), '0123456789abcdef'.repeat(4), {mode: 0o600});
  const env = {...process.env, MOSHAREKAT_DATABASE_URL: postgres.conninfo,
    MOSHAREKAT_SECRET_FILE: path.join(folder, 'secret')};
  const cli = (...args) => execFileSync(BIN, args, {env, stdio: ['ignore', 'ignore', 'inherit']});
  cli('migrate');
  for (const name of ['isfahan', 'semnan', 'sistan-baluchestan']) cli('apply', path.join(ROOT, `strategies/${name}.yaml`));
  postgres.psql(fs.readFileSync(path.join(ROOT, 'tests/bench/seed.sql'), 'utf8'));
}

export async function startServer(postgres, folder, port, settings) {
  const log = path.join(folder, `server-${port}.log`);
  const server = start(BIN, ['serve'], serverEnv(postgres, folder, port, settings), log);
  await untilAnswers(`http://127.0.0.1:${port + 1}/readyz`, server.child)
    .catch((error) => { throw new Error(`${error.message}\n${fs.readFileSync(log, 'utf8').slice(-2000)}`); });
  return {...server, url: `http://127.0.0.1:${port}`};
}

// nginx with the bytes of the server's own answers as static files, set up as Debian ships it: it logs every request, as
// the server does.
export async function startNginx(folder, port, files) {
  const html = path.join(folder, 'static');
  fs.mkdirSync(html, {recursive: true});
  for (const [name, bytes] of Object.entries(files)) fs.writeFileSync(path.join(html, name), bytes);
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `
    worker_processes auto; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
    events { worker_connections 2048; }
    http {
      access_log ${folder}/access.log; sendfile on; tcp_nopush on; keepalive_requests 100000000;
      client_body_temp_path ${folder}/n1; proxy_temp_path ${folder}/n2; fastcgi_temp_path ${folder}/n3;
      uwsgi_temp_path ${folder}/n4; scgi_temp_path ${folder}/n5;
      default_type application/json;
      server { listen 127.0.0.1:${port}; root ${html}; }
    }`);
  if (process.getuid() === 0) { // its workers are somebody else; the secret stays the server's alone
    execFileSync('chmod', ['a+x', folder]);
    execFileSync('chmod', ['-R', 'a+rX', html]);
  }
  const nginx = start('nginx', ['-c', path.join(folder, 'nginx.conf')], {}, path.join(folder, 'nginx.out'));
  await untilAnswers(`http://127.0.0.1:${port}/${Object.keys(files)[0]}`, nginx.child);
  return {...nginx, url: `http://127.0.0.1:${port}`};
}

export async function startFastify(postgres, folder, port, org, draft) {
  const fastify = start('node', [path.join(ROOT, 'tests/bench/fastify-peer.mjs')], {
    NODE_ENV: 'production', PEER_PORT: port, PEER_ORG: org, PEER_SECRET: 'secret',
    PEER_SOCKET: postgres.folder,
  }, path.join(folder, 'fastify.log'));
  await untilAnswers(`http://127.0.0.1:${port}${draft}`, fastify.child);
  return {...fastify, url: `http://127.0.0.1:${port}`};
}
