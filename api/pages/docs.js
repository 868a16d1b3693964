// Shows the contract that this very server was started with. Everything comes from the server itself, so the
// page works without the internet and under a policy that allows no inline script.
//
// The tags start closed. From some 150 open rows on, Swagger UI keeps only those near the window in the document: they
// come as one scrolls, but the browser's own search does not find them.

// The box above the list looks in tags, paths, names and summaries, and opens what it finds.
const findOperations = {
  fn: {
    opsFilter(taggedOps, phrase) {
      const wanted = phrase.trim().toLowerCase();
      const has = (text) => (text ?? '').toLowerCase().includes(wanted);
      const isWanted = (op) => has(`${op.get('method')} ${op.get('path')}`) ||
        ['operationId', 'summary'].some((member) => has(op.getIn(['operation', member])));
      return taggedOps
        .map((tagged, tag) => (has(tag) ? tagged : tagged.update('operations', (ops) => ops.filter(isWanted))))
        .filter((tagged) => !tagged.get('operations').isEmpty());
    },
  },
  statePlugins: {
    layout: {
      wrapSelectors: {
        isShown: (isShown, system) => (_state, thing, byDefault) => {
          const phrase = system.layoutSelectors.currentFilter();
          const isFound = thing[0] === 'operations-tag' && typeof phrase === 'string' && phrase.trim() !== '';
          return isShown(thing, byDefault || isFound);
        },
      },
    },
  },
};

window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#contract',
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: false,
  persistAuthorization: false, // a key must not outlive the page
  validatorUrl: null,          // nothing leaves this server
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [findOperations],
  onComplete: finish,
});

function finish() {
  markPersian();
  // Swagger UI would say that it looks in tags only.
  const box = document.querySelector('.operation-filter-input');
  box.placeholder = 'Find a path, a name or a word';
  box.setAttribute('aria-label', box.placeholder);
}

// Descriptions are Persian or English, paragraph by paragraph: let the browser decide each direction.
function markPersian() {
  const contract = document.getElementById('contract');
  const mark = () => contract
    .querySelectorAll('.renderedMarkdown :is(p, li):not([dir]), .opblock-summary-description:not([dir])')
    .forEach((element) => element.setAttribute('dir', 'auto'));
  mark();
  new MutationObserver(mark).observe(contract, {childList: true, subtree: true});
}
