// The ledger: clients that repeat what was not answered, while server and PostgreSQL are killed again and again. At
// the end each acknowledged comment is there exactly once, and its receipt the same, byte for byte.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {newText} from '../lib/desk.mjs';
import {groundOf} from './ground.mjs';

const CLIENTS = 8;
const TRIES = 200; // of one comment: a bound, not an expectation
const SERVER_KILLS = 5;
const DATABASE_KILLS = 3;

const ground = await groundOf();
after(() => ground.house.stop());
const {house} = ground;

// One comment, repeated until it is acknowledged: {text, key, receipt, tries}.
async function fileOne(state) {
  const [text, key] = [newText(), randomUUID()];
  for (let tries = 1; tries <= TRIES; tries++) {
    const answer = await ground.post(text, {key, server: state.server}).catch(() => null); // the connection was lost
    if (answer?.status === 201) return {text, key, receipt: answer.text, tries};
    if (answer) assert.equal(answer.status, 503, answer.text);
    await sleep(50);
  }
  throw new Error(`not acknowledged in ${TRIES} tries`);
}

async function client(state) {
  const receipts = [];
  while (!state.isOver) {
    receipts.push(await fileOne(state));
    await sleep(Math.random() * 10);
  }
  return receipts;
}

async function chaos(state) {
  for (let i = 0; i < SERVER_KILLS; i++) {
    await sleep(150 + Math.random() * 150);
    await state.server.kill();
    state.server.assertClean();
    state.server = await house.startServer();
    if (i >= DATABASE_KILLS) continue;
    await sleep(150 + Math.random() * 150);
    await house.cluster.crash();
    await house.cluster.start();
  }
  await sleep(200);
}

test('what was acknowledged is there once, whatever was killed', async (t) => {
  const state = {server: house.server, isOver: false};
  const clients = Array.from({length: CLIENTS}, () => client(state));
  await chaos(state).finally(() => (state.isOver = true));
  const receipts = (await Promise.all(clients)).flat();

  const repeated = receipts.filter(({tries}) => tries > 1).length;
  t.diagnostic(`${receipts.length} comments acknowledged, ${repeated} of them after repetitions`);
  assert.ok(receipts.length >= 50 && repeated > 0);

  const rows = await house.query('SELECT id, number, text FROM comment');
  assert.equal(rows.length, receipts.length, 'nothing but what was acknowledged');
  const byText = new Map(rows.map((row) => [row.text, row]));
  for (const {text, receipt} of receipts) {
    const {id, number} = JSON.parse(receipt);
    assert.deepEqual(byText.get(text), {id, number, text});
  }
  assert.equal(new Set(rows.map(({number}) => number)).size, rows.length);
  const [{events}] = await house.query("SELECT count(*)::int AS events FROM event WHERE kind = 'comment.received'");
  assert.equal(events, rows.length);

  for (const {text, key, receipt} of receipts) {
    const again = await ground.post(text, {key, server: state.server});
    assert.equal(again.status, 201);
    assert.equal(again.text, receipt);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
  }
});
