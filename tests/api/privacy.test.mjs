// What people entrust to the house stays where it belongs. Marks are planted wherever somebody can write what is not for
// everybody; then everything is read that the public can read, what staff without the right see of confidential cases, what
// a citizen sees of the house's own words, and the log.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {done, refused} from '../lib/client.mjs';
import {newText} from '../lib/desk.mjs';
import {SAMPLES} from '../lib/files.mjs';
import {startHouse} from '../lib/house.mjs';
import {OPERATIONS, holdingsOf, requestOf} from '../lib/holdings.mjs';
import {token} from '../lib/poll.mjs';
import {counted} from '../lib/tally.mjs';
import {treasuryOf} from '../lib/treasury.mjs';

const house = await startHouse({settings: {cache_max: 0, log_level: 'debug'}});
after(() => house.stop());
const ours = await holdingsOf(house, 'isfahan', 'ours');
const {office, desk, poll} = ours;
const ORG = {path: {org: 'isfahan'}};

// Every mark is a word that stands nowhere else: of citizens, of the house for itself, and of what is confidential.
const marks = {};
const planted = (sort) => (where) => (marks[where] ??= {sort, word: `${sort}${randomUUID().slice(0, 8)}`}).word;
const [mark, inner, hidden] = ['خصوصی', 'درونی', 'محرمانه'].map(planted);
const NUMBERS = {mobile: '+989130002211', national_id: '0084575948'};
const person = (where) => ({name: mark(`${where}: name`), email: `${randomUUID().slice(0, 8)}.mark@example.ir`, ...NUMBERS});
const device = `${randomUUID()}-mark`;
const secrets = [NUMBERS.mobile.slice(3), NUMBERS.national_id, '.mark@example', device];

const upload = async (name) => done(await house.anyone.POST('/v1/orgs/{org}/attachments', {params: {...ORG, query: {name}},
  body: SAMPLES['application/pdf'].bytes, headers: {'Content-Type': 'application/octet-stream'}, bodySerializer: (bytes) => bytes}), 201);

// --- planting -----------------------------------------------------------------------------------------

const file = await upload(mark('the name of a file'));
const complaint = await office.made('complaint', 'answered', {subject: mark('the subject of a complaint'), attachments: [file.id],
  text: mark('the text of a complaint'), complainant: person('complainant'), service_code: ours.of.services.code});
await house.query('UPDATE casefile SET answer = $1 WHERE id = $2', [mark('an answer'), complaint.id]);
done(await office.reply('complaint', complaint.id, {text: mark('a reply')}), 201);
done(await office.note('complaint', complaint.id, {text: inner('a note')}), 201);
done(await office.citizen('replies', complaint.tracking_code, {text: mark('what a citizen replies')}));
done(await office.citizen('rating', complaint.tracking_code, {rating: 1, text: mark('what comes with a rating')}));
done(await office.citizen('reopen', complaint.tracking_code, {text: mark('why it is reopened')}));
done(await office.file('complaint', {subject: mark('a complaint from elsewhere'), text: mark('its text'), channel: 'samad',
  external_ref: mark('its reference')}, {who: office.clerk}), 201);
const request = await office.made('info_request', 'answered_full', {subject: mark('what is asked for'), applicant: person('applicant')});
await house.query('UPDATE casefile SET outcome = outcome || jsonb_build_object($1::text, $1::text) WHERE id = $2',
  [mark('what was given'), request.id]);

const letter = await office.filed('message', {subject: hidden('the subject of a confidential message'), confidential: true,
  text: hidden('the text of a confidential message'), sender: person('sender')});
done(await office.note('message', letter.id, {text: hidden('a note on it')}), 201);
const secret = await office.filed('message', {subject: hidden('the subject of a second one'), confidential: true,
  text: hidden('its text'), sender: person('second sender')});
const idea = done(await office.convert(secret.id, {to: 'suggestion'}), 201).into ?? (await house.query(
  'SELECT converted_into AS id FROM casefile WHERE id = $1', [secret.id]))[0];

const co = {name: mark('co-suggester'), email: 'co.mark@example.ir', share: 40};
for (const state of ['screening', 'expert_review', 'rejected'])
  await office.made('suggestion', state, {subject: mark(`the subject of a suggestion in ${state}`), suggester: person(`who is in ${state}`),
    problem: `${mark(`the problem in ${state}`)} و چند واژهٔ دیگر برای طول`, proposal: `${mark(`the proposal in ${state}`)} و چند واژهٔ دیگر`,
    share: 60, co_suggesters: [co]});
