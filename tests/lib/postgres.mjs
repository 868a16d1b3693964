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
// For tests of faults: crash() ends it as a power cut would, start() brings it back; freeze() and thaw() stop all its
// processes and let them go on.
export async function startPostgres({settings = {}} = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-pg-'));
  if (IS_ROOT) execFileSync('chown', ['postgres:', folder]);
  fs.chmodSync(folder, 0o755);
  const data = path.join(folder, 'data');
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
  fs.appendFileSync(path.join(data, 'postgresql.conf'), configuration(folder, settings));

  const cluster = new Cluster(folder, data);
  await cluster.start();
  cluster.createDatabase('mosharekat');
  return cluster;
}

class Cluster {
  #data;
  #server;
  #killer = () => this.#server.kill('SIGQUIT');

  constructor(folder, data) {
    Object.assign(this, {folder}, clientOf(folder));
    this.#data = data;
    process.on('exit', this.#killer);
  }

  get pid() {
    return this.#server.pid;
  }

  async start() {
    const log = fs.openSync(path.join(this.folder, 'log'), 'a');
    // No orphan if the tests are killed: the kernel then ends the server.
    this.#server = spawn(...as('postgres', ['-D', this.#data], ['--pdeathsig', 'QUIT']),
      {stdio: ['ignore', log, log], cwd: '/'});
    fs.closeSync(log);
    this.ended = new Promise((resolve) => this.#server.on('exit', resolve));
    await untilReady(this, this.#server);
  }

  async crash() {
    this.#server.kill('SIGQUIT');
    await this.ended;
  }

  async stop() {
    this.#server.kill('SIGINT');
    await Promise.race([this.ended, sleep(10000, undefined, {ref: false}).then(this.#killer)]);
    await this.ended;
    process.off('exit', this.#killer);
    fs.rmSync(this.folder, {recursive: true, force: true});
  }

  // The postmaster first, so that no process is born meanwhile.
  freeze() {
    process.kill(this.pid, 'SIGSTOP');
    this.#eachChild((pid) => process.kill(pid, 'SIGSTOP'));
  }

  thaw() {
    this.#eachChild((pid) => process.kill(pid, 'SIGCONT'));
    process.kill(this.pid, 'SIGCONT');
  }

  #eachChild(act) {
    const children = fs.readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    children.split(' ').filter(Boolean).map(Number).forEach(act);
  }
}

function configuration(folder, settings) {
  const all = {listen_addresses: "''", unix_socket_directories: `'${folder}'`, unix_socket_permissions: '0777',
    shared_buffers: '64MB', max_connections: 60, fsync: 'on', log_min_messages: 'warning',
    log_error_verbosity: 'terse', recovery_init_sync_method: 'syncfs', ...settings};
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
