// Who may include whom (a layer that reaches upwards), and which library belongs to which layer.

const LOWER = {
  base: [],
  domain: ['base'],
  contract: ['base'],
  db: ['base'],
  http: ['contract', 'db', 'domain', 'base'],
  api: ['http', 'contract', 'db', 'domain', 'base'],
  worker: ['db', 'domain', 'base'],
  main: ['worker', 'api', 'http', 'contract', 'db', 'domain', 'base'],
};
const WITH_STATEMENTS = ['http', 'api', 'worker', 'main']; // the generated statements.h
const LIBRARIES = {'microhttpd.h': 'http', 'libpq-fe.h': 'db', 'yaml.h': 'contract', 'curl/curl.h': 'worker',
  'magic.h': 'http'};

const SOURCE = /^(src|include|api)\/.*\.[ch]$/;

function layerOf(file) {
  const [top, folder] = file.split('/');
  if (top === 'api') return 'api';
  return folder in LOWER ? folder : 'main';
}

function* includes(project) {
  for (const file of project.paths(SOURCE)) {
    for (const [index, line] of project.lines(file).entries()) {
      const match = /^\s*#\s*include\s+["<]([^">]+)[">]/.exec(line);
      if (match) yield {file, line: index + 1, layer: layerOf(file), header: match[1]};
    }
  }
}

export const layers = {
  name: 'layers',
  check(project, report) {
    for (const {file, line, layer, header} of includes(project)) {
      const other = header.split('/')[0];
      if (header === 'statements.h' && !WITH_STATEMENTS.includes(layer))
        report(file, line, `${layer} may not know the statements`);
      else if (header.includes('/') && other in LOWER && other !== layer && !LOWER[layer].includes(other))
        report(file, line, `${layer} may not include ${header}: ${other} is not below it`);
    }
  },
  wrong: [
    {'src/base/a.c': '#include "db/db.h"\n'},
    {'include/domain/a.h': '#include "http/request.h"\n'},
    {'src/db/a.c': '#include "statements.h"\n'},
  ],
  right: {'api/a.c': '#include "http/reply.h"\n#include "statements.h"\n', 'src/cli.c': '#include "api/api.h"\n',
    'src/db/a.c': '#include "db/rows.h"\n#include "wire.h"\n'},
};

export const libraries = {
  name: 'libraries',
  check(project, report) {
    for (const {file, line, layer, header} of includes(project))
      if (header in LIBRARIES && !(file.startsWith('src/') && layer === LIBRARIES[header]))
        report(file, line, `<${header}> belongs to src/${LIBRARIES[header]} alone`);
  },
  wrong: [{'api/a.c': '#include <microhttpd.h>\n'}, {'include/db/a.h': '#include <libpq-fe.h>\n'}],
  right: {'src/http/a.c': '#include <microhttpd.h>\n', 'src/contract/a.c': '#include <yaml.h>\n'},
};
