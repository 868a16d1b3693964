// The strategy files against the published texts: nothing is quoted that was not said, nothing promised is left out.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {parse} from 'yaml';
import {ROOT, STRATEGIES, strategyPath} from './mosharekat.mjs';

const KINDS = ['by_law', 'directive', 'criteria', 'circular', 'bill', 'tariff'];
const PROMISES = {isfahan: ['I', 24], semnan: ['S', 11], 'sistan-baluchestan': ['B', 13]};

const strategies = new Map(STRATEGIES.map((slug) => [slug, parse(fs.readFileSync(strategyPath(slug), 'utf8'))]));
const fold = (text) => text.normalize('NFC').replace(/[\s\u00a0]+/g, ' ').trim();

// The captured pages carry a little mark-up that was never published: links, bold, escaped parentheses.
function published(slug) {
  const text = fs.readFileSync(path.join(ROOT, 'strategies/sources', `${slug}.txt`), 'utf8');
  return fold(text
    .replace(/\[((?:\\.|[^\]\\])*)\]\([^)]*\)/g, '$1')
    .replace(/\\([()])/g, '$1')
    .replace(/\*\*(.*?)\*\*/g, '$1')
    .replace(/<(https?:[^>]*)>/g, '$1'));
}

// Every piece between "…" in order.
function standsIn(text, sentence) {
  let at = 0;
  return sentence.split('…').every((piece) => {
    const found = text.indexOf(fold(piece), at);
    at = found + 1;
    return found >= 0;
  });
}

for (const [slug, strategy] of strategies) {
  test(`${slug}: the statement is the published text, word for word`, () => {
    assert.equal(fold(strategy.statement.join(' ')), published(slug));
  });

  test(`${slug}: every promise quotes the published text`, () => {
    for (const {code, sentence} of strategy.promises) assert.ok(standsIn(published(slug), sentence), code);
  });

  test(`${slug}: every legal basis and channel is quoted as published`, () => {
    for (const {code, as_published: quoted} of [...strategy.legal_bases, ...strategy.channels])
      assert.ok(standsIn(published(slug), quoted), code);
  });

  test(`${slug}: all promises are there, in order`, () => {
    const [letter, count] = PROMISES[slug];
    const expected = Array.from({length: count}, (_, i) => `${letter}${i + 1}`);
    assert.deepEqual(strategy.promises.map(({code}) => code), expected);
  });

  test(`${slug}: what cannot be used as printed has no address, and a note that says why`, () => {
    for (const {code, address, note} of strategy.channels) assert.ok(address !== null || note !== null, code);
  });
}

const windowsOf = (slug) =>
  KINDS.map((kind) => strategies.get(slug).windows[kind]).map((w) => w && `${w.length} ${w.unit} ${w.promise}`);

test('Isfahan promises one week for drafts of every kind (I1, I3)', () => {
  assert.deepEqual(windowsOf('isfahan'), Array(6).fill('7 days I3'));
});

test('Semnan promises no window, and none is made up', () => {
  assert.deepEqual(windowsOf('semnan'), Array(6).fill(null));
});

test('Sistan and Baluchestan promises two weeks, and one month for bills and tariffs (B1, B2)', () => {
  assert.deepEqual(windowsOf('sistan-baluchestan'), [...Array(4).fill('14 days B1'), ...Array(2).fill('1 months B2')]);
});

test('Isfahan prints the number of its decree in two ways, and both are kept', () => {
  const quoted = strategies.get('isfahan').legal_bases.map((basis) => basis.as_published).join();
  assert.match(quoted, /۱۱۲۱۲۸/);
  assert.match(quoted, /۱۱۲۷۱۲۸/);
});

test('addresses that cannot work are not passed on', () => {
  const addressOf = (slug, code) => strategies.get(slug).channels.find((channel) => channel.code === code).address;
  assert.equal(addressOf('isfahan', 'email'), null);
  assert.equal(addressOf('sistan-baluchestan', 'suggestions'), null);
  assert.equal(addressOf('semnan', 'email'), 'mailto:info@ostan-sm.ir');
});
