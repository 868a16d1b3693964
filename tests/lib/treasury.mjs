// Rewards of one governorate, and suggestions that were approved by a committee.
import {done} from './client.mjs';

export const treasuryOf = (office) => new Treasury(office);

class Treasury {
  constructor(office) {
    this.office = office;
  }

  #ask(rest, id, more = {}, header = {}) {
    return [`/v1/orgs/{org}/suggestions/{id}/rewards${rest}`, {params: {...this.office.at(id, more), header}}];
  }

  #post(rest, id, more, body, who, header) {
    const [path, options] = this.#ask(rest, id, more, header);
    return who.POST(path, {...options, body});
  }

  list(id, who = this.office.office) {
    const [path, options] = this.#ask('', id);
    return who.GET(path, options);
  }

  propose(id, body, {who = this.office.chair, header} = {}) {
    return this.#post('', id, {}, body, who, header);
  }

  decide(id, reward, body = {}, {who = this.office.approver, header} = {}) {
    return this.#post('/{reward}/decision', id, {reward}, body, who, header);
  }

  pay(id, reward, body, {who = this.office.office, header} = {}) {
    return this.#post('/{reward}/payments', id, {reward}, body, who, header);
  }

  reverse(id, reward, entry, {who = this.office.office, header, reason = 'اشتباه بود.'} = {}) {
    return this.#post('/{reward}/entries/{entry}/reversal', id, {reward, entry}, {reason}, who, header);
  }

  years(org = this.office.org) {
    return this.office.anyone.GET('/v1/orgs/{org}/rewards', {params: {path: {org}}});
  }

  // An approved suggestion: its receipt.
  approved(changes) {
    return this.office.made('suggestion', 'approved', {suggester: {name: 'زهرا کریمی'}, ...changes});
  }

  // A reward that was decided: [suggestion, reward].
  async granted(amount = 1000, changes = {}) {
    const {id} = await this.approved(changes);
    const reward = done(await this.propose(id, {for: 'submitters', amount}), 201);
    return [id, done(await this.decide(id, reward.id))];
  }
}
