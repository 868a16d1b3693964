// Each lint catches its wrong samples and leaves its right one alone; exceptions excuse, and are themselves checked.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {checkRules} from './check.mjs';
import {projectFromTexts} from './project.mjs';
import {rules} from './rules/index.mjs';

const faultsOf = (rule, texts) => checkRules([rule], projectFromTexts(texts)).faults;

for (const rule of rules) {
  test(`${rule.name} catches what is wrong`, () => {
    assert.ok(rule.wrong.length > 0);
    for (const sample of rule.wrong) assert.notEqual(faultsOf(rule, sample).length, 0, JSON.stringify(sample));
  });
  test(`${rule.name} accepts what is right`, () => {
    assert.deepEqual(faultsOf(rule, rule.right), []);
  });
}

const banned = rules.find((rule) => rule.name === 'banned-calls');

test('an exception with a reason excuses its line and the next', () => {
  const comment = '/* lint-allow: banned-calls the input is a constant */';
  assert.deepEqual(faultsOf(banned, {'src/a.c': `x = atoi("1"); ${comment}\n`}), []);
  assert.deepEqual(faultsOf(banned, {'src/a.c': `${comment}\nx = atoi("1");\n`}), []);
  assert.equal(faultsOf(banned, {'src/a.c': `${comment}\n\nx = atoi("1");\n`}).length, 2);
});

test('an exception without a reason, without a rule or without need is a fault', () => {
  assert.equal(faultsOf(banned, {'src/a.c': 'x = atoi("1"); /* lint-allow: banned-calls */\n'}).length, 2);
  assert.equal(faultsOf(banned, {'src/a.c': '/* lint-allow: no-such why */\n'}).length, 1);
  assert.equal(faultsOf(banned, {'src/a.c': '/* lint-allow: banned-calls why */\n'}).length, 1);
});
