// The desk of surveys: the few steps that most tests about them begin with.
import {randomBytes} from 'node:crypto';
import {done} from './client.mjs';
import {later} from './desk.mjs';

const STAFF = ['expert', 'head', 'moderator', 'inspector', 'clerk', 'admin'];

export const option = (id, title_fa = `گزینهٔ ${id}`) => ({id, title_fa});
export const YES_NO = [option('yes', 'بله'), option('no', 'خیر')];
export const newSurvey = (changes = {}) => ({
  kind: 'poll', title_fa: 'رأی‌گیری دربارهٔ پیاده‌راه', introduction_fa: 'آیا خیابان پیاده‌راه شود؟', mode: 'device',
  questions: [{id: 'agree', type: 'single', title_fa: 'موافقید؟', required: true, options: YES_NO}], ...changes,
});
export const token = () => randomBytes(18).toString('base64url');

export async function pollOf(house, org = 'isfahan') {
  return new Poll(house, org, await house.people(STAFF, org));
}

class Poll {
  constructor(house, org, people) {
    Object.assign(this, people, {house, org, anyone: house.anyone});
  }

  at(id, more = {}) {
    return {path: {org: this.org, id, ...more}};
  }

  // --- single requests, with their results as they come ---

  create(body, {who = this.expert, header} = {}) {
    return who.POST('/v1/orgs/{org}/surveys', {params: {path: {org: this.org}, header}, body});
  }

  get(id, who = this.anyone, headers) {
    return who.GET('/v1/orgs/{org}/surveys/{id}', {params: this.at(id), headers});
  }

  list(query = {}, who = this.anyone, headers) {
    return who.GET('/v1/orgs/{org}/surveys', {params: {path: {org: this.org}, query}, headers});
  }

  patch(id, body, {who = this.expert, header = {'If-Match': '*'}} = {}) {
    return who.PATCH('/v1/orgs/{org}/surveys/{id}',
      {params: {...this.at(id), header}, headers: {'Content-Type': 'application/merge-patch+json'}, body});
  }

  move(id, body, {who = this.head, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/surveys/{id}/transitions', {params: {...this.at(id), header}, body});
  }

  addVersion(id, body, {who = this.expert, header = {'If-Match': '*'}} = {}) {
    return who.POST('/v1/orgs/{org}/surveys/{id}/versions', {params: {...this.at(id), header}, body});
  }

  links(id, count, {who = this.expert, header} = {}) {
    return who.POST('/v1/orgs/{org}/surveys/{id}/links', {params: {...this.at(id), header}, body: {count}});
  }

  answer(id, answers, {who = this.anyone, version = 1, ...header} = {}) {
    return who.POST('/v1/orgs/{org}/surveys/{id}/responses',
      {params: {...this.at(id), header}, body: {version, answers}});
  }

  // From a device that never answered before.
  vote(id, answers, more = {}) {
    return this.answer(id, answers, {'Device-Token': token(), ...more});
  }

  responses(id, query = {}, who = this.moderator, headers) {
    return who.GET('/v1/orgs/{org}/surveys/{id}/responses', {params: {...this.at(id), query}, headers});
  }

  discard(id, response, {who = this.moderator, header, reason = 'فرم دو بار وارد شده بود.'} = {}) {
    return who.POST('/v1/orgs/{org}/surveys/{id}/responses/{response}/discard',
      {params: {...this.at(id, {response}), header}, body: {reason}});
  }

  // --- steps ---

  begun(changes) {
    return this.create(newSurvey(changes)).then((result) => done(result, 201));
  }

  // Opens in an hour, for a week.
  async scheduled(changes) {
    const {id} = await this.begun(changes);
    const opens_at = later(await this.house.now(), 0, 3600);
    return done(await this.move(id, {to: 'scheduled', opens_at, closes_at: later(opens_at, 7)}));
  }

  async running(changes) {
    const {id} = await this.begun(changes);
    return done(await this.move(id, {to: 'scheduled', closes_at: later(await this.house.now(), 7)}));
  }

  async end({closes_at}) {
    await this.house.moveClock(new Date(closes_at));
  }

  async ended(changes) {
    const survey = await this.running(changes);
    await this.end(survey);
    return survey;
  }
}
