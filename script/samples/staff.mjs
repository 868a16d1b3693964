// The staff of the samples who must be somebody: experts, and the members of committees, each with a key of their own. The
// keys are left in STATE_DIR/sample-keys, for whoever wants to see the API as one of them.
import {execFile} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';

const {SERVER_BIN, STATE_DIR} = process.env;
const KEYS_FILE = path.join(STATE_DIR, 'sample-keys');
const run = promisify(execFile);
const known = new Map();

// {id, key, name} of somebody with a role in an organisation; the same whenever the same is asked for.
export function person(org, role, name) {
  const who = `${org} ${role} ${name}`;
  if (!known.has(who)) known.set(who, hire(org, role, name));
  return known.get(who);
}

async function hire(org, role, name) {
  const {stdout, stderr} = await run(SERVER_BIN, ['key', 'create', '--org', org, '--role', role]);
  const key = stdout.trim();
  fs.appendFileSync(KEYS_FILE, `${org}\t${role}\t${name}\t${key}\n`, {mode: 0o600});
  return {key, name, id: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stderr)[0]};
}
