// The main job from beginning to end, as somebody who writes a client would write it: checked by the compiler against
// the types that the contract gives, and run by tour.test.mjs.

/**
 * @typedef {import('openapi-fetch').Client<import('./schema.d.ts').paths>} Client
 * @typedef {import('./schema.d.ts').components['schemas']} Schemas
 * @typedef {{expert: Client, head: Client, moderator: Client, approver: Client, office: Client}} Staff
 * @typedef {{org: string, staff: Staff, citizen: Client, untilClosed: (draft: Schemas['Draft']) => Promise<void>}} Job
 */

/**
 * @template T
 * @param {{data?: T, error?: unknown}} result
 * @returns {T}
 */
function dataOf({data, error}) {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

/**
 * @param {Job} job
 * @param {Client} who
 * @param {string} id
 * @param {Schemas['DraftTransition']} body
 */
async function move({org}, who, id, body) {
  const path = {org, id};
  const {response} = await who.GET('/v1/orgs/{org}/drafts/{id}', {params: {path}});
  const header = {'If-Match': response.headers.get('ETag') ?? ''};
  return dataOf(await who.POST('/v1/orgs/{org}/drafts/{id}/transitions', {params: {path, header}, body}));
}

/**
 * @param {Job} job
 * @param {string} id
 * @param {string} text
 */
async function commentAndFollow({org, citizen}, id, text) {
  const receipt = dataOf(await citizen.POST('/v1/orgs/{org}/drafts/{id}/comments', {
    params: {path: {org, id}, header: {'Idempotency-Key': crypto.randomUUID()}},
    body: {text, position: 'against', audience: 'citizen'},
  }));
  const header = {'Tracking-Code': receipt.tracking_code};
  return {receipt, follow: async () => dataOf(await citizen.GET('/v1/track', {params: {header}}))};
}

/**
 * @param {Job} job
 * @param {string} id of a comment
 */
async function publishComment({org, staff}, id) {
  const params = {path: {org, id}, header: {'If-Match': '*'}};
  dataOf(await staff.moderator.POST('/v1/orgs/{org}/comments/{id}/transitions', {params, body: {to: 'published'}}));
}

/**
 * @param {Job} job
 * @param {string} id of a comment
 * @param {Schemas['DispositionNew']} body
 */
async function answerComment({org, staff}, id, body) {
  const params = {path: {org, id}, header: {'If-Match': '*'}};
  dataOf(await staff.expert.PUT('/v1/orgs/{org}/comments/{id}/disposition', {params, body}));
  dataOf(await staff.head.PUT('/v1/orgs/{org}/comments/{id}/disposition', {params, body}));
}

/**
 * A draft from preparing to its approval, with one comment that is answered and a text that is amended for it.
 * @param {Job} job
 * @param {Schemas['DraftNew']} draftNew
 */
async function approved(job, draftNew) {
  const {org, staff} = job;
  const {id} = dataOf(await staff.expert.POST('/v1/orgs/{org}/drafts', {params: {path: {org}}, body: draftNew}));
  const open = await move(job, staff.head, id, {to: 'published'});
  const {receipt, follow} = await commentAndFollow(job, id, 'برای خانوارهای کم‌درآمد سنگین است.');
  await publishComment(job, receipt.id);
  await job.untilClosed(open);

  const {clauses} = await move(job, staff.head, id, {to: 'reviewing'});
  await answerComment(job, receipt.id, {disposition: 'accepted', reason: 'پلکان نخست کاهش یافت.'});
  const [first] = clauses ?? [];
  dataOf(await staff.expert.POST('/v1/orgs/{org}/drafts/{id}/versions', {
    params: {path: {org, id}, header: {'If-Match': '*'}},
    body: {
      clauses: [{...first, text: `${first.text} برای دهک‌های یک تا سه نصف می‌شود.`}],
      changelog: 'تخفیف دهک‌های پایین', clause_map: [{change: 'changed', from: [first.id], to: [first.id]}],
    },
  }));
  await move(job, staff.approver, id, {to: 'approved'});
  return {id, follow};
}

/** @param {Job} job */
export async function tariffToSent(job) {
  const {id, follow} = await approved(job, {
    kind: 'tariff', title: 'تعرفهٔ خدمات آب شرب روستایی', summary: 'آب‌بهای روستایی برای سال ۱۴۰۶',
    clauses: [{heading: 'ماده ۱', text: 'آب‌بهای هر مترمکعب ۲۰۰۰ ریال است.'}], accepts_late: false,
  });
  const draft = await move(job, job.staff.office, id, {to: 'sent', authority: 'هیئت وزیران', letter_number: '۱۲۳/ص'});
  return {draft, comment: await follow()};
}

/** @param {Job} job */
export async function directiveToPromulgated(job) {
  const {id, follow} = await approved(job, {
    kind: 'directive', title: 'دستورالعمل پارکینگ‌های حاشیه‌ای', summary: 'بهای توقف در معابر',
    clauses: [{heading: 'ماده ۱', text: 'بهای هر ساعت توقف ۲۰۰۰۰ ریال است.'}], accepts_late: false,
  });
  const draft = await move(job, job.staff.office, id, {to: 'promulgated', number: '۴۵/۶', date: '2027-01-10'});
  return {draft, comment: await follow()};
}
