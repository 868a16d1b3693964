// Everybody who works on cases in one governorate, and the steps that most tests of cases begin with.
import {clientOf, done, etagOf} from './client.mjs';
import {chamberOf} from './committee.mjs';

const STAFF = ['expert', 'head', 'office', 'deputy', 'inspector', 'client', 'clerk', 'foi_officer', 'secretary', 'member',
  'chair', 'approver', 'admin'];

export const DOORS = {complaint: 'complaints', message: 'messages', info_request: 'info-requests', suggestion: 'suggestions'};
export const PERSONS = {complaint: 'complainant', message: 'sender', info_request: 'applicant', suggestion: 'suggester'};
export const OUTCOMES = ['answered_full', 'answered_partial', 'refused', 'not_held', 'referred', 'already_public',
  'rejected_vague'];

export const newCase = (changes = {}) => ({
  subject: 'تأخیر در صدور پروانه', text: 'سه ماه است که پروندهٔ من بی‌پاسخ مانده است.', ...changes,
});

export const newSuggestion = (changes = {}) => ({
  subject: 'نوبت‌دهی اینترنتی در میز خدمت', problem: 'مراجعان میز خدمت هر روز بیش از یک ساعت در صف می‌مانند.',
  proposal: 'نوبت از درگاه استانداری با انتخاب روز و ساعت داده شود.', ...changes,
});
const NEW = {suggestion: newSuggestion};

const REASON = {reason: 'به دلیلی که شهروند می‌خواند'};

// What the request of each transition must say.
export const BODIES = {
  complaint: {
    assigned: {to: 'assigned', unit_code: 'service-units'},
    in_progress: {to: 'in_progress'},
    awaiting_citizen: {to: 'awaiting_citizen', text: 'شمارهٔ پرونده چیست؟'},
    answered: {to: 'answered', text: 'پروانهٔ شما صادر شد.'},
    referred_out: {to: 'referred_out', agency: 'شهرداری', agency_number: '۱۲', ...REASON},
    rejected: {to: 'rejected', reason_code: 'not_ours', ...REASON},
    closed: {to: 'closed', ...REASON},
  },
  message: {
    assigned: {to: 'assigned', unit_code: 'public-relations'},
    answered: {to: 'answered', text: 'با سپاس از پیام شما.'},
    forwarded: {to: 'forwarded', agency: 'شهرداری', ...REASON},
    no_reply_needed: {to: 'no_reply_needed', ...REASON},
    spam: {to: 'spam', ...REASON},
    received: {to: 'received'},
    closed: {to: 'closed', ...REASON},
  },
  info_request: {
    assigned: {to: 'assigned'},
    clarification: {to: 'clarification', text: 'کدام سال؟'},
    answered_full: {to: 'answered_full', text: 'گزارش پیوست است.'},
    answered_partial: {to: 'answered_partial', text: 'بخشی از گزارش', severed: [{part: 'نام پیمانکار', article: 14}]},
    refused: {to: 'refused', article: 13, ...REASON},
    not_held: {to: 'not_held'},
    referred: {to: 'referred', institution: 'سازمان برنامه'},
    already_public: {to: 'already_public', address: 'https://example.ir/report'},
    rejected_vague: {to: 'rejected_vague', ...REASON},
    appeal_upheld: {to: 'appeal_upheld', ...REASON},
    appeal_dismissed: {to: 'appeal_dismissed', ...REASON},
  },
  suggestion: {
    screening: {to: 'screening'},
    needs_completion: {to: 'needs_completion', text: 'هزینهٔ اجرا چقدر است؟'},
    expert_review: {to: 'expert_review'}, // with the experts of the house: bodyOf()
    committee: {to: 'committee'},
    approved: {to: 'approved', text: 'کمیته پیشنهاد شما را پذیرفت.'},
    rejected: {to: 'rejected', ...REASON},
    planned: {to: 'planned', text: 'در برنامهٔ سال آینده است.'},
    implementing: {to: 'implementing', text: 'سامانه به‌صورت آزمایشی آغاز به کار کرد.'},
    implemented: {to: 'implemented', text: 'همهٔ میزهای خدمت نوبت اینترنتی دارند.'},
  },
};

