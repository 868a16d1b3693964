// Fills a fresh state: the drafts of stories.mjs, the cases, suggestions and surveys of the files named like them live through
// their days, with the servers' clock moved along, so that windows open and close, and what is overdue is escalated, as it
// would have been. Everything goes through the API, as the administrator, staff with keys of their own, and the public.
import {randomUUID} from 'node:crypto';
import {cases} from './cases.mjs';
import {call, each, instant, setClock, travel} from './client.mjs';
import {commentsOn} from './comments.mjs';
import {openDesk} from './desk.mjs';
import {ideas} from './ideas.mjs';
import {decide, judge, review, reward, summon} from './judging.mjs';
import {stories} from './stories.mjs';
import {answersTo, surveys} from './surveys.mjs';

const SETTLED = ['accepted', 'partly', 'not_accepted', 'noted', 'out_of_scope'];
const REASONS = {
  accepted: 'پیشنهاد پذیرفته شد و در متن اصلاح‌شده آمده است.',
  partly: 'بخشی از پیشنهاد که در اختیار استانداری است در متن آمده است.',
  not_accepted: 'با توجه به منابع موجود و نظر کارشناسی در این دوره پذیرفته نشد.',
  noted: 'نظر شما در گزارش کارشناسی ثبت شد.',
  out_of_scope: 'موضوع در صلاحیت این مقرره نیست و به دستگاه مسئول ارجاع شد.',
};
const REJECTION = {to: 'rejected', reason_code: 'advertising', reason: 'متن تبلیغ است و به موضوع پیش‌نویس مربوط نیست.'};
const WITHHOLDING = {to: 'withheld', reason_code: 'personal_data', reason: 'متن شمارهٔ تلفن شخص دیگری را در بر دارد.'};

const tell = (text) => process.stderr.isTTY && process.stderr.write(`· ${text}\n`);
const base = (draft) => `/v1/orgs/${draft.org}/drafts/${draft.id}`;

const receive = (story, {id, tracking_code}) => Object.assign(story, {id, tracking_code});
const caseAt = ({org, kind, id}, rest) => `/v1/orgs/${org}/${kind}/${id}/${rest}`;
const surveyAt = ({org, id}, rest) => `/v1/orgs/${org}/surveys/${id}/${rest}`;

// What can happen to a complaint, a message or an information request on one of its days.
const aboutCases = {
  async file(story) {
    receive(story, await call('POST', `/v1/orgs/${story.org}/${story.kind}`, story.body, {asPublic: !story.byStaff}));
  },
  async step(story, _day, transition) {
    await call('POST', caseAt(story, 'transitions'), transition);
  },
  async note(story, _day, text) {
    await call('POST', caseAt(story, 'notes'), {text});
  },
  async reply(story, _day, text) {
    await call('POST', caseAt(story, 'replies'), {text});
  },
  async merge(story, _day, {into, reason}) {
    await call('POST', caseAt(story, 'merge'), {into: into.id, reason});
  },
  async convert(story, _day, conversion) {
    await call('POST', caseAt(story, 'convert'), conversion);
  },
  async citizen(story, _day, [deed, body]) {
    await call('POST', `/v1/track/${deed}`, body, {asPublic: true, more: {'Tracking-Code': story.tracking_code}});
  },
};

const aboutSurveys = {
  async ask(story) {
    story.id = (await call('POST', `/v1/orgs/${story.org}/surveys`, story.survey)).id;
    story.answered = 0;
  },
  async open(story, day, {opens, closes}) {
    await call('POST', surveyAt(story, 'transitions'),
      {to: 'scheduled', opens_at: opens && instant(day, opens), closes_at: instant(day, closes)});
  },
  async answers(story, _day, count) {
    const people = Array.from({length: count}, (_, i) => story.answered + i);
    story.answered += count;
    const device = () => (story.survey.mode === 'device' ? {'Device-Token': randomUUID()} : {});
    await each(people, (n) => call('POST', surveyAt(story, 'responses'), {version: 1, answers: answersTo[story.voice](n)},
      {asPublic: true, more: device()}));
  },
  async poll(story, _day, transition) {
    await call('POST', surveyAt(story, 'transitions'), transition);
  },
};

