// How tests call the server: the client that openapi-fetch makes of the contract, and what they expect of answers.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';

/**
 * @param {string} url
 * @param {string} [key] of staff
 * @param {Record<string, string>} [headers] of every request
 * @returns {import('openapi-fetch').Client<import('../api/schema.d.ts').paths>}
 */
export function clientOf(url, key, headers = {}) {
  return createClient({baseUrl: url, headers: {...(key && {Authorization: `Bearer ${key}`}), ...headers}});
}

export const etagOf = ({response}) => response.headers.get('ETag');

// The body of an answer that must be a success.
export function done({data, error, response}, status = 200) {
  assert.equal(response.status, status, `${response.url}: ${JSON.stringify(error)}`);
  return data;
}

// The problem document of an answer that must be this refusal. `members` are compared as they are.
export function refused({error, response}, status, code, members = {}) {
  assert.equal(`${response.status} ${error?.code}`, `${status} ${code}`, JSON.stringify(error));
  assert.equal(response.headers.get('Content-Type'), 'application/problem+json; charset=utf-8');
  assert.equal(error.status, status);
  assert.equal(error.type, `/v1/problems#${code}`);
  assert.equal(error.request_id, response.headers.get('X-Request-Id'));
  for (const [name, value] of Object.entries(members)) assert.deepEqual(error[name], value, name);
  return error;
}

// Refused with exactly these faults, each written as 'body /pointer code'.
export function faulty(result, ...faults) {
  const {errors} = refused(result, 422, 'validation_failed');
  assert.deepEqual(errors.map((fault) => `${fault.in} ${fault.pointer} ${fault.code}`).sort(), faults.sort());
  return errors;
}

// All items of a list, page by page, `limit` at a time.
export async function allPages(get, limit) {
  const pages = [];
  for (let cursor; cursor !== null && pages.length < 1000;) {
    const {items, next} = done(await get({limit, ...(cursor && {cursor})}));
    pages.push(items);
    cursor = next;
  }
  return pages;
}
