// One measurement: load for some seconds, and what it cost whom.
import {execFileSync, spawn} from 'node:child_process';
import fs from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], {encoding: 'utf8'}));

// CPU seconds that these processes and their children, also those that have ended, have used.
export function cpuSeconds(pids) {
  return pids.flatMap(family).reduce((sum, pid) => {
    try {
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return sum + fields.slice(11, 15).reduce((a, b) => a + Number(b), 0) / TICKS;
    } catch {
      return sum;
    }
  }, 0);
}

function family(pid) {
  let children = [];
  try {
    children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
  return [pid, ...children.flatMap(family)];
}

export const rssMiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

// Busy share of the machine (0..cores) over `ms`, with none of our load running: says whether others use it.
export async function otherLoad(ms = 500) {
  const read = () => fs.readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/\s+/).slice(1).map(Number);
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = read();
  const spent = after.map((n, i) => n - before[i]);
  return (spent.reduce((a, b) => a + b, 0) - spent[3] - spent[4]) / TICKS / (ms / 1000);
}

const UNITS = {us: 0.001, ms: 1, s: 1000, m: 60000};
const milliseconds = (text) => {
  const [, number, unit] = /([\d.]+)(us|ms|s|m)/.exec(text);
  return Number(number) * UNITS[unit];
};

// {rate, p50, p99 (ms), serverCpu, databaseCpu (µs a request), errors}
export async function wrk({url, connections, seconds, script, env = {}, serverPids, databasePids}) {
  const before = [cpuSeconds(serverPids), cpuSeconds(databasePids)];
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...(script ? ['-s', script] : []), url];
  const text = await output('wrk', args, {...process.env, ...env});
  const after = [cpuSeconds(serverPids), cpuSeconds(databasePids)];
  const requests = Number(/(\d+) requests in/.exec(text)[1]);
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]),
    p50: milliseconds(/^ +50% +(\S+)/m.exec(text)[1]),
    p99: milliseconds(/^ +99% +(\S+)/m.exec(text)[1]),
    serverCpu: ((after[0] - before[0]) * 1e6) / requests,
    databaseCpu: ((after[1] - before[1]) * 1e6) / requests,
    errors: Number(bad?.[1] ?? 0) + (broken ? broken.slice(1).reduce((a, b) => a + Number(b), 0) : 0),
  };
}

// Transactions a second of a pgbench script.
export async function pgbench({conninfo, file, clients, seconds, databasePids}) {
  const before = cpuSeconds(databasePids);
  const text = await output('/usr/lib/postgresql/15/bin/pgbench',
    ['-n', '-M', 'prepared', '-c', clients, '-j', '1', '-T', seconds, '-f', file, conninfo], process.env);
  const after = cpuSeconds(databasePids);
  const count = Number(/number of transactions actually processed: (\d+)/.exec(text)[1]);
  const failed = Number(/number of failed transactions: (\d+)/.exec(text)?.[1] ?? 0);
  const mean = Number(/latency average = ([\d.]+) ms/.exec(text)[1]);
  return {rate: Number(/tps = ([\d.]+)/.exec(text)[1]), p50: mean, p99: NaN, serverCpu: 0,
    databaseCpu: ((after - before) * 1e6) / count, errors: failed};
}

function output(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {env, stdio: ['ignore', 'pipe', 'pipe']});
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    child.on('exit', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command}: ${text}`))));
  });
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