// The ways by which staff bring a case of each kind into each state; a step with `citizen` is the citizen's.
const REOPEN = {citizen: 'reopen'};
const WITHDRAW = {citizen: 'withdraw'};
const OPINION = {opinion: true};
const JUDGED = {judged: true};
const REVIEWED = ['screening', 'expert_review', OPINION, 'committee', JUDGED];
const OF_THE_CHAIR = ['approved', 'rejected'];
const steps = (kind, ...states) => states.map((state) => BODIES[kind][state] ?? state);
export const WAYS = {
  complaint: {
    registered: [], assigned: ['assigned'], in_progress: ['assigned', 'in_progress'],
    awaiting_citizen: ['assigned', 'in_progress', 'awaiting_citizen'], answered: ['assigned', 'in_progress', 'answered'],
    closed: ['assigned', 'in_progress', 'answered', 'closed'], referred_out: ['assigned', 'in_progress', 'referred_out'],
    rejected: ['rejected'], withdrawn: [WITHDRAW],
  },
  message: {
    received: [], assigned: ['assigned'], forwarded: ['assigned', 'forwarded'], answered: ['assigned', 'answered'],
    closed: ['assigned', 'answered', 'closed'], no_reply_needed: ['no_reply_needed'], spam: ['spam'],
  },
  info_request: {
    registered: [], assigned: ['assigned'], clarification: ['assigned', 'clarification'],
    ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, ['assigned', outcome]])),
    withdrawn: [WITHDRAW], appealed: ['assigned', 'answered_full', REOPEN],
    appeal_upheld: ['assigned', 'answered_full', REOPEN, 'appeal_upheld'],
    appeal_dismissed: ['assigned', 'answered_full', REOPEN, 'appeal_dismissed'],
  },
  suggestion: {
    submitted: [], screening: ['screening'], needs_completion: ['screening', 'needs_completion'],
    expert_review: ['screening', 'expert_review', OPINION], committee: REVIEWED, approved: [...REVIEWED, 'approved'],
    rejected: [...REVIEWED, 'rejected'], appealed: [...REVIEWED, 'rejected', REOPEN],
    planned: [...REVIEWED, 'approved', 'planned'], implementing: [...REVIEWED, 'approved', 'planned', 'implementing'],
    implemented: [...REVIEWED, 'approved', 'planned', 'implementing', 'implemented'], withdrawn: [WITHDRAW],
  },
};

export async function caseworkOf(house, org = 'isfahan') {
  const office = new Casework(house, org, await house.people(STAFF, org));
  const {key, id} = await house.key('expert', {org});
  return Object.assign(office, {reviewer: clientOf(house.server.url, key), reviewerId: id});
}

class Casework {
  constructor(house, org, people) {
    Object.assign(this, people, {house, org, anyone: house.anyone});
  }

  at(id, more = {}) {
    return {path: {org: this.org, ...(id && {id}), ...more}};
  }

  path(kind, rest = '') {
    return `/v1/orgs/{org}/${DOORS[kind]}${rest}`;
  }

  // --- single requests, with their results as they come ---

  file(kind, body = (NEW[kind] ?? newCase)(), {who = this.anyone, header} = {}) {
    return who.POST(this.path(kind), {params: {...this.at(), header}, body});
  }

  get(kind, id, who = this.admin) {
    return who.GET(this.path(kind, '/{id}'), {params: this.at(id)});
  }

  list(kind, query = {}, who = this.admin, headers) {
    return who.GET(this.path(kind), {params: {...this.at(), query}, headers});
  }

  patch(kind, id, body, {who = this.admin, header = {'If-Match': '*'}} = {}) {
    return who.PATCH(this.path(kind, '/{id}'),
      {params: {...this.at(id), header}, headers: {'Content-Type': 'application/merge-patch+json'}, body});
  }

  // What the request of a transition must say; the experts are those of this house.
  bodyOf(kind, to) {
    const body = BODIES[kind][to];
    return kind === 'suggestion' && to === 'expert_review' ? {...body, experts: [{key_id: this.reviewerId}]} : body;
  }

  move(kind, id, body, {who = this.admin, header = {'If-Match': '*'}} = {}) {
    return who.POST(this.path(kind, '/{id}/transitions'), {params: {...this.at(id), header}, body});
  }

