// The table in src/domain/lifecycle.c, for tests that are drawn from it: a new row fails until it is tried.
import fs from 'node:fs';
import path from 'node:path';
import YAML from 'yaml';
import {ROOT} from './server.mjs';

const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const PERMISSIONS = new Map([...read('include/domain/permission.def').matchAll(/^PERMISSION\((\w+), "([\w.]+)"\)/gm)]
  .map(([, constant, name]) => [constant, name]));
const TABLE = read('src/domain/lifecycle.c');
const THINGS = 'DRAFT|COMMENT|COMPLAINT|MESSAGE|INFO_REQUEST|SUGGESTION|SURVEY|SESSION';

export const CITIZEN = 'citizen'; // instead of a permission: whoever has the tracking code
export const ROWS = [...TABLE
  .matchAll(new RegExp(`^\\s*(${THINGS})\\(\\s*"(\\w+)",\\s*"(\\w+)",\\s*(\\w+),\\s*(true|false)\\s*\\)`, 'gm'))]
  .map(([, thing, from, to, permission, reason]) => ({thing, from, to, needsReason: reason === 'true',
    permission: permission === 'CITIZEN' ? CITIZEN : PERMISSIONS.get(permission)}));
export const LINES = TABLE.match(new RegExp(`^\\s+(${THINGS})\\(`, 'gm')).length; // rows that there must be
export const ROLES = YAML.parse(read('strategies/isfahan.yaml')).roles;

export const rowsOf = (thing, from) => ROWS.filter((row) => row.thing === thing && row.from === from);
export const staffRowsOf = (thing, from) => rowsOf(thing, from).filter((row) => row.permission !== CITIZEN);
export const rowOf = (thing, from, to) => staffRowsOf(thing, from).find((row) => row.to === to);
export const permissionsOf = (role) => ROLES.find(({name}) => name === role).permissions;
// Somebody who holds all these permissions but is not the administrator.
export const holderOf = (...permissions) => ROLES.find(({name, permissions: held}) =>
  name !== 'admin' && permissions.every((permission) => held.includes(permission)))?.name;
