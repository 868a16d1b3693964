// A judging committee of three members and a secretary, and suggestions that lie before it.
import {randomUUID} from 'node:crypto';
import {clientOf, done} from './client.mjs';

export const CRITERIA = [
  {code: 'benefit', weight: 3, max_points: 10, title_fa: 'سودمندی', title_en: 'Benefit'},
  {code: 'novelty', weight: 1, max_points: 20, title_fa: 'نوآوری', title_en: 'Novelty'},
];
export const QUORUM = {members: 2, numerator: 2, denominator: 3};
export const MINUTES = 'پیشنهادها یکی‌یکی بررسی و امتیازدهی شد.';
export const points = (benefit, novelty) => [{criterion: 'benefit', points: benefit}, {criterion: 'novelty', points: novelty}];

let codes = 0;

export async function chamberOf(house, org = 'isfahan') {
  const people = await house.people(['secretary', 'expert', 'head', 'office', 'approver', 'admin'], org);
  return new Chamber(house, org, people);
}

class Chamber {
  constructor(house, org, people) {
    Object.assign(this, people, {house, org, anyone: house.anyone});
  }

  path(rest = '') {
    return `/v1/orgs/{org}/committees/{code}${rest}`;
  }

  at(code, more = {}) {
    return {path: {org: this.org, ...(code && {code}), ...more}};
  }

  // --- single requests, with their results as they come ---

  found(body, {who = this.secretary, header} = {}) {
    return who.POST('/v1/orgs/{org}/committees', {params: {...this.at(), header}, body});
  }

  get(code, who = this.anyone) {
    return who.GET(this.path(), {params: this.at(code)});
  }

  patch(code, body, {who = this.secretary, header = {'If-Match': '*'}} = {}) {
    return who.PATCH(this.path(), {params: {...this.at(code), header}, headers: MERGE_PATCH, body});
  }

  appoint(code, body, {who = this.secretary, header} = {}) {
    return who.POST(this.path('/members'), {params: {...this.at(code), header}, body});
  }

  dismiss(code, member, who = this.secretary) {
    return who.DELETE(this.path('/members/{member}'), {params: this.at(code, {member})});
  }

  setCriteria(code, body = CRITERIA, {who = this.secretary, header = {'If-Match': '*'}} = {}) {
    return who.PUT(this.path('/criteria'), {params: {...this.at(code), header}, body});
  }

  plan(code, body = {held_at: '2026-12-05T06:30:00Z'}, {who = this.secretary, header} = {}) {
    return who.POST(this.path('/sessions'), {params: {...this.at(code), header}, body});
  }

  sessions(code, query = {}, who = this.anyone) {
    return who.GET(this.path('/sessions'), {params: {...this.at(code), query}});
  }

  session(code, number, who = this.secretary) {
    return who.GET(this.path('/sessions/{number}'), {params: this.at(code, {number})});
  }

  patchSession(code, number, body, {who = this.secretary, header = {'If-Match': '*'}} = {}) {
    return who.PATCH(this.path('/sessions/{number}'),
      {params: {...this.at(code, {number}), header}, headers: MERGE_PATCH, body});
  }

  move(code, number, body, {who = this.secretary, header = {'If-Match': '*'}} = {}) {
    return who.POST(this.path('/sessions/{number}/transitions'), {params: {...this.at(code, {number}), header}, body});
  }

  addItem(code, number, suggestion, who = this.secretary) {
    return who.PUT(this.path('/sessions/{number}/items/{suggestion}'), {params: this.at(code, {number, suggestion})});
  }

  removeItem(code, number, suggestion, who = this.secretary) {
    return who.DELETE(this.path('/sessions/{number}/items/{suggestion}'), {params: this.at(code, {number, suggestion})});
  }

  // --- steps that must succeed ---

  // Somebody with a key of a role, for this test alone unless one is given.
  async person(role, name = 'عضو', known = undefined) {
    const {id, key} = known ?? await this.house.key(role, {org: this.org});
    return {id, key, name, client: clientOf(this.house.server.url, key)};
  }

