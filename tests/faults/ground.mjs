// What all tests of faults stand on: a house with one open draft, and proof that nothing was written.
import assert from 'node:assert/strict';
import {deskOf} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const TABLES = ['draft', 'draft_version', 'comment', 'event'];

export async function groundOf(options = {}) {
  const house = await startHouse({...options, settings: {worker: 'off', log_level: 'warn', ...options.settings}});
  const desk = await deskOf(house);
  const draft = await desk.opened();
  return new Ground(house, desk, draft);
}

class Ground {
  constructor(house, desk, draft) {
    Object.assign(this, {house, desk, draft});
    this.path = `/v1/orgs/${desk.org}/drafts/${draft.id}`;
    this.comments = `${this.path}/comments`;
  }

  get port() {
    return this.house.server.port;
  }

  get url() {
    return this.house.server.url;
  }

  async counts() {
    const columns = TABLES.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
    return (await this.house.query(`SELECT ${columns.join(', ')}`))[0];
  }

  // Runs `work` and holds the database to what it was before.
  async unchanged(work) {
    const before = await this.counts();
    await work();
    assert.deepEqual(await this.counts(), before, 'something was written');
  }

  // How many comments have this text.
  async commentsOf(text) {
    return (await this.house.query('SELECT count(*)::int AS n FROM comment WHERE text = $1', [text]))[0].n;
  }

  // A comment posted by fetch: {status, headers, text, json}. Throws when the connection is lost.
  async post(text, {key, server = this.house.server, signal} = {}) {
    const answer = await fetch(`${server.url}${this.comments}`, {
      method: 'POST', signal, body: JSON.stringify({text}),
      headers: {'Content-Type': 'application/json', ...(key && {'Idempotency-Key': key})},
    });
    const body = await answer.text();
    return {status: answer.status, headers: answer.headers, text: body, json: JSON.parse(body)};
  }
}

// Runs `work` over all `items`, `width` at a time.
export async function each(items, work, width = 20) {
  const queue = [...items];
  const failures = [];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      await work(item).catch(({message}) => failures.push(`${JSON.stringify(item[0] ?? item)}: ${message}`));
  };
  await Promise.all(Array.from({length: width}, worker));
  assert.equal(failures.length, 0, failures.join('\n\n'));
}