// What can happen to a draft or a suggestion on one of its days.
const acts = {
  async create(draft) {
    const {kind, title, summary, clauses, accepts_late = false} = draft;
    draft.id = (await call('POST', `/v1/orgs/${draft.org}/drafts`, {kind, title, summary, clauses, accepts_late})).id;
  },
  // `opens` and `closes` count days from this one; without them: now, and the earliest end of the promise.
  async publish(draft, day, {opens, closes} = {}) {
    const times = {opens_at: opens && instant(day, opens), closes_at: closes && instant(day, closes)};
    await call('POST', `${base(draft)}/transitions`, {to: 'published', ...times});
  },
  async comments(draft, _day, count) {
    await each(commentsOn(draft, count), (comment) => file(draft, comment));
  },
  async review(draft) {
    await call('POST', `${base(draft)}/transitions`, {to: 'reviewing'});
  },
  async amend(draft, _day, {changelog, clauses}) {
    const changed = new Set(clauses.map((clause) => clause.id));
    await call('POST', `${base(draft)}/versions`, {
      changelog,
      clauses: draft.clauses.map((clause) => clauses.find(({id}) => id === clause.id) ?? clause),
      clause_map: draft.clauses.map(({id}) => ({change: changed.has(id) ? 'changed' : 'kept', from: [id], to: [id]})),
    });
  },
  async dispose(draft, _day, share = 1) {
    const comments = (await queue(draft)).filter((comment) => comment.state === 'published');
    await each(comments.slice(0, Math.ceil(comments.length * share)).entries(), ([i, comment]) => {
      const disposition = comment.text.startsWith('ما ') ? 'partly' : SETTLED[i % SETTLED.length];
      return call('PUT', `/v1/orgs/${draft.org}/comments/${comment.id}/disposition`,
        {disposition, reason: REASONS[disposition]});
    });
  },
  async move(draft, _day, transition) {
    await call('POST', `${base(draft)}/transitions`, transition);
  },
  async promulgate(draft, day, number) {
    const date = instant(day, 0).slice(0, 10);
    await call('POST', `${base(draft)}/transitions`, {to: 'promulgated', number, date});
  },
  ...aboutCases,
  ...aboutSurveys,
  async suggest(story) {
    receive(story, await call('POST', `/v1/orgs/${story.org}/suggestions`, story.idea, {asPublic: true}));
  },
  async steer(story, _day, transition) {
    await call('POST', `/v1/orgs/${story.org}/suggestions/${story.id}/transitions`, transition);
  },
  async repeat(story, _day, {id}) {
    await call('POST', `/v1/orgs/${story.org}/suggestions/${story.id}/duplicate`,
      {of: id, reason: 'همین پیشنهاد پیش‌تر رسیده است؛ شما از حامیان آن شمرده شدید.'});
  },
  async experts(story, _day, {recommendation, text} = {}) {
    await review(story, recommendation, text);
  },
  async judge(story, day, {scores, minutes}) {
    await judge(story, instant(day, 0), scores, minutes);
  },
  async summon(story, day, days) {
    await summon(story, instant(day, days));
  },
  async verdict(story, _day, transition) {
    await decide(story, transition);
  },
  async reward(story, _day, detail) {
    await reward(story, detail);
  },
  async progress(story, _day, text) {
    await call('POST', `/v1/orgs/${story.org}/suggestions/${story.id}/progress`, {text});
  },
  async supporters(story, _day, count) {
    const devices = Array.from({length: count}, () => randomUUID());
    await each(devices, (device) => call('PUT', `/v1/orgs/${story.org}/suggestions/${story.id}/support`, undefined,
      {asPublic: true, more: {'Device-Token': device}}));
  },
};

// Most people come through a trusted client; the others wait for a moderator, who has not seen the newest ones yet.
async function file(draft, {moderation, ...comment}) {
  const {id} = await call('POST', `${base(draft)}/comments`, comment, {asPublic: moderation !== undefined});
  const verdict = {published: {to: 'published'}, rejected: REJECTION, withheld: WITHHOLDING}[moderation];
  if (verdict) await call('POST', `/v1/orgs/${draft.org}/comments/${id}/transitions`, verdict);
}

async function queue(draft) {
  const comments = [];
  let cursor = '';
  do {
    const page = await call('GET', `/v1/orgs/${draft.org}/comments?draft_id=${draft.id}&limit=100${cursor}`);
    comments.push(...page.items);
    cursor = page.next && `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor);
  return comments;
}

async function refuseUsedState() {
  for (const org of new Set(stories.map((story) => story.org))) {
    if ((await call('GET', `/v1/orgs/${org}/drafts?limit=1`)).items.length > 0) {
      console.error('demo: there are drafts already; samples belong into a fresh state');
      process.exit(3);
    }
  }
}

async function live() {
  const lives = [...stories, ...cases, ...ideas, ...surveys];
  const days = [...new Set(lives.flatMap((story) => story.days.map(([day]) => day)))].sort((a, b) => b - a);
  for (const day of days) {
    tell(day === 0 ? 'today' : `${day} days ago`);
    await travel(day);
    if (day === days[0]) await openDesk();
    for (const story of lives)
      for (const [, act, detail] of story.days.filter(([when]) => when === day)) await acts[act](story, day, detail);
  }
}

await refuseUsedState();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    setClock(0);
    process.exit(1);
  });
}
try {
  await live();
} finally {
  await travel(0);
}
