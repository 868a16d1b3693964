// Shows the contract that this very server was started with. Everything comes from the server itself, so the
// page works without the internet and under a policy that allows no inline script.
const NARROW_PX = 600;

window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#contract',
  deepLinking: true,
  docExpansion: window.innerWidth < NARROW_PX ? 'none' : 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: false,
  persistAuthorization: false, // a key must not outlive the page
  validatorUrl: null,          // nothing leaves this server
  presets: [SwaggerUIBundle.presets.apis],
  onComplete: markPersian,
});

// Descriptions are Persian or English, paragraph by paragraph: let the browser decide each direction.
function markPersian() {
  const contract = document.getElementById('contract');
  const mark = () => contract
    .querySelectorAll('.renderedMarkdown :is(p, li):not([dir]), .opblock-summary-description:not([dir])')
    .forEach((element) => element.setAttribute('dir', 'auto'));
  mark();
  new MutationObserver(mark).observe(contract, {childList: true, subtree: true});
}