  reply(kind, id, body, {who = this.admin, header} = {}) {
    return who.POST(this.path(kind, '/{id}/replies'), {params: {...this.at(id), header}, body});
  }

  note(kind, id, body, {who = this.admin, header} = {}) {
    return who.POST(this.path(kind, '/{id}/notes'), {params: {...this.at(id), header}, body});
  }

  opine(id, body = {text: 'شدنی است.', recommendation: 'approve', no_conflict: true}, {who = this.reviewer, header} = {}) {
    return who.POST('/v1/orgs/{org}/suggestions/{id}/opinions', {params: {...this.at(id), header}, body});
  }

  recuse(id, {who = this.reviewer, header, reason = 'از بستگان من است.'} = {}) {
    return who.POST('/v1/orgs/{org}/suggestions/{id}/recusal', {params: {...this.at(id), header}, body: {reason}});
  }

  tell(id, text, {who = this.head, header} = {}) {
    return who.POST('/v1/orgs/{org}/suggestions/{id}/progress', {params: {...this.at(id), header}, body: {text}});
  }

  duplicate(id, of, {who = this.secretary, header = {'If-Match': '*'}, reason = 'همین پیشنهاد پیش‌تر رسیده است.'} = {}) {
    return who.POST('/v1/orgs/{org}/suggestions/{id}/duplicate', {params: {...this.at(id), header}, body: {of, reason}});
  }

  // `device` supports a suggestion, or takes that back.
  support(id, device, method = 'PUT', who = this.anyone) {
    return who[method]('/v1/orgs/{org}/suggestions/{id}/support',
      {params: {...this.at(id), ...(device && {header: {'Device-Token': device}})}});
  }

  shownPublicly(id) {
    return this.anyone.GET('/v1/orgs/{org}/suggestions/public/{id}', {params: this.at(id)});
  }

  listedPublicly(query = {}, headers) {
    return this.anyone.GET('/v1/orgs/{org}/suggestions/public', {params: {...this.at(), query}, headers});
  }

  similar(body, who = this.anyone) {
    return who.POST('/v1/orgs/{org}/suggestions/similar', {params: this.at(), body});
  }

  merge(id, into, {who = this.inspector, header = {'If-Match': '*'}, reason = 'همان شکایت است.'} = {}) {
    return who.POST('/v1/orgs/{org}/complaints/{id}/merge', {params: {...this.at(id), header}, body: {into, reason}});
  }

  convert(id, body, {who = this.admin, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/messages/{id}/convert', {params: {...this.at(id), header}, body});
  }

  track(code) {
    return this.anyone.GET('/v1/track', {params: {header: {'Tracking-Code': code}}});
  }

  // What the citizen does: replies, reopen, rating or withdraw.
  citizen(action, code, body, key) {
    const header = {'Tracking-Code': code, ...(key && {'Idempotency-Key': key})};
    return this.anyone.POST(`/v1/track/${action}`, {params: {header}, body});
  }

  // --- steps that must succeed ---

  async filed(kind, changes, options) {
    return done(await this.file(kind, (NEW[kind] ?? newCase)(changes), options), 201);
  }

  // A case brought into a state: its receipt.
  async made(kind, state, changes, options) {
    const receipt = await this.filed(kind, changes, options);
    for (const step of steps(kind, ...WAYS[kind][state])) {
      if (step.citizen) done(await this.citizen(step.citizen, receipt.tracking_code, step === REOPEN ? {text: 'نه'} : undefined));
      else if (step.opinion) done(await this.opine(receipt.id), 201);
      else if (step.judged) await this.judged(receipt.id);
      else done(await this.move(kind, receipt.id, this.bodyOf(kind, step.to),
        {who: kind === 'suggestion' && OF_THE_CHAIR.includes(step.to) ? this.chair : this.admin}));
    }
    return receipt;
  }

  // A session of a committee under `chair` judges a suggestion; each time other members.
  async judged(id) {
    const chamber = await chamberOf(this.house, this.org);
    await (await chamber.seated({chair: await this.house.keyOf('chair', this.org)})).judged(id);
  }

  async shown(kind, id) {
    return done(await this.get(kind, id));
  }

  async tagOf(kind, id) {
    return etagOf(await this.get(kind, id));
  }

  async tracked(code) {
    return done(await this.track(code));
  }
}
