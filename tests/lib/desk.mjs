// The desks of one governorate: everybody who works on drafts, and the few steps that most tests begin with.
import {randomUUID} from 'node:crypto';
import {done, etagOf} from './client.mjs';

const STAFF = ['expert', 'head', 'moderator', 'approver', 'office', 'deputy', 'inspector', 'client', 'admin'];
const DAY_MS = 24 * 3600 * 1000;

export const CLAUSES = [
  {id: 'm1', heading: 'ماده ۱', text: 'بهای هر مترمکعب آب تا سقف الگوی مصرف ۲۰۰۰ ریال است.'},
  {id: 'm2', heading: 'ماده ۲', text: 'بهای مصرف بالاتر از الگو دو برابر است.'},
];

export const newDraft = (changes = {}) => ({
  kind: 'directive', title: 'دستورالعمل آب‌بهای روستایی', summary: 'بهای آب در روستاها برای سال ۱۴۰۶',
  clauses: CLAUSES, ...changes,
});

export const later = (instant, days, seconds = 0) =>
  new Date(new Date(instant).getTime() + days * DAY_MS + seconds * 1000).toISOString();

// The texts of comments are told apart, so that no campaign comes of them unasked.
export const newText = () => `نظر ${randomUUID().replaceAll('-', ' ')} دربارهٔ این پیش‌نویس`;

export async function deskOf(house, org = 'isfahan') {
  return new Desk(house, org, await house.people(STAFF, org));
}

class Desk {
  constructor(house, org, people) {
    Object.assign(this, people, {house, org, anyone: house.anyone});
  }

  at(id, more = {}) {
    return {path: {org: this.org, id, ...more}};
  }

  // --- single requests, with their results as they come ---

  create(body, {who = this.expert, header} = {}) {
    return who.POST('/v1/orgs/{org}/drafts', {params: {path: {org: this.org}, header}, body});
  }

  get(id, who = this.anyone, headers) {
    return who.GET('/v1/orgs/{org}/drafts/{id}', {params: this.at(id), headers});
  }

  list(query = {}, who = this.anyone, headers) {
    return who.GET('/v1/orgs/{org}/drafts', {params: {path: {org: this.org}, query}, headers});
  }

  patch(id, body, {who = this.expert, header = {'If-Match': '*'}} = {}) {
    return who.PATCH('/v1/orgs/{org}/drafts/{id}',
      {params: {...this.at(id), header}, headers: {'Content-Type': 'application/merge-patch+json'}, body});
  }

  move(id, body, {who = this.head, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/drafts/{id}/transitions', {params: {...this.at(id), header}, body});
  }

  addVersion(id, body, {who = this.expert, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/drafts/{id}/versions', {params: {...this.at(id), header}, body});
  }

  comment(id, body, {who = this.anyone, header} = {}) {
    return who.POST('/v1/orgs/{org}/drafts/{id}/comments', {params: {...this.at(id), header}, body});
  }

  getComment(id, who = this.moderator) {
    return who.GET('/v1/orgs/{org}/comments/{id}', {params: this.at(id)});
  }

  moderate(id, body, {who = this.moderator, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/comments/{id}/transitions', {params: {...this.at(id), header}, body});
  }

  dispose(id, body, {who = this.head, header = {'If-Match': '*'}} = {}) {
    return who.PUT('/v1/orgs/{org}/comments/{id}/disposition', {params: {...this.at(id), header}, body});
  }

  published(id, query = {}, who = this.anyone) {
    return who.GET('/v1/orgs/{org}/drafts/{id}/comments', {params: {...this.at(id), query}});
  }

  queue(query = {}, who = this.moderator, headers) {
    return who.GET('/v1/orgs/{org}/comments', {params: {path: {org: this.org}, query}, headers});
  }

  track(code, who = this.anyone) {
    return who.GET('/v1/track', {params: {header: {'Tracking-Code': code}}});
  }

  // --- steps that must succeed ---

  async begun(changes) {
    return done(await this.create(newDraft(changes)), 201);
  }

  // A draft whose window is open.
  async opened(changes, window = {}) {
    const {id} = await this.begun(changes);
    return done(await this.move(id, {to: 'published', ...window}));
  }

  // The window passes: the clock goes behind its end, for all drafts.
  async close({id, closes_at: end}) {
    await this.house.moveClock(new Date(new Date(end).getTime() + 1000));
    return done(await this.get(id, this.head));
  }

  async reviewed(changes) {
    const draft = await this.close(await this.opened(changes));
    return done(await this.move(draft.id, {to: 'reviewing'}));
  }

  async approved(changes) {
    const {id} = await this.reviewed(changes);
    return done(await this.move(id, {to: 'approved'}, {who: this.approver}));
  }

  // A comment as a trusted client files it: published at once. Its receipt.
  async filed(id, changes = {}) {
    return done(await this.comment(id, {text: newText(), ...changes}, {who: this.client}), 201);
  }

  // A comment of the public: it waits for moderation. Its receipt.
  async pending(id, changes = {}) {
    return done(await this.comment(id, {text: newText(), ...changes}), 201);
  }

  async tagOf(id, who = this.expert) {
    return etagOf(await this.get(id, who));
  }
}
