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

// A code that nobody can answer with is a promise to clients that nothing keeps.
export const problems = {
  name: 'problems',
  check(project, report) {
    if (!project.has(PROBLEMS)) return;
    const texts = project.paths(/^(src|api)\/.*\.(c|h|sql|def)$/).map((file) => project.text(file)).join('\n');
    for (const {line, first} of rowsIn(project, PROBLEMS, 'PROBLEM'))
      if (!new RegExp(`\\bPROBLEM_${first}\\b|['"]${first}['"]`).test(texts))
        report(PROBLEMS, line, `nothing answers with ${first}`);
  },
  wrong: [{[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\n', 'src/a.c': 'PROBLEM_gone_away\n'}],
  right: {[PROBLEMS]: 'PROBLEM(gone, 410, "a", "b")\nPROBLEM(lost, 404, "a", "b")\n',
    'src/a.c': 'reply_problem(PROBLEM_gone)', 'api/a.sql': "SELECT 'lost' AS _problem"},
};
