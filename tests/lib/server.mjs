// The server under test: a process of its own on free ports, with everything it said on standard error.
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import net from 'node:net';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BINARY = path.resolve(ROOT, process.env.MOSHAREKAT_BIN ?? 'build/dev/mosharekat');

const PORTS = {least: 10000, most: 30000};
const START_TRIES = 3;
const READY_MS = 20000;
const STOP_MS = 25000;
const SANITIZER = /ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:/;

// Tests must meet no limit that they do not ask for, and no wait that they do not need.
const FRIENDLY = {
  heartbeat: '100ms', drain_timeout: '5s', rate_read: 10000000, rate_submit: 10000000, rate_vote: 10000000, rate_track: 10000000,
  rate_track_all: 10000000, rate_staff: 10000000, rate_denied: 10000000,
};

// Settings as the environment that the program reads them from.
export function environmentOf(settings) {
  const names = Object.entries(settings).map(([name, value]) => [`MOSHAREKAT_${name.toUpperCase()}`, String(value)]);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MOSHAREKAT_|PG)/.test(name));
  return Object.fromEntries([...inherited, ...names]);
}

// Runs a command of the program to its end: {stdout, stderr}; throws what it complained of.
export const command = (args, settings) => promisify(execFile)(BINARY, args, {env: environmentOf(settings)});

// Calls `probe` until it gives something, at most `ms` long.
export async function until(what, probe, ms = 10000) {
  const end = Date.now() + ms;
  for (let pause = 5; Date.now() < end; pause = Math.min(pause * 2, 100)) {
    const found = await probe();
    if (found) return found;
    await sleep(pause);
  }
  throw new Error(`waited ${ms} ms in vain: ${what}`);
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

export async function freePort() {
  const random = () => PORTS.least + Math.floor(Math.random() * (PORTS.most - PORTS.least));
  return until('a free port', async () => {
    const port = random();
    return (await isFree(port)) && port;
  });
}

export class Server {
  // Started and ready. Somebody else may take a port between our look and the start, so it is tried again.
  static async start(settings) {
    for (let left = START_TRIES; ; left--) {
      const server = new Server({...FRIENDLY, ...settings}, await freePort(), await freePort());
      try {
        await server.untilReady();
        return server;
      } catch (error) {
        await server.kill();
        if (left === 1 || !/address already in use/i.test(server.stderr)) throw error;
      }
    }
  }

  constructor(settings, port, adminPort) {
    this.url = `http://127.0.0.1:${port}`;
    this.port = port;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
    this.stderr = '';
    const env = environmentOf({listen: `127.0.0.1:${port}`, admin_listen: `127.0.0.1:${adminPort}`, ...settings});
    this.process = spawn(BINARY, ['serve'], {env, stdio: ['ignore', 'ignore', 'pipe']});
    this.process.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.ended = new Promise((resolve) => this.process.on('close', (code, signal) => resolve({code, signal})));
    this.onExit = () => this.process.kill('SIGKILL');
    process.on('exit', this.onExit);
  }

  get pid() {
    return this.process.pid;
  }

  get isRunning() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  async untilReady(ms = READY_MS) {
    await until('the server to be ready', async () => {
      if (!this.isRunning) throw new Error(`the server ended at once:\n${this.stderr}`);
      return this.isReady();
    }, ms);
  }

  isReady() {
    return fetch(`${this.adminUrl}/readyz`).then((answer) => answer.status === 200, () => false);
  }

  // The value of a metric, by its name without prefix and, where it has any, its labels as they are printed.
  async metric(name, labels = '') {
    const text = await (await fetch(`${this.adminUrl}/metrics`)).text();
    const line = text.split('\n').find((candidate) => candidate.startsWith(`mosharekat_${name}${labels} `));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  // The log lines of an event, as objects.
  logged(event) {
    const lines = this.stderr.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);
  }

  async followsClock(seconds) {
    await until('the server to follow the clock', async () =>
      Math.abs((await this.metric('clock_offset_seconds')) - seconds) < 0.1);
  }

  assertClean() {
    assert.doesNotMatch(this.stderr, SANITIZER);
    assert.deepEqual(this.logged('contract.deviation'), []);
  }

  // Ends it as an operator would, and holds it to a clean end.
  async stop() {
    this.process.kill('SIGTERM');
    const timer = setTimeout(this.onExit, STOP_MS);
    const end = await this.ended;
    clearTimeout(timer);
    process.off('exit', this.onExit);
    this.assertClean();
    assert.deepEqual(end, {code: 0, signal: null}, this.stderr.slice(-2000));
  }

  async kill(signal = 'SIGKILL') {
    this.process.kill(signal);
    process.off('exit', this.onExit);
    return this.ended;
  }
}
