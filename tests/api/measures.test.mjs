// Measures: what is done about what was said, linked to it, public with every version.
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import {after, test} from 'node:test';
import {allPages, done, etagOf, faulty, refused} from '../lib/client.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';

const house = await startHouse({settings: {worker: 'off', rate_submit: 100000}});
after(() => house.stop());
const desk = await deskOf(house);
const {anyone, admin, head, expert} = desk;

const PATH = '/v1/orgs/{org}/measures/{id}';
const at = (id, header) => ({path: {org: 'isfahan', ...(id && {id})}, ...(header && {header})});
const newMeasure = (changes = {}) => ({title: 'باجهٔ دوم میز خدمت', text: 'باجهٔ دوم تا ساعت ۱۶ باز است.', state: 'planned', ...changes});
const create = (body, {who = head, header} = {}) => who.POST('/v1/orgs/{org}/measures', {params: at(null, header), body});
const made = async (changes) => done(await create(newMeasure(changes)), 201);
const get = (id, who = anyone) => who.GET(PATH, {params: at(id)});
const list = (query = {}) => anyone.GET('/v1/orgs/{org}/measures', {params: {...at(), query}});
const change = (id, body, {who = head, header = {'If-Match': '*'}} = {}) => who.PATCH(PATH,
  {params: at(id, header), headers: {'Content-Type': 'application/merge-patch+json'}, body});
const complaint = async (org = 'isfahan') => done(await anyone.POST('/v1/orgs/{org}/complaints',
  {params: {path: {org}}, body: {subject: 'صف طولانی', text: 'راز شاکی که نباید دیده شود'}}), 201);
const suggestion = async () => done(await anyone.POST('/v1/orgs/{org}/suggestions', {params: at(),
  body: {subject: 'باجهٔ دوم', problem: 'صف‌ها طولانی است و مردم می‌ایستند.', proposal: 'باجهٔ دوم باز شود.'}}), 201);

test('createMeasure: as given, public at once', async () => {
  const {id, updated_at: updated, ...rest} = await made({unit_code: 'public-relations'});
  assert.deepEqual(rest, {title: 'باجهٔ دوم میز خدمت', text: 'باجهٔ دوم تا ساعت ۱۶ باز است.', state: 'planned',
    reason: null, unit_code: 'public-relations', started_on: null, started_on_jalali: null, finished_on: null,
    finished_on_jalali: null});
  assert.ok(updated);
  const {links, history} = done(await get(id));
  assert.deepEqual(links, {suggestions: [], comments: [], complaints: 0, surveys: []});
  assert.deepEqual(history.map(({kind, data}) => [kind, data.version, data.state]), [['measure.created', 1, 'planned']]);
});

test('createMeasure: refused for others, and with what is not there', async () => {
  refused(await create(newMeasure(), {who: expert}), 403, 'forbidden');
  refused(await create(newMeasure(), {who: anyone}), 401, 'unauthorized');
  refused(await create(newMeasure({unit_code: 'nobody'})), 422, 'unknown_unit');
  refused(await create(newMeasure({state: 'dropped'})), 422, 'reason_needed');
  refused(await create(newMeasure({started_on: '2026-05-02', finished_on: '2026-05-01'})), 422, 'ends_before_it_begins');
  const foreign = await complaint('semnan');
  for (const links of [{suggestions: [randomUUID()]}, {comments: [randomUUID()]}, {surveys: [randomUUID()]},
    {complaints: [foreign.id]}]) refused(await create(newMeasure({links})), 422, 'unknown_link');
  faulty(await create({title: 'ab', state: 'perhaps', links: {people: []}}), 'body /text required', 'body /title too_short',
    'body /state not_allowed', 'body /links/people unknown_member');
  const header = {'Idempotency-Key': randomUUID()};
  assert.deepEqual(done(await create(newMeasure(), {header}), 201), done(await create(newMeasure(), {header}), 201));
});

test('getMeasure: names what is public, counts complaints, and shows none of them', async () => {
  const draft = await desk.opened();
  const text = newText();
  const comments = [await desk.filed(draft.id, {text}), await desk.filed(draft.id, {text}), await desk.pending(draft.id)];
  const complaints = [];
  for (let i = 0; i < 6; i++) complaints.push((await complaint()).id);
  const suggestions = [await suggestion(), await suggestion()];
  await house.query('UPDATE case_suggestion SET public_at = now() WHERE case_id = $1', [suggestions[0].id]);
  const {id} = await made({links: {comments: [comments[0].id, comments[2].id], complaints,
    suggestions: suggestions.map((item) => item.id)}});

  const page = done(await get(id));
  assert.deepEqual(page.links.comments, [{id: comments[0].id, number: comments[0].number, alike: 2}]);
  assert.deepEqual(page.links.suggestions.map((item) => [item.id, item.title]), [[suggestions[0].id, 'باجهٔ دوم']]);
  assert.equal(page.links.complaints, 5);
  const shown = JSON.stringify(page);
  for (const complaintId of complaints) assert.ok(!shown.includes(complaintId));
  assert.doesNotMatch(shown, /راز/);
  assert.equal(done(await get(id, head)).links.complaints, 6);
  done(await change(id, {links: {complaints: complaints.slice(0, 2)}}));
  const after = done(await get(id, admin)).links;
  assert.deepEqual([after.complaints, after.comments.length], [2, 1]);
});

test('changeMeasure: under way and done are dated, and every version stays readable', async () => {
  const {id} = await made();
  const tag = etagOf(await get(id));
  const under = done(await change(id, {state: 'under_way'}, {header: {'If-Match': tag}}));
  assert.match(under.started_on_jalali, /^14\d\d-\d\d-\d\d$/);
  assert.equal(under.finished_on, null);
  refused(await change(id, {state: 'done'}, {header: {'If-Match': tag}}), 412, 'precondition_failed');
  const finished = done(await change(id, {state: 'done', text: 'باجه باز شد.'}));
  assert.equal(finished.finished_on, under.started_on);
  const {history} = done(await get(id));
  assert.deepEqual(history.map(({data}) => [data.version, data.state, data.text]), [
    [1, 'planned', 'باجهٔ دوم تا ساعت ۱۶ باز است.'], [2, 'under_way', 'باجهٔ دوم تا ساعت ۱۶ باز است.'],
    [3, 'done', 'باجه باز شد.']]);
  const again = done(await change(id, {state: 'under_way'}));
  assert.deepEqual([again.finished_on, again.started_on], [null, under.started_on]);
  refused(await change(id, {state: 'dropped'}), 422, 'reason_needed');
  assert.equal(done(await change(id, {state: 'dropped', reason: 'بودجه نبود.'})).reason, 'بودجه نبود.');
  refused(await change(id, {title: 'دیگر'}, {who: expert}), 403, 'forbidden');
  refused(await change(id, {title: 'دیگر'}, {header: {}}), 428, 'precondition_required');
  refused(await change(randomUUID(), {title: 'دیگر'}), 404, 'not_found');
});

test('listMeasures: newest first, by state and unit, page by page', async () => {
  const first = await made({state: 'done', unit_code: 'public-relations'});
  const second = await made({state: 'done'});
  const ids = async (query) => done(await list(query)).items.map(({id}) => id);
  assert.deepEqual((await ids({state: 'done'})).slice(0, 2), [second.id, first.id]);
  assert.deepEqual((await ids({state: 'done', unit: 'public-relations'})), [first.id]);
  const pages = await allPages((query) => list(query), 2);
  assert.deepEqual(pages.flat().map(({id}) => id), await ids({limit: 100}));
});
