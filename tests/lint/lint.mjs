// Our own lints: prints every fault and one line per rule; the exit code is 2 when there is any.
//   node tests/lint/lint.mjs [--settings]      --settings: print the README's table of settings instead
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {checkRules} from './check.mjs';
import {projectFromFolder} from './project.mjs';
import {rules} from './rules/index.mjs';
import {settingsTable} from './rules/words.mjs';

const FAULTS = 2;

const project = projectFromFolder(path.join(path.dirname(fileURLToPath(import.meta.url)), '../..'));

if (process.argv[2] === '--settings') {
  console.log(settingsTable(project));
} else {
  const {faults, excused} = checkRules(rules, project);
  for (const {rule, file, line, message} of faults) console.log(`${file}:${line}: ${rule}: ${message}`);
  const broken = new Set(faults.map((fault) => fault.rule));
  for (const name of [...rules.map((rule) => rule.name), 'exceptions']) {
    console.log(`${broken.has(name) ? 'not ok' : 'ok'} ${name}${name === 'exceptions' ? ` (${excused} in use)` : ''}`);
  }
  process.exitCode = faults.length > 0 ? FAULTS : 0;
}
