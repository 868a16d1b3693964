// A function fits on a screen, a file in a head.

const FUNCTION_LINES = 60;
const FILE_LINES = 400;
const OURS = /\.(c|h|sql|sh|mjs)$|^script\/[^/.]+$/;

export const fileSize = {
  name: 'file-size',
  check(project, report) {
    for (const file of project.paths(OURS)) {
      const count = project.lines(file).length - 1;
      if (count > FILE_LINES) report(file, 0, `${count} lines; at most ${FILE_LINES}: split it by purpose`);
    }
  },
  wrong: [{'src/a.c': '\n'.repeat(401)}, {'script/lib/a.sh': '\n'.repeat(401)}],
  right: {'api/a.sql': '\n'.repeat(400), 'openapi.yaml': '\n'.repeat(900)},
};

// In C and in shell the outermost braces stand alone in the first column; in JavaScript the function does.
const OPENING = {c: /^\{$/, sh: /^\{$/, mjs: /^(export )?(default )?(async )?function\b/};

function kindOf(file) {
  if (/\.[ch]$/.test(file)) return 'c';
  return file.endsWith('.mjs') ? 'mjs' : 'sh';
}

export const functionSize = {
  name: 'function-size',
  check(project, report) {
    for (const file of project.paths(/\.(c|h|sh|mjs)$|^script\/[^/.]+$/)) {
      let start = 0;
      for (const [index, line] of project.lines(file).entries()) {
        if (start === 0 && OPENING[kindOf(file)].test(line)) start = index + 1;
        if (start === 0 || !/^\}/.test(line)) continue;
        const count = index + 2 - start;
        if (count > FUNCTION_LINES) report(file, start, `${count} lines in a function; at most ${FUNCTION_LINES}`);
        start = 0;
      }
    }
  },
  wrong: [{'src/a.c': `void f(void)\n{\n${'    g();\n'.repeat(59)}}\n`},
    {'tests/a.mjs': `export function f() {\n${'  g();\n'.repeat(59)}}\n`}],
  right: {'src/a.c': `void f(void)\n{\n${'    g();\n'.repeat(58)}}\n\nvoid h(void)\n{\n}\n`},
};