const approved = await office.made('suggestion', 'approved', {suggester: person('whose suggestion is public'), share: 60, co_suggesters: [co]});
done(await office.note('suggestion', approved.id, {text: inner('a note on a suggestion')}), 201);
await house.query('UPDATE suggestion_expert SET opinion = $1 WHERE case_id = $2', [inner('an opinion'), approved.id]);
await house.query('UPDATE casefile SET channel = $1 WHERE id = $2', ['phone', approved.id]);
done(await office.support(approved.id, device));
const treasury = treasuryOf(office);
const reward = done(await treasury.propose(approved.id, {for: 'participant', name: mark('who gets a reward'), role: inner('their part'),
  amount: 7, text: inner('why')}), 201);
done(await treasury.decide(approved.id, reward.id, {granted: true, text: inner('why it is granted')}));
done(await treasury.pay(approved.id, reward.id, {line: 0, reference: inner('the number of a payment')}), 200);

const contact = {email: 'x.mark@example.ir', mobile: NUMBERS.mobile};
for (const to of ['pending', 'withheld', 'rejected']) {
  const {id} = await desk.pending(ours.of.drafts.id, {text: `${mark(`a comment ${to}`)} ${newText()}`, contact});
  if (to !== 'pending') done(await desk.moderate(id, {to, reason_code: 'insult', reason: inner(`why ${to}`)}));
}
const shown = await desk.pending(ours.of.drafts.id, {text: `${mark('what was blacked out')} ${newText()}`, contact});
done(await desk.moderate(shown.id, {to: 'published', public_text: 'متن بی‌نام'}));
const gone = await desk.pending(ours.of.drafts.id, {text: `${mark('a comment taken back')} ${newText()}`});
done(await house.anyone.POST('/v1/track/withdraw', {params: {header: {'Tracking-Code': gone.tracking_code}}}));
done(await house.anyone.POST('/v1/orgs/{org}/subjects/{id}/comments', {params: {path: {org: 'isfahan', id: ours.of.subjects.id}},
  body: {text: `${mark('a comment on a decision')} ${newText()}`}}), 201);
const draft = await desk.begun({title: mark('a draft in preparation'), summary: mark('its summary')});

done(await house.anyone.POST('/v1/orgs/{org}/services/{code}/ratings', {params: {path: {org: 'isfahan', code: ours.of.services.code},
  header: {'Device-Token': device}}, body: {rating: 2, text: mark('what comes with the rating of a service')}}), 201);
const questions = [{id: 'agree', type: 'single', title_fa: 'موافقید؟', options: [{id: 'yes', title_fa: 'بله'}, {id: 'no', title_fa: 'خیر'}]},
  {id: 'why', type: 'long_text', title_fa: 'چرا؟'}];
const survey = await poll.running({questions, results_visibility: 'live'});
for (let i = 0; i < 12; i++)
  done(await poll.answer(survey.id, {agree: 'yes', why: mark('what is written in a survey')}, {'Device-Token': i ? token() : device}), 201);
const unseen = await poll.begun({title_fa: mark('a survey that is being drafted')});
done(await ours.committee.vote(ours.nested.number, ours.nested.suggestion, ours.committee.chair,
  {points: [{criterion: 'benefit', points: 1}], remark: inner('a remark on a ballot'), submit: false}));
done(await office.admin.POST('/v1/orgs/{org}/measures', {params: ORG, body: {title: 'باجهٔ دوم', text: 'باز است', state: 'planned',
  links: {complaints: [complaint.id], suggestions: [idea.id, approved.id]}}}), 201);
await counted(house, survey);
await house.query('SELECT stat_fold(100000)');

// --- reading ------------------------------------------------------------------------------------------

const read = async (target, options = {}) => {
  const response = await fetch(house.server.url + target, options);
  return `${[...response.headers].join()} ${await response.text()}`;
};

function absent(text, what, sorts = ['خصوصی', 'درونی', 'محرمانه']) {
  for (const [where, {sort, word}] of Object.entries(marks))
    if (sorts.includes(sort)) assert.ok(!text.includes(word), `${where}, in ${what}`);
  for (const one of secrets) assert.ok(!text.includes(one), `${one}, in ${what}`);
}

