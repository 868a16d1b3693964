// The judging of the samples' suggestions: experts give opinions, a committee of three scores in sessions, and what was
// approved is rewarded.
import {call} from './client.mjs';
import {person} from './staff.mjs';

const CODE = 'judging';
const SEATS = [['chair', 'chair', 'شهین امینی'], ['member', 'member', 'علی کریمی'], ['member', 'member', 'مریم احمدی']];
const CRITERIA = [
  {code: 'benefit', weight: 3, max_points: 10, title_fa: 'سودمندی برای مردم', title_en: 'Benefit to the public'},
  {code: 'cost', weight: 2, max_points: 10, title_fa: 'صرفه و شدنی بودن', title_en: 'Cost and feasibility'},
  {code: 'novelty', weight: 1, max_points: 10, title_fa: 'نوآوری', title_en: 'Novelty'},
];
const committees = new Map();

const expertOf = (org) => person(org, 'expert', 'کاوه نادری');
const at = ({org, id}, rest = '') => `/v1/orgs/${org}/suggestions/${id}${rest}`;

export async function review(story, recommendation, text) {
  const expert = await expertOf(story.org);
  await call('POST', at(story, '/transitions'), {to: 'expert_review', experts: [{key_id: expert.id}]});
  if (text) await call('POST', at(story, '/opinions'), {text, recommendation, no_conflict: true}, {as: expert});
}

function committeeOf(org) {
  if (!committees.has(org)) committees.set(org, found(org));
  return committees.get(org);
}

async function found(org) {
  const base = `/v1/orgs/${org}/committees/${CODE}`;
  await call('POST', `/v1/orgs/${org}/committees`, {code: CODE, name_fa: 'کمیتهٔ داوری پیشنهادها',
    name_en: 'Judging committee', quorum: {members: 2, numerator: 2, denominator: 3}});
  await call('PUT', `${base}/criteria`, CRITERIA);
  const members = [];
  for (const [role, office, name] of SEATS) {
    const who = await person(org, role, name);
    const {id: seat} = await call('POST', `${base}/members`, {key_id: who.id, name, office});
    members.push({...who, seat});
  }
  return {base, members};
}

// A session about one suggestion; `scores` are the points by criterion of each member.
export async function judge(story, heldAt, scores, minutes) {
  const {base, members} = await committeeOf(story.org);
  await call('POST', at(story, '/transitions'), {to: 'committee'});
  const {number} = await call('POST', `${base}/sessions`, {held_at: heldAt, place: 'سالن جلسات استانداری'});
  const session = `${base}/sessions/${number}`;
  const item = `${session}/items/${story.id}`;
  await call('PUT', item);
  await call('POST', `${session}/transitions`, {to: 'open', present: members.map(({seat}) => seat)});
  for (const [i, member] of members.entries()) {
    const points = CRITERIA.map(({code: criterion}, j) => ({criterion, points: scores[i][j]}));
    await call('PUT', `${item}/ballot`, {points, submit: true}, {as: member});
  }
  await call('PATCH', session, {minutes});
  await call('POST', `${session}/transitions`, {to: 'closed'});
}

// A session that is still to come, with the suggestion on its agenda.
export async function summon(story, heldAt) {
  const {base} = await committeeOf(story.org);
  await call('POST', at(story, '/transitions'), {to: 'committee'});
  const {number} = await call('POST', `${base}/sessions`, {held_at: heldAt, place: 'سالن جلسات استانداری'});
  await call('PUT', `${base}/sessions/${number}/items/${story.id}`);
}

export async function decide(story, transition) {
  const [chair] = (await committeeOf(story.org)).members;
  await call('POST', at(story, '/transitions'), transition, {as: chair});
}

// Proposed by the chair, granted, and paid to the first `paid` of those who share it.
export async function reward(story, {amount, lines}) {
  const [chair] = (await committeeOf(story.org)).members;
  const {id} = await call('POST', at(story, '/rewards'), {for: 'submitters', amount}, {as: chair});
  const one = at(story, `/rewards/${id}`);
  await call('POST', `${one}/decision`, {});
  for (let line = 0; line < lines; line++)
    await call('POST', `${one}/payments`, {line, reference: `حوالهٔ ۱۴۰۵/${(331 + line).toLocaleString('fa')}`});
}
