// Runs rules over a project and settles them with the exceptions named in the source. A rule is
// {name, check(project, report), wrong, right}; report(file, line, message), where line 0 is the whole file.

export function checkRules(rules, project) {
  const reports = rules.flatMap((rule) => {
    const found = [];
    rule.check(project, (file, line, message) => found.push({rule: rule.name, file, line, message}));
    return found;
  });
  const allows = project.allows();
  const known = new Set(rules.map((rule) => rule.name));
  const left = reports.filter((report) => !excuse(report, allows));
  return {
    faults: [...left, ...allows.flatMap((allow) => faultOf(allow, known))],
    excused: reports.length - left.length,
  };
}

// An exception covers its own line and the next one, or the whole file for what concerns the whole file.
function excuse(report, allows) {
  const allow = allows.find((a) => a.rule === report.rule && a.file === report.file && a.reason !== ''
    && (report.line === 0 || a.line === report.line || a.line === report.line - 1));
  if (allow) allow.isUsed = true;
  return allow !== undefined;
}

function faultOf(allow, known) {
  const fault = (message) => [{rule: 'exceptions', file: allow.file, line: allow.line, message}];
  if (!known.has(allow.rule)) return fault(`there is no rule ${allow.rule}`);
  if (allow.reason === '') return fault(`the exception from ${allow.rule} gives no reason`);
  return allow.isUsed ? [] : fault(`nothing here needs an exception from ${allow.rule}`);
}
