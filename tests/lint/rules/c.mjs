// Habits of the C source that no compiler checks.

const C = /^(src|include|api)\/.*\.[ch]$/;

const BANNED = {
  strcpy: 'buffer_add or snprintf', strcat: 'buffer_add', sprintf: 'snprintf', vsprintf: 'vsnprintf', gets: 'fgets',
  strtok: 'slices', system: 'no shell', popen: 'no shell', rand: 'crypto_random', srand: 'crypto_random',
  localtime: 'clock_local', gmtime: 'clock_local', asctime: 'clock_format', ctime: 'clock_format',
  setlocale: 'jansson must never meet one', alloca: 'the arena', atoi: 'a parser that can refuse',
};
const BANNED_CALL = new RegExp(`(?<![\\w.>])(${Object.keys(BANNED).join('|')})\\s*\\(`, 'g');

export const bannedCalls = {
  name: 'banned-calls',
  check(project, report) {
    for (const file of project.paths(C))
      for (const [index, line] of project.code(file).lines.entries())
        for (const [, name] of line.matchAll(BANNED_CALL))
          report(file, index + 1, `${name}: instead ${BANNED[name]}`);
  },
  wrong: [{'src/a.c': 'int x = atoi(s);\n'}, {'api/a.c': 'if (a) system ("ls");\n'}],
  right: {'src/a.c': '/* atoi() */ x = "system(1)"; my_rand(); snprintf(b, n, f); a->rand(2);\n'},
};

export const fileComment = {
  name: 'file-comment',
  check(project, report) {
    for (const file of project.paths(/^(src|api|tests)\/.*\.c$/))
      if (!project.text(file).startsWith('/* ')) report(file, 1, 'a .c file opens by saying what it is for');
  },
  wrong: [{'src/a.c': '#include "base/slice.h"\n'}],
  right: {'src/a.c': '/* What a is for. */\n'},
};

export const headerGuard = {
  name: 'header-guard',
  check(project, report) {
    for (const file of project.paths(/^(src|include|api|tests)\/.*\.h$/)) {
      const [first, second] = project.code(file).lines.filter((line) => line.trim() !== '');
      const guard = /^#ifndef (\w+_H)$/.exec(first?.trim() ?? '');
      if (!guard || second?.trim() !== `#define ${guard[1]}`) report(file, 1, 'a header begins with its guard');
    }
  },
  wrong: [
    {'include/base/a.h': '/* A. */\nint a;\n'},
    {'src/db/a.h': '#ifndef A_H\n#define B_H\n#endif\n'},
  ],
  right: {'include/base/a.h': '/* A. */\n#ifndef BASE_A_H\n#define BASE_A_H\n#endif\n'},
};

// Statements live in .sql files, where `mosharekat check` prepares them; what speaks before the tables exist cannot.
const BEFORE_TABLES = ['src/db/connection.c', 'src/db/migrate.c', 'src/db/migrate_check.c', 'src/db/migration.c'];

export const sqlInC = {
  name: 'sql-in-c',
  check(project, report) {
    for (const file of project.paths(C).filter((path) => !BEFORE_TABLES.includes(path)))
      for (const {line, text} of project.code(file).strings)
        if (/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text) && /[*$(,=]|\b(FROM|INTO|SET|AS)\b/.test(text))
          report(file, line, 'a statement belongs into a .sql file');
  },
  wrong: [
    {'api/a.c': 'const char *s = "SELECT id FROM draft";\n'},
    {'src/db/a.c': 'f("insert into t values ($1)");\n'},
  ],
  right: {'src/a.c': '/* "SELECT 1" */ log("select failed"); log("with a reason");\n',
    'src/db/migrate.c': 'run("SELECT version FROM schema_migration");\n'},
};
