// CSV as RFC 4180 has it, read back: rows of cells.
import assert from 'node:assert/strict';

export function readCsv(text) {
  assert.ok(text.startsWith('\ufeff'), 'no byte order mark');
  const rows = [];
  let row = [];
  let at = 1;
  while (at < text.length) {
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
    cell.lastIndex = at;
    const found = cell.exec(text);
    assert.ok(found, `no cell at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    at = cell.lastIndex;
    if (found[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  assert.deepEqual(row, [], 'the last row does not end');
  return rows;
}

// [header, objects by its names]
export function readTable(text) {
  const [header, ...rows] = readCsv(text);
  return [header, rows.map((row) => {
    assert.equal(row.length, header.length, row.join());
    return Object.fromEntries(header.map((name, i) => [name, row[i]]));
  })];
}
