// Texts: what may not stand anywhere, what must be told the same way twice.

const FORBIDDEN = [
  [/(?<![\w.])\/(work\/\w|tmp\/(?!mosharekat)\w)/, 'a path of one machine'],
  [/registry\.(npmjs|yarnpkg)|deb\.debian\.org|files\.pythonhosted|npmmirror/, 'the address of a package registry'],
  [/\b(TODO|FIXME|XXX)\b/, 'unfinished work belongs into an issue'],
];
const READ = /\.(c|h|def|sql|sh|mjs|js|css|html|md|yaml|yml|json|cmake|txt|awk|service|conf)$|^(script|\.ci)\/[^.]*$/;

export const forbiddenWords = {
  name: 'forbidden-words',
  check(project, report) {
    for (const file of project.paths(READ).filter((path) => !path.startsWith('tests/lint/')))
      for (const [index, line] of project.lines(file).entries())
        for (const [pattern, why] of FORBIDDEN)
          if (pattern.test(line)) report(file, index + 1, `${pattern.exec(line)[0]}: ${why}`);
  },
  wrong: [{'README.md': 'see /work/here\n'}, {'src/a.c': '/* TODO: later */\n'}, {'script/a': 'cd /tmp/me\n'}],
  right: {'README.md': 'a framework/tmp/x of src/work/a.c\n', 'src/a.c': 'mkdtemp("/tmp/mosharekat-XXXXXX"); /* no to-do */\n'},
};

export const lockFiles = {
  name: 'lock-files',
  check(project, report) {
    for (const file of project.paths(/(^|\/)package-lock\.json$/))
      for (const [index, line] of project.lines(file).entries())
        if (/"resolved":/.test(line)) return report(file, index + 1, 'a lock file without download addresses, please');
    return undefined;
  },
  wrong: [{'tests/package-lock.json': '{\n"resolved": "x"\n}\n'}],
  right: {'tests/package-lock.json': '{\n"version": "1"\n}\n'},
};

const SETTINGS = 'include/base/settings.def';
const README = 'README.md';
const ROW = /^SETTING_(\w+)\((\w+), "([^"]*)"(?:, (?:"([^"]*)"|(\d+)), (?:"([^"]*)"|(\d+)))?, "((?:[^"\\]|\\.)*)"\)$/;

// The README's table as settings.def has it; `script/lint --settings` prints it for pasting.
export function settingsTable(project) {
  const rows = project.lines(SETTINGS).flatMap((line) => {
    const match = ROW.exec(line);
    if (!match) return [];
    const [, type, name, fallback, leastText, least, mostText, most, help] = match;
    const limits = leastText ?? least ? `${leastText ?? least} – ${mostText ?? most}` : '';
    return [`| \`${name}\` | ${type.toLowerCase()} | ${fallback && `\`${fallback}\``} | ${limits} | ${help} |`];
  });
  return ['| setting | type | default | limits | |', '|---|---|---|---|---|', ...rows].join('\n');
}

export const readmeSettings = {
  name: 'readme-settings',
  check(project, report) {
    if (!project.has(README) || !project.has(SETTINGS)) return;
    const told = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(project.text(README))?.[1];
    if (told === undefined) report(README, 0, 'no table between <!-- settings --> and <!-- /settings -->');
    else if (told.trim() !== settingsTable(project))
      report(README, 0, `the table of settings is not that of ${SETTINGS}: paste what script/lint --settings prints`);
  },
  wrong: [{[README]: 'hello\n', [SETTINGS]: ''},
    {[README]: '<!-- settings -->\n| old |\n<!-- /settings -->\n', [SETTINGS]: 'SETTING_BOOL(a, "off", "b")\n'}],
  right: {[README]: '<!-- settings -->\n| setting | type | default | limits | |\n|---|---|---|---|---|\n'
    + '| `a` | int | `1` | 1 – 2 | b |\n<!-- /settings -->\n', [SETTINGS]: 'SETTING_INT(a, "1", 1, 2, "b")\n'},
};
