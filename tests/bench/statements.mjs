// The server's own SQL, read from the .sql files, so that every peer runs the same statements.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');

// The text of `-- name: NAME`, without its comment lines and its semicolon, with each parameter cast to the type that
// the header declares: drivers that do not declare types need it. A statement of many rows gets arrays of one.
export function statement(name, folder = 'api') {
  for (const file of fs.readdirSync(path.join(ROOT, folder)).filter((f) => f.endsWith('.sql'))) {
    const blocks = fs.readFileSync(path.join(ROOT, folder, file), 'utf8').split(/^-- name: /m).slice(1);
    const block = blocks.find((b) => b.startsWith(`${name}\n`));
    if (block) {
      const lines = block.split('\n').slice(1);
      const header = lines.filter((line) => line.startsWith('--')).join('\n');
      const types = Object.fromEntries([...header.matchAll(/\$(\d+) \w+ (\w+(?:\[\])?)/g)].map(([, n, type]) => [n, type]));
      const text = lines.filter((line) => !line.startsWith('--')).join('\n').trim().replace(/;$/, '');
      const isMany = /^-- rows: many$/m.test(header);
      return text.replace(/\$(\d+)/g, (_, n) => (isMany ? `ARRAY[$${n}::${types[n]}]` : `$${n}::${types[n]}`));
    }
  }
  throw new Error(`no statement ${name}`);
}

// The statement with an expression in place of each parameter: for pgbench.
export const withValues = (text, values) =>
  text.replace(/\$(\d+)/g, (_, n) => `(${values[Number(n) - 1]})`);
