// The contract as others read it: valid OpenAPI 3.1 by a validator that is not ours, and of one piece.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {createConfig, lint} from '@redocly/openapi-core';
import YAML from 'yaml';

const FILE = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../openapi.yaml');
const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

const contract = YAML.parse(fs.readFileSync(FILE, 'utf8'));
const operations = Object.values(contract.paths).flatMap((item) => METHODS.filter((method) => item[method])
  .map((method) => ({method, ...item[method], parameters: [...item.parameters ?? [], ...item[method].parameters ?? []]})));

// The ids of the operations that `fits` refuses.
const without = (fits) => operations.filter((operation) => !fits(operation)).map(({operationId}) => operationId);

const RULES = ['struct', 'no-unresolved-refs', 'no-unused-components', 'security-defined', 'path-parameters-defined',
  'path-declaration-must-exist', 'no-identical-paths', 'operation-operationId-unique', 'operation-parameters-unique',
  'operation-tag-defined', 'no-enum-type-mismatch', 'no-schema-type-mismatch', 'no-invalid-media-type-examples',
  'no-invalid-parameter-examples', 'no-invalid-schema-examples'];

test('the contract is valid OpenAPI 3.1, and its examples are valid against it', async () => {
  const config = await createConfig({rules: Object.fromEntries(RULES.map((rule) => [rule, 'error']))});
  const faults = await lint({ref: FILE, config});
  assert.deepEqual(faults.map(({ruleId, message, location}) => `${location[0].pointer}: ${ruleId}: ${message}`), []);
});

test('every tag is described and used, every operation has one, and they are named alike', () => {
  const names = contract.tags.map(({name}) => name);
  assert.deepEqual(names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name)), []);
  assert.deepEqual(contract.tags.filter(({description}) => !description), []);
  assert.deepEqual(without(({tags}) => tags?.length === 1 && names.includes(tags[0])), []);
  assert.deepEqual(names.filter((name) => !operations.some(({tags}) => tags[0] === name)), []);
});

test('every operation has a summary of one line without a full stop', () => {
  assert.deepEqual(without(({summary}) => summary?.length <= 100 && /^[A-Z][^\n]*[^.\n]$/.test(summary)), []);
});

test('every operation tells its problems in the same way', () => {
  assert.deepEqual(without(({responses}) => responses.default?.$ref === '#/components/responses/Problem'), []);
});

test('every JSON body has an example', () => {
  const hasExamples = ({requestBody}) => Object.entries(requestBody?.content ?? {})
    .every(([type, media]) => !type.endsWith('json') || media.example !== undefined || media.examples !== undefined);
  assert.deepEqual(without(hasExamples), []);
});

test('whatever takes a device token takes a verified citizen too', () => {
  const takesDevice = ({parameters}) => parameters.some(({$ref}) => $ref === '#/components/parameters/DeviceToken');
  const takesCitizen = ({security}) => ['{}', '{"citizen":[]}'].every((one) => security.some((who) => JSON.stringify(who) === one));
  assert.deepEqual(without((operation) => takesDevice(operation) === takesCitizen(operation)), []);
});
