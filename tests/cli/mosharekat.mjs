// Runs the program under test as a person would.
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BINARY = process.env.MOSHAREKAT_BIN ?? path.join(ROOT, 'build/dev/mosharekat');
export const STRATEGIES = ['isfahan', 'semnan', 'sistan-baluchestan'];

export const strategyPath = (slug) => path.join(ROOT, 'strategies', `${slug}.yaml`);

// Nothing of the caller's own settings reaches the program.
export function cleanEnvironment(more = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(MOSHAREKAT_|PG|DATABASE_URL)/.test(name));
  return {...Object.fromEntries(kept), ...more};
}

// {status, stdout, stderr}; `conninfo` becomes the setting database_url.
export function mosharekat(args, {conninfo, env = {}} = {}) {
  const database = conninfo ? {MOSHAREKAT_DATABASE_URL: conninfo} : {};
  const {error, status, stdout, stderr} = spawnSync(BINARY, args,
    {encoding: 'utf8', cwd: ROOT, env: cleanEnvironment({...database, ...env}), timeout: 60000});
  if (error) throw error;
  return {status, stdout, stderr};
}

export const lines = (text) => text.split('\n').filter((line) => line !== '');

export function temporaryFolder(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-cli-'));
  t.after(() => fs.rmSync(folder, {recursive: true, force: true}));
  return folder;
}

// A copy of a strategy file with edits: [[text, replacement], ...], each of which must hit.
export function editedStrategy(t, slug, edits) {
  let text = fs.readFileSync(strategyPath(slug), 'utf8');
  for (const [from, to] of edits) {
    if (!text.includes(from)) throw new Error(`${slug}.yaml has no ${from}`);
    text = text.replace(from, () => to);
  }
  const file = path.join(temporaryFolder(t), `${slug}.yaml`);
  fs.writeFileSync(file, text);
  return {file, lineOf: (part) => text.slice(0, text.indexOf(part)).split('\n').length};
}

export const MIGRATED = 'migrated';

// A template database at the newest version; copies of it are made with migratedCopy().
export function migrateTemplate(cluster) {
  const conninfo = cluster.createDatabase(MIGRATED);
  const {status, stderr} = mosharekat(['migrate'], {conninfo});
  if (status !== 0) throw new Error(`migrate: ${stderr}`);
}

let copies = 0;
export function migratedCopy(cluster) {
  const name = `copy_${++copies}`;
  return {name, conninfo: cluster.createDatabase(name, MIGRATED), sql: (text) => cluster.psql(text, name)};
}
