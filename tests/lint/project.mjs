// The project as the rules see it: a list of paths and their texts, with C source also available without its
// comments and the contents of its strings. Built from a folder, or from a few lines of text for a self-test.
import fs from 'node:fs';
import path from 'node:path';

const NOT_OURS = new Set(['.git', '.ci-cache', 'node_modules', 'build', 'var']);
const ALLOW = /lint-allow:\s+([a-z-]+)(?:\s+([^*\n]*[^*\s]))?/;

export class Project {
  #texts;
  #code = new Map();

  constructor(texts) {
    this.#texts = texts;
    this.files = [...texts.keys()].sort();
  }

  // Paths that match; of our own sources only, so rules never meet node_modules or a build.
  paths(pattern) {
    return this.files.filter((file) => pattern.test(file));
  }

  has(file) {
    return this.#texts.has(file);
  }

  text(file) {
    const text = this.#texts.get(file);
    return typeof text === 'function' ? text() : text;
  }

  lines(file) {
    return this.text(file).split('\n');
  }

  // {lines, strings}: the code with comments and string contents blanked, and the strings as [{line, text}].
  code(file) {
    if (!this.#code.has(file)) this.#code.set(file, blankC(this.text(file)));
    return this.#code.get(file);
  }

  // Exceptions named where they are needed: `lint-allow: RULE why`.
  allows() {
    return this.files.filter((file) => !file.startsWith('tests/lint/')).flatMap((file) =>
      this.lines(file).flatMap((line, index) => {
        const match = ALLOW.exec(line);
        return match ? [{file, line: index + 1, rule: match[1], reason: match[2] ?? ''}] : [];
      }));
  }
}

export function projectFromFolder(root) {
  const texts = new Map();
  const walk = (folder) => {
    for (const entry of fs.readdirSync(path.join(root, folder), {withFileTypes: true})) {
      const file = path.posix.join(folder, entry.name);
      if (NOT_OURS.has(entry.name)) continue;
      if (entry.isDirectory()) walk(file);
      else if (entry.isFile()) texts.set(file, lazy(path.join(root, file)));
    }
  };
  walk('');
  return new Project(texts);
}

function lazy(file) {
  let text;
  return () => (text ??= fs.readFileSync(file, 'utf8'));
}

export function projectFromTexts(texts) {
  return new Project(new Map(Object.entries(texts)));
}

const C_PIECE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

function blankC(text) {
  const strings = [];
  const blanked = text.replace(C_PIECE, (piece, offset) => {
    if (piece[0] === '"') strings.push({offset, text: piece.slice(1, -1)});
    const quote = piece[0] === '/' ? ' ' : piece[0];
    return quote + piece.slice(1, -1).replace(/[^\n]/g, ' ') + quote;
  });
  return {lines: blanked.split('\n'), strings: withLines(text, strings)};
}

function withLines(text, strings) {
  let line = 1;
  let position = 0;
  return strings.map(({offset, text: content}) => {
    for (; position < offset; position++) if (text[position] === '\n') line++;
    return {line, text: content};
  });
}
