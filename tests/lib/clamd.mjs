// A virus scanner to test on: one that speaks clamd's protocol and says what the test wants, and the real one with a
// signature of its own, where it is installed.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {until} from './server.mjs';

const CLAMD = '/usr/sbin/clamd';
export const hasClamd = () => fs.existsSync(CLAMD);

// The file of an INSTREAM conversation; null while it is not complete.
function fileIn(bytes) {
  const pieces = [];
  for (let at = 'zINSTREAM\0'.length; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return null;
}

// `answer` gets each file and gives the reply, or nothing: then there is none.
export async function startScanner(answer, port = 0) {
  const scanner = {answer, files: []};
  const sockets = new Set();
  const server = net.createServer((socket) => {
    let bytes = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket)).on('data', (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      const file = fileIn(bytes);
      if (!file) return;
      scanner.files.push(file);
      const reply = scanner.answer(file);
      if (reply !== undefined) socket.end(reply);
    });
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  scanner.address = `127.0.0.1:${server.address().port}`;
  scanner.stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return scanner;
}

// A clamd that knows one virus: whatever holds `signature`.
export async function startClamd(signature) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mosharekat-clamd-'));
  const database = path.join(folder, 'db');
  const socket = path.join(folder, 'socket');
  fs.mkdirSync(database);
  fs.writeFileSync(path.join(database, 'test.ndb'), `Test.Virus:0:*:${Buffer.from(signature).toString('hex')}\n`);
  const settings = [`DatabaseDirectory ${database}`, `LocalSocket ${socket}`, `TemporaryDirectory ${folder}`, 'Foreground yes',
    ...(process.getuid() === 0 ? ['User root'] : [])];
  fs.writeFileSync(path.join(folder, 'conf'), `${settings.join('\n')}\n`);
  const child = spawn(CLAMD, ['-c', path.join(folder, 'conf')], {stdio: 'ignore'});
  const ended = new Promise((resolve) => child.on('close', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    fs.rmSync(folder, {recursive: true, force: true});
  };
  process.on('exit', () => child.kill('SIGKILL'));
  await until('clamd to listen', () => fs.existsSync(socket), 60000);
  return {address: socket, stop};
}
