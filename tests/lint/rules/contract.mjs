// The contract and the tables in C that speak of the same things.

const CONTRACT = 'openapi.yaml';
const OPERATIONS = 'api/operations.def';
const PROBLEMS = 'include/http/problem.def';

const idsIn = (project) =>
  [...project.text(CONTRACT).matchAll(/^\s*operationId:\s*(\w+)/gm)].map((match) => match[1]);

// Rows of a .def file as [{line, first}], the first argument without quotes.
function rowsIn(project, file, macro) {
  return project.lines(file).flatMap((line, index) => {
    const match = new RegExp(`^${macro}\\(\\s*"?(\\w+)`).exec(line);
    return match ? [{line: index + 1, first: match[1]}] : [];
  });
}

export const operations = {
  name: 'operations',
  check(project, report) {
    if (!project.has(CONTRACT) || !project.has(OPERATIONS)) return;
    const rows = rowsIn(project, OPERATIONS, '[A-Z_]+');
    rows.forEach(({line, first}, i) => {
      if (i > 0 && rows[i - 1].first >= first) report(OPERATIONS, line, `${first} is not in alphabetical order`);
    });
    const offered = new Set(idsIn(project));
    const handled = new Set(rows.map(({first}) => first));
    for (const {line, first} of rows)
      if (!offered.has(first)) report(OPERATIONS, line, `the contract has no ${first}`);
    for (const id of offered) if (!handled.has(id)) report(OPERATIONS, 0, `${id} of the contract has no row`);
  },
  wrong: [
    {[CONTRACT]: '  operationId: a\n  operationId: b\n', [OPERATIONS]: 'OPERATION(b, x)\nOPERATION(a, y)\n'},
    {[CONTRACT]: '  operationId: a\n  operationId: b\n', [OPERATIONS]: 'OPERATION(a, x)\n'},
    {[CONTRACT]: '  operationId: a\n', [OPERATIONS]: 'OPERATION(a, x)\nOPERATION(b, x)\n'},
  ],
  right: {[CONTRACT]: '  operationId: a\n  operationId: b\n',
    [OPERATIONS]: '/* x */\nOPERATION(a, x)\nOPERATION(b, y)\n'},
};

// Problems come from the engine as well as from handlers: every operation says so.
export const operationProblems = {
  name: 'operation-problems',
  check(project, report) {
    if (!project.has(CONTRACT)) return;
    let open; // the operation that has not declared its problems yet
    const close = () => open && report(CONTRACT, open.line, `${open.id} declares no default response`);
    for (const [index, line] of project.lines(CONTRACT).entries()) {
      const id = /^\s*operationId:\s*(\w+)/.exec(line)?.[1];
      if (id || /^components:/.test(line)) {
        close();
        open = id && {id, line: index + 1};
      } else if (/^ {8}default: \{\$ref: '#\/components\/responses\/\w+'\}/.test(line)) {
        open = undefined;
      }
    }
    close();
  },
  wrong: [
    {[CONTRACT]: "      operationId: a\n      responses:\n        '204': {description: Gone}\n      operationId: b\n"
      + "        default: {$ref: '#/components/responses/Problem'}\n"},
    {[CONTRACT]: "      operationId: a\ncomponents:\n        default: {$ref: '#/components/responses/Problem'}\n"},
  ],
  right: {[CONTRACT]: "      operationId: a\n      responses:\n        default: {$ref: '#/components/responses/Problem'}\n"},
};

// Tests are drawn from the table of lifecycles by its lines: a row that is spread over two would have none.
const LIFECYCLE = 'src/domain/lifecycle.c';

export const lifecycleRows = {
  name: 'lifecycle-rows',
  check(project, report) {
    if (!project.has(LIFECYCLE)) return;
    for (const [index, line] of project.lines(LIFECYCLE).entries())
      if (/^ +[A-Z_]+\("/.test(line) && !/^ +[A-Z_]+\("\w+", "\w+", [A-Z_]+, (true|false)\),( +\/\* .* \*\/)?$/.test(line))
        report(LIFECYCLE, index + 1, 'one row a line: THING("from", "to", PERMISSION, reason),');
  },
  wrong: [
    {[LIFECYCLE]: '    DRAFT("a", "b", DRAFT_ISSUE,\n          false),\n'},
    {[LIFECYCLE]: '    DRAFT("a", "b", DRAFT_ISSUE, false), DRAFT("a", "c", DRAFT_ISSUE, false),\n'},
  ],
  right: {[LIFECYCLE]: '    DRAFT("a", "b", DRAFT_ISSUE, false), /* I6 */\n\n    INFO_REQUEST("a", "b", CITIZEN, true),\n'},
};

// A code that nobody can answer with is a promise to clients that nothing keeps, as is one that the contract hides.
export const problems = {
  name: 'problems',
  check(project, report) {
    if (!project.has(PROBLEMS)) return;
    const texts = project.paths(/^((src|api)\/.*\.(c|h|sql|def)|migrations\/.*\.sql)$/).map((file) => project.text(file)).join('\n');
    const told = project.has(CONTRACT) ? codesIn(project) : undefined;
    const codes = rowsIn(project, PROBLEMS, 'PROBLEM');
    for (const {line, first} of codes) {
      if (!new RegExp(`\\bPROBLEM_${first}\\b|\\brefused\\(${first}\\)|['"]${first}['"]`).test(texts))
        report(PROBLEMS, line, `nothing answers with ${first}`);
      if (told && !told.has(first)) report(PROBLEMS, line, `${first} is not in the contract's ProblemCode`);
    }
    for (const code of told ?? [])
      if (!codes.some(({first}) => first === code)) report(CONTRACT, 0, `ProblemCode ${code} has no row`);
  },
  wrong: [
    {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\n', 'src/a.c': 'PROBLEM_gone_away\n'},
    {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\n', 'src/a.c': 'PROBLEM_gone\n',
      [CONTRACT]: '    ProblemCode:\n      type: string\n      enum:\n        - lost\n'},
  ],
  right: {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\nPROBLEM(lost, 404, "a", "b")\n',
    'src/a.c': 'refused(gone)', 'api/a.sql': "SELECT 'lost' AS _problem",
    [CONTRACT]: '    ProblemCode:\n      enum:\n        - gone\n        - lost\n'},
};

// A refusal that no test provokes is a promise to clients that nobody checks.
export const problemsTried = {
  name: 'problems-tried',
  check(project, report) {
    if (!project.has(PROBLEMS)) return;
    const tests = project.paths(/^tests\/((api|cli|faults|lib)\/.*\.mjs|unit\/.*\.c)$/)
      .map((file) => project.text(file)).join('\n');
    for (const {line, first} of rowsIn(project, PROBLEMS, 'PROBLEM'))
      if (!new RegExp(`(['"\`])(\\d{3} )?${first}\\1`).test(tests)) report(PROBLEMS, line, `no test provokes ${first}`);
  },
  wrong: [
    {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\n'},
    {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\n', 'tests/api/a.test.mjs': "// gone\nrefused(x, 410, 'gone_away');\n"},
  ],
  right: {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\nPROBLEM(lost, 404, "a", "b")\n',
    'tests/api/a.test.mjs': "refused(x, 410, 'gone');\n", 'tests/unit/test_a.c': 'verdict("404 lost");\n'},
};

function codesIn(project) {
  const list = /^ +ProblemCode:\n(?:.*\n)*?( +)enum:\n((?:\1 +- \w+\n)*)/m.exec(project.text(CONTRACT))?.[2] ?? '';
  return new Set([...list.matchAll(/- (\w+)/g)].map((match) => match[1]));
}
