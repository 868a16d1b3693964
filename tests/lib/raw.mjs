// Raw sockets: requests as bytes, whatever they say, and the answers taken apart again. For what no HTTP client would
// send. Nothing here mends or repeats anything.
import assert from 'node:assert/strict';
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const NO_BODY = new Set([204, 304]);

// A request as text. `headers` are lines; Host is there unless `host` is null, Content-Length where there is a body.
export function requestText(method, target, {headers = [], body, host = 'localhost'} = {}) {
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const all = [...(host === null ? [] : [`Host: ${host}`]), ...headers, ...length];
  return `${method} ${target} HTTP/1.1\r\n${all.map((line) => `${line}\r\n`).join('')}\r\n${body ?? ''}`;
}

// The text as chunks of `size` bytes.
export function chunked(text, size = 1000) {
  const bytes = Buffer.from(text);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

function parseHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3})( |$)/.exec(first);
  assert.ok(status, `no status line: ${JSON.stringify(first)}`);
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim()]);
  return {status: Number(status[1]), headers: new Map(headers)};
}

// The first answer in `bytes`, with `size`, the bytes that it takes; null while it is not complete.
function firstAnswer(bytes, isHead) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return null;
  const head = parseHead(bytes.subarray(0, end).toString('latin1'));
  const from = end + HEAD_END.length;
  const isEmpty = isHead || NO_BODY.has(head.status) || head.status < 200;
  const length = isEmpty ? 0 : Number(head.headers.get('content-length'));
  assert.ok(Number.isInteger(length), 'an answer without its length');
  if (bytes.length < from + length) return null;
  return {...head, body: bytes.subarray(from, from + length).toString(), size: from + length};
}

export class Raw {
  #received = Buffer.alloc(0);
  #wakers = [];

  // `from`: the client's address in the loopback network.
  static open(port, {from = '127.0.0.1'} = {}) {
    return new Promise((resolve, reject) => {
      const socket = net.connect({port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true, noDelay: true});
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Raw(socket));
      });
    });
  }

  constructor(socket) {
    this.socket = socket;
    this.isClosed = false; // by the server
    this.openedAt = Date.now();
    socket.on('data', (piece) => {
      this.#received = Buffer.concat([this.#received, piece]);
      this.#wake();
    });
    const close = () => {
      this.closedAt ??= Date.now();
      this.isClosed = true;
      this.#wake();
    };
    socket.on('end', close).on('error', close).on('close', close);
  }

  #wake() {
    for (const wake of this.#wakers.splice(0)) wake();
  }

  // Until `probe` gives something or the connection is closed; undefined after `ms`.
  async #wait(probe, ms) {
    const end = Date.now() + ms;
    for (;;) {
      const found = probe();
      const left = end - Date.now();
      if (found || this.isClosed || left <= 0) return found || undefined;
      let timer;
      await new Promise((resolve) => {
        this.#wakers.push(resolve);
        timer = setTimeout(resolve, left);
      });
      clearTimeout(timer);
    }
  }

  send(data) {
    this.socket.write(data);
    return this;
  }

  // Bytes that came and were not yet taken as an answer.
  get rest() {
    return this.#received;
  }

  // The next answer: {status, headers, body, problem}; undefined when none came within `ms`.
  async answer({ms = 5000, isHead = false} = {}) {
    const found = await this.#wait(() => firstAnswer(this.#received, isHead), ms);
    if (!found) return undefined;
    this.#received = this.#received.subarray(found.size);
    return found;
  }

  // Whether the server closed the connection within `ms`.
  async closed(ms = 5000) {
    await this.#wait(() => this.isClosed, ms);
    return this.isClosed;
  }

  end() {
    this.socket.end();
    return this;
  }

  destroy() {
    this.socket.destroy();
  }

  pause() {
    this.socket.pause();
    return this;
  }
}

// Sends `bytes` on a connection of their own and takes what comes until the server closes, or `ms` pass:
// {bytes, isClosed}.
export async function converse(port, bytes, {ms = 3000, end = false} = {}) {
  const raw = await Raw.open(port);
  raw.send(bytes);
  if (end) raw.end();
  const isClosed = await raw.closed(ms);
  raw.destroy();
  return {bytes: raw.rest, isClosed};
}

// Sends `bytes` and gives the first answer, with isClosed: whether the server closed behind it.
export async function ask(port, bytes, {ms = 5000, isHead = false} = {}) {
  const raw = await Raw.open(port);
  const answer = await raw.send(bytes).answer({ms, isHead});
  const isClosed = answer?.headers.get('connection')?.toLowerCase() === 'close' ? await raw.closed() : raw.isClosed;
  raw.destroy();
  return answer && {...answer, isClosed};
}

// A problem document, whole and right, of an answer that must be this refusal. Its JSON.
export function problemOf(answer, status, code) {
  assert.ok(answer, `no answer, but ${status} ${code} was expected`);
  const shown = `${answer.status} ${answer.body.slice(0, 500)}`;
  assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8', shown);
  const problem = JSON.parse(answer.body);
  assert.equal(`${answer.status} ${problem.code}`, `${status} ${code}`, shown);
  assert.equal(problem.status, status);
  assert.equal(problem.type, `/v1/problems#${code}`);
  assert.equal(problem.request_id, answer.headers.get('x-request-id'));
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  return problem;
}
