// An OpenID Connect provider on loopback, and citizens who sign in there: the authorization code flow with PKCE, as a
// browser would go through it, up to the ID token.
import {createHash, generateKeyPairSync, randomBytes} from 'node:crypto';
import http from 'node:http';
import Provider from 'oidc-provider';
import {freePort} from './server.mjs';

export const CLIENT = 'mosharekat';
const REDIRECT = 'http://127.0.0.1/back';
const KEYS = {
  RS256: () => generateKeyPairSync('rsa', {modulusLength: 2048}),
  ES256: () => generateKeyPairSync('ec', {namedCurve: 'P-256'}),
};

export const newKey = (alg = 'RS256', kid = randomBytes(4).toString('hex')) =>
  ({...KEYS[alg]().privateKey.export({format: 'jwk'}), use: 'sig', alg, kid});

// `keys` are private JWKs; the first signs.
export async function startProvider(keys = [newKey()]) {
  const port = await freePort();
  const provider = new ProviderOnLoopback(`http://127.0.0.1:${port}`, keys);
  await provider.listen(port);
  return provider;
}

class ProviderOnLoopback {
  requests = [];

  constructor(issuer, keys) {
    this.issuer = issuer;
    this.use(keys);
  }

  // From now on these keys.
  use(keys) {
    const alg = keys[0].alg;
    const oidc = new Provider(this.issuer, {
      clients: [{client_id: CLIENT, token_endpoint_auth_method: 'none', redirect_uris: [REDIRECT],
        application_type: 'native', id_token_signed_response_alg: alg}],
      enabledJWA: {idTokenSigningAlgValues: ['RS256', 'ES256']},
      jwks: {keys}, cookies: {keys: ['loopback']}, ttl: {IdToken: 3600, AccessToken: 3600, AuthorizationCode: 60},
    });
    this.callback = oidc.callback();
  }

  listen(port) {
    this.server = http.createServer((request, response) => {
      this.requests.push(request.url);
      this.callback(request, response);
    });
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  // The ID token of a citizen who signs in under this name.
  async signIn(login) {
    const browser = new Browser(this.issuer);
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({client_id: CLIENT, response_type: 'code', scope: 'openid', redirect_uri: REDIRECT,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256'});
    let at = await browser.get(`/auth?${query}`);
    at = await browser.get(await browser.post(at, {prompt: 'login', login, password: 'x'}));
    at = await browser.get(await browser.post(at, {prompt: 'consent'}));
    const answer = await fetch(`${this.issuer}/token`, {method: 'POST', body: new URLSearchParams({client_id: CLIENT,
      grant_type: 'authorization_code', code: new URL(at).searchParams.get('code'), redirect_uri: REDIRECT,
      code_verifier: verifier})});
    return (await answer.json()).id_token;
  }
}

// Follows no redirect by itself, keeps cookies.
class Browser {
  cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  // Where the answer leads to.
  async #go(location, options) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(location, this.origin), {...options, headers: {cookie}, redirect: 'manual'});
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split('=');
      this.cookies.set(name, value);
    }
    return answer.headers.get('location');
  }

  get(location) {
    return this.#go(location);
  }

  post(location, form) {
    return this.#go(location, {method: 'POST', body: new URLSearchParams(form)});
  }
}