const things = {...ours, of: {...ours.of, suggestions: {id: approved.id}, 'suggestions/public': {id: approved.id}, surveys: {id: survey.id}}};
const READS = OPERATIONS.filter(({method, security}) => method === 'GET' && security.some((way) => Object.keys(way).length === 0));

test('the public reads nothing of what was entrusted to the house, in any operation', async () => {
  assert.ok(READS.length > 50);
  for (const operation of READS.filter(({path}) => !path.startsWith('/v1/track'))) {
    const [target, options] = requestOf(operation, things);
    absent(await read(target, options), operation.id);
  }
});

test('search, the nearest suggestions, figures and lists by their filters say nothing either', async () => {
  const base = '/v1/orgs/isfahan';
  for (const {word} of Object.values(marks)) {
    const q = encodeURIComponent(word);
    for (const target of [`${base}/search?q=${q}`, `${base}/drafts?q=${q}`, `${base}/surveys?q=${q}`, `${base}/services?q=${q}`,
      `${base}/faq?q=${q}`, `${base}/subjects?q=${q}`]) {
      const {items} = await (await fetch(house.server.url + target)).json();
      assert.deepEqual(items, [], target);
    }
    const {items} = done(await office.similar({text: word}));
    assert.deepEqual(items, []);
  }
  for (const by of ['kind', 'unit', 'channel', 'topic', 'month']) absent(await read(`${base}/stats?group_by=${by}`), by);
  for (const id of [draft.id, unseen.id, idea.id, complaint.id])
    for (const door of ['drafts', 'surveys', 'suggestions/public', 'measures', 'subjects'])
      assert.match(await read(`${base}/${door}/${id}`), /not_found/);
});

test('a tracking code opens its own case, without what the house writes for itself', async () => {
  for (const {tracking_code: code} of [complaint, approved, request, letter, shown]) {
    const text = await read('/v1/track', {headers: {'Tracking-Code': code}});
    absent(text.replaceAll(NUMBERS.mobile.slice(3), '').replaceAll(NUMBERS.national_id, '').replaceAll('.mark@example', ''),
      'track', ['درونی']);
  }
  const other = await read(`/v1/track/attachments/${file.id}`, {headers: {'Tracking-Code': request.tracking_code}});
  assert.match(other, /not_found/);
});

test('staff without the right read nothing of confidential messages, nor of what became of them', async () => {
  const committee = ours.committee;
  done(await office.admin.POST('/v1/orgs/{org}/suggestions/{id}/transitions', {params: {...office.at(idea.id), header: {'If-Match': '*'}},
    body: {to: 'screening'}}));
  await house.query("UPDATE casefile SET state = 'committee' WHERE id = $1", [idea.id]);
  refused(await committee.chamber.addItem(committee.code, ours.nested.number, idea.id), 403, 'forbidden');
  done(await committee.chamber.addItem(committee.code, ours.nested.number, idea.id, committee.chamber.admin));
  refused(await office.duplicate(approved.id, idea.id), 409, 'state_conflict');

  const {key} = await house.keyOf('deputy');
  for (const operation of OPERATIONS.filter(({method, path}) => method === 'GET' && path.startsWith('/v1/orgs/{org}/'))) {
    for (const one of [things, {...things, of: {...things.of, messages: {id: letter.id}, suggestions: {id: idea.id}}}]) {
      const [target, options] = requestOf(operation, one, {key});
      const text = await read(target, options);
      for (const [where, {sort, word}] of Object.entries(marks))
        if (sort === 'محرمانه') assert.ok(!text.includes(word), `${where}, in ${operation.id}`);
    }
  }
  for (const who of [office.chair, office.approver, office.deputy]) refused(await treasury.list(idea.id, who), 403, 'forbidden');
  refused(await treasury.propose(idea.id, {for: 'submitters', amount: 5}), 403, 'forbidden');
  assert.deepEqual(done(await treasury.list(idea.id, office.office)).items, []);
});

test('nobody comes to follow a confidential suggestion by way of a duplicate', async () => {
  const {id} = await office.made('suggestion', 'screening');
  await house.query("UPDATE casefile SET state = 'screening' WHERE id = $1", [idea.id]);
  refused(await office.duplicate(id, idea.id, {who: office.admin}), 409, 'no_original');
});

test('nothing of anybody is in the log', async () => {
  absent(house.server.stderr, 'the log');
  for (const {tracking_code: code} of [complaint, approved, request, letter, secret, gone]) {
    assert.ok(code.length >= 20);
    assert.ok(!house.server.stderr.includes(code));
  }
});
