// The calendars of two governorates on two servers: what tests ask of them, and changes that last as long as a check.
// The clock stands at 2026-11-21 (1405-08-30), so that every answer is known.
import assert from 'node:assert/strict';
import {isDeepStrictEqual} from 'node:util';
import {clientOf, done} from './client.mjs';
import {until} from './server.mjs';

export const NOW = new Date('2026-11-21T08:00:00Z');
export const SMOG = {date: '2026-11-29', kind: 'closure', title: 'آلودگی هوا'};

const DAYS = ['sat', 'sun', 'mon', 'tue', 'wed'];
export const THURSDAY_OFF = {valid_from: '2025-03-21', valid_to: null, working_days: DAYS};
export const FRIDAY_OFF = {...THURSDAY_OFF, working_days: [...DAYS, 'thu']};

// Ten working days from NOW, as long as nothing is changed.
const DUE_ON = '2026-12-05';

// The functions of an almanac can be taken out of it.
export async function almanacOf(house) {
  const second = await house.startServer({worker: 'off'});
  await house.moveClock(NOW);
  const {admin, expert} = await house.people(['admin', 'expert'], 'isfahan');
  return new Almanac(house, clientOf(second.url), {admin, expert, semnan: await house.client('admin', 'semnan')});
}

class Almanac {
  constructor(house, neighbour, people) {
    Object.assign(this, people, {house, servers: [house.anyone, neighbour]});
  }

  calendar = (query = {}, {who = this.house.anyone, org = 'isfahan'} = {}) =>
    who.GET('/v1/orgs/{org}/calendar', {params: {path: {org}, query}});

  compute = (body = {}, {who = this.house.anyone, org = 'isfahan'} = {}) => who.POST('/v1/orgs/{org}/calendar/deadline',
    {params: {path: {org}}, body: {received_on: '2026-11-21', working_days: 10, ...body}});

  list = (query = {}, org = 'isfahan') =>
    this.house.anyone.GET('/v1/orgs/{org}/calendar/days', {params: {path: {org}, query}});

  add = (body, {who = this.admin, org = 'isfahan', header} = {}) =>
    who.POST('/v1/orgs/{org}/calendar/days', {params: {path: {org}, header}, body});

  remove = (id, {who = this.admin, org = 'isfahan'} = {}) =>
    who.DELETE('/v1/orgs/{org}/calendar/days/{id}', {params: {path: {org, id}}});

  weeks = (org = 'semnan') => this.house.anyone.GET('/v1/orgs/{org}/calendar/weeks', {params: {path: {org}}});

  setWeeks = (body, {who = this.semnan, org = 'semnan', tag = '*'} = {}) => who.PUT('/v1/orgs/{org}/calendar/weeks',
    {params: {path: {org}, header: {'If-Match': tag}}, body});

  eventsOf = (id) => this.house.query(
    `SELECT e.kind, e.is_public, e.data, o.slug FROM event e JOIN organisation o ON o.id = e.org_id
     WHERE e.subject_id = $1 ORDER BY e.at, e.id`, [id]);

  // Every server comes to give `expected` within a moment, without a restart.
  everywhere = async (look, expected) => {
    for (const who of this.servers) {
      let seen;
      await until('the calendar to show', async () => isDeepStrictEqual(seen = await look(who), expected), 3000)
        .catch(() => assert.deepEqual(seen, expected));
    }
  };

  dueOn = (expected, body, org) =>
    this.everywhere(async (who) => (await this.compute(body, {who, org})).data?.due_on, expected);

  // Runs `check` while the entries hold in Isfahan, and takes them back.
  during = async (days, check) => {
    const entries = [];
    try {
      for (const day of days) entries.push(done(await this.add(day), 201));
      await check(entries);
    } finally {
      for (const {id} of entries) done(await this.remove(id), 204);
      await this.dueOn(DUE_ON);
    }
  };

  // Runs `check` while these are the weeks of Semnan, and sets those of before again.
  duringWeeks = async (weeks, check) => {
    try {
      done(await this.setWeeks(weeks));
      await check();
    } finally {
      done(await this.setWeeks([THURSDAY_OFF]));
      await this.dueOn(DUE_ON, {}, 'semnan');
    }
  };
}
