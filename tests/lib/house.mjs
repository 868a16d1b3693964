// A governorate to test on: a fresh database with the three strategies, one server or more, and people with keys.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {randomBytes} from 'node:crypto';
import pg from 'pg';
import {clientOf} from './client.mjs';
import {startPostgres} from './postgres.mjs';
import {command, ROOT, Server, until} from './server.mjs';

const STRATEGIES = ['isfahan', 'semnan', 'sistan-baluchestan'].map((slug) => path.join(ROOT, `strategies/${slug}.yaml`));

// `settings` are those of the server. `postgres` goes to startPostgres().
export async function startHouse({settings = {}, postgres = {}} = {}) {
  const house = new House(await startPostgres(postgres));
  try {
    await house.command('migrate');
    await house.command('apply', ...STRATEGIES);
    house.server = await house.startServer(settings);
    return house;
  } catch (error) {
    await house.stop();
    throw error;
  }
}

class House {
  #pool;
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-house-'));
  #clients = new Map();

  constructor(cluster) {
    this.cluster = cluster;
    this.servers = [];
    this.settings = {
      database_url: cluster.conninfo, secret_file: path.join(this.#folder, 'secret'), state_dir: this.#folder,
    };
    fs.writeFileSync(this.settings.secret_file, randomBytes(32), {mode: 0o600});
    const {PGHOST: host, PGUSER: user, PGDATABASE: database} = cluster.env;
    this.#pool = new pg.Pool({host, user, database, max: 2});
    this.#pool.on('error', () => {}); // tests stop databases
  }

  // One more server on the same database.
  async startServer(settings = {}) {
    const server = await Server.start({...this.settings, ...settings});
    this.servers.push(server);
    return server;
  }

  async stop() {
    const results = await Promise.allSettled(this.servers.filter((server) => server.isRunning).map((s) => s.stop()));
    await this.#pool.end();
    await this.cluster.stop();
    fs.rmSync(this.#folder, {recursive: true, force: true});
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  command(...args) {
    return command(args, this.settings);
  }

  // Rows of a statement run straight on the database, for what no operation shows.
  async query(sql, params = []) {
    return (await this.#pool.query(sql, params)).rows;
  }

  // --- people ---

  // A new key, as `mosharekat key create` makes it: {id, key}.
  async key(roles, {org = 'isfahan', expires} = {}) {
    const {stdout, stderr} = await this.command('key', 'create', '--org', org, '--role', roles,
      ...(expires ? ['--expires', expires] : []));
    return {key: stdout.trim(), id: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stderr)[0]};
  }

  // A client for a holder of the role; the same key whenever the same is asked for.
  client(role, org = 'isfahan') {
    const name = `${role} of ${org}`;
    if (!this.#clients.has(name)) this.#clients.set(name, this.key(role, {org}));
    return this.#clients.get(name).then(({key}) => clientOf(this.server.url, key));
  }

  // The key of client(role, org): {id, key}.
  async keyOf(role, org = 'isfahan') {
    await this.client(role, org);
    return this.#clients.get(`${role} of ${org}`);
  }

  // {expert, head, ...}: clients by role.
  async people(roles, org) {
    const clients = await Promise.all(roles.map((role) => this.client(role, org)));
    return Object.fromEntries(roles.map((role, i) => [role, clients[i]]));
  }

  get anyone() {
    return clientOf(this.server.url);
  }

  // --- time ---

  // What the servers take for now.
  async now() {
    return (await this.query('SELECT clock_timestamp() + shift AS now FROM clock'))[0].now;
  }

  // Moves the clock by an interval ('8 days') or to an instant (Date), and waits until every server follows.
  async moveClock(to) {
    const shift = to instanceof Date ? '$1::timestamptz - clock_timestamp()' : 'shift + $1::interval';
    const [{seconds}] = await this.query(
      `UPDATE clock SET shift = ${shift} RETURNING extract(epoch FROM shift)::float8 AS seconds`,
      [to instanceof Date ? to.toISOString() : to]);
    await Promise.all(this.servers.filter((server) => server.isRunning).map((server) => server.followsClock(seconds)));
  }

  // Until the server's worker has gone over this job's work once from beginning to end, whether there was any or not:
  // a pass may be under way now, so it is the second one to end.
  async looked(job, server = this.server) {
    const passes = () => server.metric('worker_passes_total', `{job="${job}"}`);
    const before = await passes();
    await until(`the worker to look at ${job}`, async () => {
      await this.query('NOTIFY mosharekat_work');
      return (await passes()) >= before + 2;
    });
  }
}
