// A private PostgreSQL for tests: a cluster of its own in a temporary folder, reached by a unix socket alone, gone
// afterwards. PostgreSQL refuses root, so under root it runs as the user postgres.
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

const BIN = process.env.POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin';
const READY_TRIES = 300;
const IS_ROOT = process.getuid() === 0;
const AS_POSTGRES = IS_ROOT ? ['--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

// [program, arguments] of a PostgreSQL program, run by somebody whom PostgreSQL accepts.
const as = (program, args, flags = []) => ['setpriv', [...flags, ...AS_POSTGRES, path.join(BIN, program), ...args]];

const run = (program, args, options = {}) =>
  execFileSync(...as(program, args), {encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], cwd: '/', ...options});

// {conninfo, conninfoOf(database), env, createDatabase(name, template), psql(sql, database), stop(), pid, folder}: the
// database `mosharekat` is there and empty. `settings` are further lines of postgresql.conf as an object. The
// durable settings are left on: the server refuses a database without them.
export async function startPostgres({settings = {}} = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-pg-'));
  if (IS_ROOT) execFileSync('chown', ['postgres:', folder]);
  fs.chmodSync(folder, 0o755);
  const data = path.join(folder, 'data');
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  fs.appendFileSync(path.join(data, 'postgresql.conf'), configuration(folder, settings));

  const log = fs.openSync(path.join(folder, 'log'), 'a');
  // No orphan if the tests are killed: the kernel then ends the server.
  const server = spawn(...as('postgres', ['-D', data], ['--pdeathsig', 'QUIT']),
    {stdio: ['ignore', log, log], cwd: '/'});
  const ended = new Promise((resolve) => server.on('exit', resolve));
  const killer = () => server.kill('SIGQUIT');
  process.on('exit', killer);

  const cluster = {folder, pid: server.pid, ended, ...clientOf(folder)};
  cluster.stop = async () => {
    server.kill('SIGINT');
    await Promise.race([ended, sleep(10000, undefined, {ref: false}).then(killer)]);
    await ended;
    process.off('exit', killer);
    fs.rmSync(folder, {recursive: true, force: true});
  };
  await untilReady(cluster, server);
  cluster.createDatabase('mosharekat');
  return cluster;
}

function configuration(folder, settings) {
  const all = {listen_addresses: "''", unix_socket_directories: `'${folder}'`, unix_socket_permissions: '0777',
    shared_buffers: '64MB', max_connections: 60, fsync: 'on', log_min_messages: 'warning',
    log_error_verbosity: 'terse', ...settings};
  return Object.entries(all).map(([name, value]) => `${name} = ${value}\n`).join('');
}

// Everything a client needs; the socket's folder is the address.
function clientOf(folder) {
  const conninfo = (database = 'mosharekat') => `host=${folder} user=postgres dbname=${database}`;
  const psql = (sql, database = 'mosharekat') =>
    execFileSync(path.join(BIN, 'psql'), ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', conninfo(database)],
      {encoding: 'utf8', input: sql, stdio: ['pipe', 'pipe', 'pipe']}).trim();
  return {
    conninfo: conninfo(),
    conninfoOf: conninfo,
    env: {PGHOST: folder, PGUSER: 'postgres', PGDATABASE: 'mosharekat'},
    psql,
    // A copy of `template`, which nobody may be connected to; without one an empty database.
    createDatabase(name, template = 'template0') {
      psql(`CREATE DATABASE "${name}" TEMPLATE "${template}" ENCODING 'UTF8' LOCALE 'C.UTF-8'`, 'postgres');
      return conninfo(name);
    },
  };
}

async function untilReady(cluster, server) {
  for (let tries = 0; tries < READY_TRIES && server.exitCode === null; tries++) {
    try {
      cluster.psql('SELECT 1', 'postgres');
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`PostgreSQL did not start:\n${fs.readFileSync(path.join(cluster.folder, 'log'), 'utf8')}`);
}
