// The README's tour, as it is printed: every command runs, in order, in one shell, against a server with a worker.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {after, test} from 'node:test';
import {startHouse} from '../lib/house.mjs';
import {BINARY, environmentOf, ROOT} from '../lib/server.mjs';

const TOUR_MS = 120000;
const README = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const TOUR = [.../<!-- tour -->([^]*)<!-- \/tour -->/.exec(README)[1].matchAll(/```bash\n([^]*?)```/g)].map(([, block]) => block);

const house = await startHouse();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-tour-'));
after(async () => {
  await house.stop();
  fs.rmSync(folder, {recursive: true, force: true});
});

// What script/server leaves behind, in a folder of the test's own.
async function furnish() {
  for (const name of ['var', 'build/release']) fs.mkdirSync(path.join(folder, name), {recursive: true});
  fs.writeFileSync(path.join(folder, 'var/admin-key'), (await house.key('admin', {org: 'all'})).key);
  fs.writeFileSync(path.join(folder, 'var/database-url'), house.settings.database_url);
  fs.symlinkSync(BINARY, path.join(folder, 'build/release/mosharekat'));
}

// {status, output, errors} of the tour with the server's address in it.
function run(script) {
  const shell = spawn('bash', ['-eu'], {cwd: folder, env: environmentOf({}), stdio: ['pipe', 'pipe', 'pipe'], timeout: TOUR_MS});
  const said = {output: '', errors: ''};
  shell.stdout.setEncoding('utf8').on('data', (text) => (said.output += text));
  shell.stderr.setEncoding('utf8').on('data', (text) => (said.errors += text));
  shell.stdin.end(script);
  return new Promise((resolve) => shell.on('close', (status) => resolve({status, ...said})));
}

// Whoever asks for a member that is not there is shown what is.
const MEMBER = "print(json.load(sys.stdin)['$1'])";
const TALKATIVE = "d = json.load(sys.stdin); print(d['$1'] if '$1' in d else sys.exit(str(d)))";

// What a reader is told to look for, in the order in which it is printed.
const LANDMARKS = [
  'window_too_short', 'pending', 'published', 'closed', 'reviewing', 'comments_without_disposition', 'ends_otherwise', 'sent',
  'accepted', 'promulgated', 'draft.closed', "(1, 'expert')", "(2, 'head')", "(3, 'inspector')", 'case.escalated', 'case.escalated',
  'case.escalated', 'answered', 'کارشناس راه', "(3, 'inspector')", 'answered_partial', 'screening', 'expert_review', 'committee', 'judging', 'open', 'declared', 'recused',
  '0 seen', '2 seen', "'score': 7750", 'approved', 'decided', '30000001', '50000001', 'running', 'hidden_question', 'already_answered',
  'results_published', '"least_group": 5', 'پاسخ‌دهندگان', 'under_way', 'measure', 'I12 broken', 'I18 kept', 'received_jalali_month',
];

test('every command of the tour works, and shows what it says', async () => {
  await furnish();
  const script = TOUR.join('\n').replaceAll('http://127.0.0.1:8080', house.server.url).replace(MEMBER, TALKATIVE);
  const {status, output, errors} = await run(script);
  assert.equal(status, 0, `${output}\n${errors}`);
  assert.doesNotMatch(errors, /Traceback|curl:/);
  let from = 0;
  for (const landmark of LANDMARKS) {
    const at = output.indexOf(landmark, from);
    assert.ok(at >= 0, `no ${landmark} in ${output.slice(from)}`);
    from = at + landmark.length;
  }
});
