// Migrations explain themselves in the database, and no statement lies about unused.

const COMMENT_ON = /COMMENT\s+ON\s+(?:TABLE|COLUMN)\s+([\w.]+)\s+IS\s+'/gi;
const CONSTRAINT = /^(CONSTRAINT|PRIMARY|UNIQUE|CHECK|FOREIGN|EXCLUDE|LIKE)\b/i;

// The text between the parenthesis at `start` and its partner, cut at commas of the outermost level.
function membersAt(text, start) {
  const members = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "'") i = text.indexOf("'", i + 1);
    else if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    if (depth === 0 || (depth === 1 && text[i] === ',')) {
      members.push(text.slice(from, i).trim());
      from = i + 1;
    }
    if (depth === 0) break;
  }
  return members;
}

function* tablesOf(text) {
  for (const match of text.matchAll(/CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF NOT EXISTS\s+)?(\w+)\s*\(/gi)) {
    const members = membersAt(text, match.index + match[0].length - 1);
    const columns = members.filter((member) => !CONSTRAINT.test(member)).map((member) => member.split(/\s/)[0]);
    yield {index: match.index, table: match[1], columns};
  }
  for (const match of text.matchAll(/ALTER\s+TABLE\s+(\w+)\s+ADD\s+COLUMN\s+(?:IF NOT EXISTS\s+)?(\w+)/gi))
    yield {index: match.index, columns: [match[2]], table: match[1], isOld: true};
}

const lineAt = (text, index) => text.slice(0, index).split('\n').length;
const blankComments = (text) => text.replace(/--[^\n]*/g, (comment) => ' '.repeat(comment.length));

export const tableComments = {
  name: 'table-comments',
  check(project, report) {
    for (const file of project.paths(/^migrations\/.*\.sql$/)) {
      const text = blankComments(project.text(file));
      const commented = new Set([...text.matchAll(COMMENT_ON)].map((m) => m[1]));
      for (const {index, table, columns, isOld} of tablesOf(text)) {
        const names = [...(isOld ? [] : [table]), ...columns.map((column) => `${table}.${column}`)];
        for (const name of names.filter((n) => !commented.has(n)))
          report(file, lineAt(text, index), `${name} has no COMMENT ON`);
      }
    }
  },
  wrong: [
    {'migrations/0001_a.sql': "CREATE TABLE a (id int, n numeric(3,1));\n"
      + "COMMENT ON TABLE a IS 'x';\nCOMMENT ON COLUMN a.id IS 'x';\n"},
    {'migrations/0002_a.sql': 'ALTER TABLE a ADD COLUMN b int;\n'},
  ],
  right: {'migrations/0001_a.sql': 'CREATE TABLE a (\n id int, -- an id, of a\n CHECK (id IN (1, 2)));\n'
    + "COMMENT ON TABLE a IS 'x';\nCOMMENT ON COLUMN a.id IS 'x';\n"},
};

// That every SQL_NAME exists is the compiler's part.
export const statementsUsed = {
  name: 'statements-used',
  check(project, report) {
    const code = project.paths(/^(src|api|include)\/.*\.(c|h|def)$/).map((file) => project.text(file)).join('\n');
    const used = new Set(code.match(/\bSQL_[A-Z0-9_]+\b/g));
    for (const file of project.paths(/^(api|src)\/.*\.sql$/))
      for (const [index, line] of project.lines(file).entries()) {
        const name = /^--\s*name:\s*(\w+)/.exec(line)?.[1];
        if (name && !used.has(`SQL_${name.toUpperCase()}`)) report(file, index + 1, `nobody uses ${name}`);
      }
  },
  wrong: [{'api/a.sql': '-- name: draft_get\nSELECT 1;\n', 'api/a.c': 'SQL_DRAFT_GET_ALL\n'}],
  right: {'api/a.sql': '-- name: draft_get\nSELECT 1;\n', 'api/a.c': 'found(req, SQL_DRAFT_GET)\n'},
};