  // A committee with a chair and two members, who work in units of their own.
  async seated({units = [null, null, null], quorum = QUORUM, chair, others} = {}) {
    const code = `judging-${++codes}`;
    done(await this.found({code, name_fa: 'کمیتهٔ داوری', name_en: 'Judging committee', quorum}), 201);
    done(await this.setCriteria(code));
    const people = [await this.person('chair', 'زهرا امینی', chair),
      ...others ?? await Promise.all(['علی کریمی', 'مریم احمدی'].map((name) => this.person('member', name)))].map((p) => ({...p}));
    for (const [i, office] of ['chair', 'member', 'member'].entries()) {
      const {id, name} = people[i];
      people[i].member = done(await this.appoint(code, {key_id: id, name, office, unit_code: units[i]}), 201).id;
    }
    return new Committee(this, code, people);
  }

  // A suggestion in the state `committee`, as it stands in the tables after screening and review.
  async before({unit = 'service-units', filedBy = null, shares = [['سارا محمدی', 10000]], state = 'committee'} = {}) {
    const id = randomUUID();
    const owners = shares.map(([name, part], i) => ({name, main: i === 0, points: part}));
    const now = await this.house.now();
    await this.house.query(
      `INSERT INTO casefile (id, org_id, kind, number, state, subject, text, unit_code, person, channel, received_at,
         registered_at, updated_at, filed_by, received_on, tracking_hash, request_digest, receipt_received_at)
       SELECT $1::uuid, o.id, 'suggestion', $1::text, $2, 'کاغذ کمتر', 'فرم‌ها الکترونیکی شود.', $3, $4, 'web', $6::timestamptz, $6, $6, $5,
         $6::date, decode(md5($1::text), 'hex'), '', $6 FROM organisation o WHERE o.slug = $7`,
      [id, state, unit, owners.length ? JSON.stringify({name: owners[0].name}) : null, filedBy, now, this.org]);
    await this.house.query(
      `INSERT INTO case_suggestion (case_id, org_id, state, title, problem, proposal, shares)
       SELECT c.id, c.org_id, c.state, c.subject, 'صف', 'فرم الکترونیکی', $2 FROM casefile c WHERE c.id = $1`,
      [id, JSON.stringify(owners)]);
    return id;
  }
}

const MERGE_PATCH = {'Content-Type': 'application/merge-patch+json'};

// One committee whose people are known.
class Committee {
  constructor(chamber, code, people) {
    Object.assign(this, {chamber, code, people, members: people.map(({member}) => member)});
    [this.chair, this.ali, this.maryam] = people;
  }

  // An open session with these suggestions, all present unless said: its number.
  async opened(suggestions, {present = this.members} = {}) {
    const {number} = done(await this.chamber.plan(this.code), 201);
    for (const id of suggestions) done(await this.chamber.addItem(this.code, number, id));
    done(await this.move(number, {to: 'open', present}));
    return number;
  }

  move(number, body, options) {
    return this.chamber.move(this.code, number, body, options);
  }

  async closed(number) {
    done(await this.chamber.patchSession(this.code, number, {minutes: MINUTES}));
    return done(await this.move(number, {to: 'closed'}));
  }

  vote(number, suggestion, person, body, client = person.client) {
    return client.PUT(this.chamber.path('/sessions/{number}/items/{suggestion}/ballot'),
      {params: this.chamber.at(this.code, {number, suggestion}), body});
  }

  recuse(number, suggestion, person, text = 'از بستگان من است.') {
    return person.client.PUT(this.chamber.path('/sessions/{number}/items/{suggestion}/recusal'),
      {params: this.chamber.at(this.code, {number, suggestion}), body: {text}});
  }

  ballots(number, suggestion, who) {
    return who.GET(this.chamber.path('/sessions/{number}/items/{suggestion}/ballots'),
      {params: this.chamber.at(this.code, {number, suggestion})});
  }

  async voted(number, suggestion, person, benefit = 8, novelty = 10) {
    return done(await this.vote(number, suggestion, person, {points: points(benefit, novelty), submit: true}));
  }

  // A session in which everybody gave these points: its number.
  async judged(suggestion, {people = this.people, present = this.members, benefit = 8, novelty = 10} = {}) {
    const number = await this.opened([suggestion], {present});
    for (const person of people) await this.voted(number, suggestion, person, benefit, novelty);
    await this.closed(number);
    return number;
  }
}
