// One thing of every kind that an organisation can have, and the operations of the contract with what they need: for
// tests that go through all of them.
import {randomUUID} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import YAML from 'yaml';
import {caseworkOf} from './casework.mjs';
import {chamberOf, points} from './committee.mjs';
import {done} from './client.mjs';
import {deskOf, later} from './desk.mjs';
import {SAMPLES} from './files.mjs';
import {newSurvey, pollOf} from './poll.mjs';
import {ROOT} from './server.mjs';
import {treasuryOf} from './treasury.mjs';

const CONTRACT = YAML.parse(fs.readFileSync(path.join(ROOT, 'openapi.yaml'), 'utf8'));
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const resolved = (node) => (node?.$ref ? resolved(node.$ref.slice(2).split('/').reduce((at, key) => at[key], CONTRACT)) : node);

// What the contract gives no example of, or one that suits another thing.
const BODIES = {
  changeContact: {title_fa: 'تلفن‌خانهٔ مرکزی'},
  createDraftVersion: {clauses: [{heading: 'ماده ۱', text: 'متن تازه'}], changelog: 'مادهٔ ۱ روشن‌تر شد.'},
  disposeOfCampaign: {disposition: 'accepted', reason: 'پذیرفته شد.'},
  changeFaq: {answer: 'حداکثر ده روز کاری.'},
  answerSurvey: {version: 1, answers: {agree: 'yes'}},
  createSurveyVersion: {questions: newSurvey().questions, changelog: 'پرسش روشن‌تر شد.'},
  uploadAttachment: SAMPLES['application/pdf'].bytes,
};

// What a query must say, where it must say something.
const QUERIES = {diffDraft: '?from=1&to=1', getSurveyResultsSvg: '?question=agree', search: '?q=آب'};

function bodyOf(id, node) {
  const [[type, media] = []] = Object.entries(resolved(node)?.content ?? {});
  const body = BODIES[id] ?? media?.example ?? Object.values(media?.examples ?? {})[0]?.value;
  return type && {type, body: Buffer.isBuffer(body) ? body : JSON.stringify(body)};
}

// {id, method, path, security, needs (names of path parameters), headers, body} of every operation under /v1.
export const OPERATIONS = Object.entries(CONTRACT.paths).filter(([at]) => at.startsWith('/v1/')).flatMap(([at, item]) =>
  METHODS.filter((method) => item[method]).map((method) => {
    const {operationId: id, security, parameters = [], requestBody} = item[method];
    const declared = [...item.parameters ?? [], ...parameters].map(resolved);
    return {id, method: method.toUpperCase(), path: at, security, body: requestBody && bodyOf(id, requestBody),
      needs: declared.filter((one) => one.in === 'path').map((one) => one.name),
      isConditional: declared.some((one) => one.name === 'If-Match')};
  }));

// Which of the things a path speaks of: the word before its first parameter after the organisation.
const kindOf = (at) => /\{org\}\/(suggestions\/public|info-requests\/public|calendar\/days|[a-z-]+)\/\{/.exec(at)?.[1];

// The request of an operation about `things`; `changes` are path parameters that are otherwise.
export function requestOf(operation, things, {key, changes = {}, org = things.org} = {}) {
  const values = {...things.nested, ...things.of[kindOf(operation.path)], org, ...changes};
  const target = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? randomUUID()));
  return [`${target}${QUERIES[operation.id] ?? ''}`, {method: operation.method, body: operation.body?.body, headers: {
    ...(operation.body && {'Content-Type': operation.body.type}), ...(key && {Authorization: `Bearer ${key}`}),
    ...(operation.isConditional && {'If-Match': '*'}), 'Device-Token': randomUUID()}}];
}

// Makes them: {org, of: {drafts: {id}, ...}, nested: {n, response, ...}}. `mark` makes the codes of one set its own.
export async function holdingsOf(house, org, mark) {
  const [office, desk, poll] = [await caseworkOf(house, org), await deskOf(house, org), await pollOf(house, org)];
  const post = async (name, body) => done(await office.admin.POST(`/v1/orgs/{org}/${name}`,
    {params: {path: {org}}, body}), 201);

  const draft = await desk.opened({}, {closes_at: later(await house.now(), 40)});
  const comments = [];
  for (let i = 0; i < 3; i++) comments.push(await desk.filed(draft.id, {text: `یک نظر از چند نظر همانند ${mark}`}));
  const {campaign_id: campaign} = done(await desk.getComment(comments[0].id));
  const survey = await poll.running({mode: 'open', anonymised: false});
  const {id: response} = done(await poll.answer(survey.id, {agree: 'yes'}), 201);

  const file = done(await house.anyone.POST('/v1/orgs/{org}/attachments', {params: {path: {org}}, body: BODIES.uploadAttachment,
    headers: {'Content-Type': 'application/octet-stream'}, bodySerializer: (bytes) => bytes}), 201);
  const complaint = await office.filed('complaint', {attachments: [file.id]});
  const message = await office.filed('message', {channel: 'sms'}, {who: office.admin});
  const reply = done(await office.reply('message', message.id, {text: 'رسید.'}), 201);
  const request = await office.made('info_request', 'answered_full');
  done(await office.admin.PUT('/v1/orgs/{org}/info-requests/{id}/publication', {params: {path: {org, id: request.id},
    header: {'If-Match': '*'}}, body: {title: 'هزینهٔ پل', question: 'چقدر بود؟', answer: 'دوازده میلیارد ریال.'}}));
  const chamber = await chamberOf(house, org);
  const committee = await chamber.seated();
  const suggestion = await chamber.before();
  await committee.opened([]);
  const number = await committee.opened([suggestion]);
  done(await committee.vote(number, suggestion, committee.chair, {points: points(8, 10), submit: false}));
  const treasury = treasuryOf(office);
  const [rewarded, reward] = await treasury.granted();

  const things = {
    drafts: {id: draft.id, campaign}, comments: {id: comments[0].id}, surveys: {id: survey.id},
    services: {code: `service-${mark}`}, faq: {code: `faq-${mark}`}, contact: {code: `contact-${mark}`},
    subjects: await post('subjects', {kind: 'decision', title: 'تصمیم', text: 'متن'}),
    measures: await post('measures', {title: 'اقدام', text: 'متن', state: 'planned'}),
    complaints: complaint, messages: message, deliveries: reply, 'info-requests': request, 'info-requests/public': request,
    attachments: file, suggestions: {id: rewarded}, 'suggestions/public': {id: rewarded},
    committees: {code: committee.code},
    'calendar/days': await post('calendar/days', {date: '2026-12-06', kind: 'closure', title: 'سرما'}),
  };
  await post('services', {code: things.services.code, title_fa: 'خدمت'});
  await post('faq', {code: things.faq.code, question: 'پرسش؟', answer: 'پاسخ'});
  await post('contact', {code: things.contact.code, kind: 'phone', title_fa: 'تلفن', as_published: '۰۳۱', address: 'tel:+983132200000'});
  return {org, of: things, office, desk, poll, committee, nested: {n: 1, response, campaign, number, suggestion,
    member: committee.members[2], reward: reward.id, entry: done(await treasury.list(rewarded)).items[0].entries?.[0]?.id}};
}
