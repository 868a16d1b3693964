// The main job as a client program does it: its source agrees with the types of the contract, and it works.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {webcrypto} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import openapiTS, {astToString} from 'openapi-typescript';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {ROOT} from '../lib/server.mjs';
import {directiveToPromulgated, tariffToSent} from './tour.mjs';

globalThis.crypto ??= webcrypto; // Node.js 18 keeps it back

const TSC = [path.join(ROOT, 'tests/node_modules/typescript/bin/tsc'), '--noEmit', '--allowJs', '--checkJs', '--strict',
  '--skipLibCheck', '--target', 'es2022', '--lib', 'es2022,dom', '--module', 'nodenext',
  path.join(ROOT, 'tests/api/tour.mjs')];

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());

test('the types that the contract gives fit a client program', async () => {
  const types = astToString(await openapiTS(pathToFileURL(path.join(ROOT, 'openapi.yaml'))));
  fs.writeFileSync(path.join(ROOT, 'tests/api/schema.d.ts'), types);
  await promisify(execFile)(process.execPath, TSC).catch(({stdout}) => assert.fail(stdout));
});

async function jobOf(org) {
  const desk = await deskOf(house, org);
  return {org, staff: desk, citizen: desk.anyone, untilClosed: (draft) => desk.close(draft)};
}

test('transitionDraft: a tariff of Sistan and Baluchestan goes from preparing to sent', async () => {
  const {draft, comment} = await tariffToSent(await jobOf('sistan-baluchestan'));
  assert.deepEqual([draft.state, draft.sent.letter_number, draft.version, draft.promised.promise],
    ['sent', '۱۲۳/ص', 2, 'B2']);
  assert.deepEqual([comment.disposition, comment.draft.state], ['accepted', 'sent']);
});

test('transitionDraft: a directive of Isfahan goes from preparing to promulgated', async () => {
  const {draft, comment} = await directiveToPromulgated(await jobOf('isfahan'));
  assert.deepEqual([draft.state, draft.promulgation, draft.version, draft.promised.promise],
    ['promulgated', {number: '۴۵/۶', date: '2027-01-10'}, 2, 'I3']);
  assert.match(draft.clauses[0].text, /نصف می‌شود/);
  assert.deepEqual([comment.disposition, comment.draft.state], ['accepted', 'promulgated']);
});
