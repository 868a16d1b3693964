// Open data: whole resources as CSV and as lines of JSON, with the declared columns and nothing else, page by page.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import {parse} from 'yaml';
import {caseworkOf, newCase} from '../lib/casework.mjs';
import {done} from '../lib/client.mjs';
import {readTable} from '../lib/csv.mjs';
import {deskOf, newText} from '../lib/desk.mjs';
import {startHouse} from '../lib/house.mjs';
import {pollOf} from '../lib/poll.mjs';
import {ROOT} from '../lib/server.mjs';
import {counted, insert, QUESTIONS} from '../lib/tally.mjs';

const house = await startHouse({settings: {worker: 'off'}});
after(() => house.stop());
const desk = await deskOf(house);
const office = await caseworkOf(house);
const contract = parse(fs.readFileSync(path.join(ROOT, 'openapi.yaml'), 'utf8'));
await house.moveClock(new Date('2026-11-21T08:00:00Z')); // 30 Aban 1405

const PAGE = {drafts: 500, cases: 2000};
const PLANTED = 'مهرانگیز-نشان-خصوصی'; // stands wherever a person can write what is not for everybody

const get = (file, query = '', org = 'isfahan', options = {}) =>
  fetch(`${house.server.url}/v1/orgs/${org}/export/${file}${query && `?${query}`}`, options);

async function csv(name, query, org) {
  const answer = await get(`${name}.csv`, query, org);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get('Content-Type'), 'text/csv; charset=utf-8');
  const text = new TextDecoder('utf-8', {ignoreBOM: true}).decode(await answer.arrayBuffer());
  assert.ok(!text.includes(PLANTED), 'what is private stands in the file');
  const [header, rows] = readTable(text);
  return {answer, header, rows, text};
}

async function lines(name, query, org) {
  const answer = await get(`${name}.ndjson`, query, org);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('Content-Type'), 'application/x-ndjson; charset=utf-8');
  const text = await answer.text();
  assert.ok(!text.includes(PLANTED), 'what is private stands in the file');
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

// The members that the contract declares for a line.
const declared = (schema) => Object.keys(contract.components.schemas[schema].properties);

function validator(schema) {
  const ajv = new Ajv({strict: false, validateFormats: false});
  ajv.addSchema(contract, 'contract');
  return ajv.getSchema(`contract#/components/schemas/${schema}`);
}

const asCell = (value) => (value === null ? '' : String(value));

// Both forms hold the same: the declared columns in their order, and the same values.
async function agree(name, schema, query, org) {
  const [table, objects] = [await csv(name, query, org), await lines(name, query, org)];
  const isValid = validator(schema);
  assert.deepEqual(table.header, declared(schema));
  assert.equal(table.rows.length, objects.length);
  for (const [i, object] of objects.entries()) {
    assert.deepEqual(Object.keys(object), declared(schema));
    assert.ok(isValid(object), JSON.stringify(isValid.errors));
    for (const [column, cell] of Object.entries(table.rows[i]))
      assert.equal(cell.replace(/^'(?=\s*[=+\-@\t\r\n＝＋－＠])/, ''), asCell(object[column]), column);
  }
  return objects;
}

// Cases put into the table as they are, `count` of them, a minute apart.
async function fill(count, {kind = 'complaint', org = 'semnan', from = '2026-10-01T08:00:00Z'} = {}) {
  await house.query(`INSERT INTO casefile (id, org_id, kind, number, state, subject, text, person, channel,
      received_at, registered_at, updated_at, received_on, tracking_hash, request_digest, receipt_received_at)
    SELECT gen_random_uuid(), o.id, $2::text, $2 || $5 || n, 'registered', $4, $4, jsonb_build_object('name', $4::text), 'web', t.at, t.at,
      t.at, t.at::date, sha256(($2 || $5 || n)::bytea), ''::bytea, t.at
    FROM generate_series(1, $1::int) n, organisation o, LATERAL (SELECT $5::timestamptz + n * interval '1 minute' AS at) t
    WHERE o.slug = $3`, [count, kind, org, PLANTED, from]);
}

test('exportDraftsCsv, exportDraftsNdjson: what the public sees, with the declared columns and no others', async () => {
  const shown = await desk.opened({title: 'دستورالعمل «آب»، بند ۱', summary: 'خط اول\nخط دوم، با "گیومه"'});
  const preparing = await desk.begun({title: PLANTED});
  const objects = await agree('drafts', 'OpenDraft');
  const [draft] = objects.filter(({id}) => id === shown.id);
  assert.deepEqual([draft.title, draft.summary, draft.state, draft.version, draft.published_on_jalali],
    ['دستورالعمل «آب»، بند ۱', 'خط اول\nخط دوم، با "گیومه"', 'open', 1, '1405-08-30']);
  assert.ok(!objects.some(({id}) => id === preparing.id));
});

test('exportDraftsCsv: formulas are none any more, and their line says the same', async () => {
  for (const title of ['=HYPERLINK("http://evil.example","x")', '+98 21', '-2+3', '@SUM(A1:A9)'])
    await desk.opened({title});
  const {text} = await csv('drafts');
  assert.ok(text.includes(`,"'=HYPERLINK(""http://evil.example"",""x"")",`));
  assert.ok(text.includes(`,"'+98 21",`) && text.includes(`,"'-2+3",`) && text.includes(`,"'@SUM(A1:A9)",`));
  assert.ok((await lines('drafts')).some(({title}) => title === '=HYPERLINK("http://evil.example","x")'));
});

test('exportDraftsCsv: filters choose, and the answer and the name of the file tell them', async () => {
  const tariff = await desk.opened({kind: 'tariff'});
  const {answer, rows} = await csv('drafts', 'kind=tariff&state=open&from=2026-11-21&to=2026-11-21');
  assert.deepEqual(rows.map(({id}) => id), [tariff.id]);
  assert.equal(answer.headers.get('Export-Filter'), 'org=isfahan&from=2026-11-21&to=2026-11-21&kind=tariff&state=open');
  assert.equal(answer.headers.get('Content-Disposition'),
    'attachment; filename="isfahan-drafts-from-2026-11-21-to-2026-11-21.csv"');
  assert.deepEqual((await csv('drafts', 'to=2026-11-20')).rows, []);
  assert.deepEqual((await csv('drafts', 'from=2026-11-22')).rows, []);
  const refusal = await get('drafts.csv', 'unit=x');
  assert.equal(refusal.status, 422);
});

test('exportCommentsCsv, exportCommentsNdjson: published ones, as the public reads them, without their writers', async () => {
  const draft = await desk.opened();
  const text = '=1+1, «نظر»\n"دوم"';
  const contact = {email: 'private@example.ir', mobile: '+989131234567'};
  const {id} = done(await desk.comment(draft.id, {text, author_name: PLANTED, contact, position: 'for'}, {who: desk.client}), 201);
  done(await desk.comment(draft.id, {text: `${newText()} ${PLANTED}`}), 201); // waits for moderation
  const redacted = done(await desk.comment(draft.id, {text: `${newText()} ${PLANTED}`}), 201);
  done(await desk.moderate(redacted.id, {to: 'published'}));
  await house.query(`UPDATE comment SET public_text = 'بدون نام' WHERE id = $1`, [redacted.id]);
  const objects = await agree('comments', 'OpenComment', `draft=${draft.id}`);
  assert.deepEqual(objects.map((comment) => [comment.text, comment.position, comment.is_redacted, comment.disposition]),
    [[text, 'for', false, null], ['بدون نام', null, true, null]]);
  assert.ok(id);
});

test('exportComplaintsCsv, exportComplaintsNdjson: what became of them, and of whom nothing', async () => {
  const complainant = {name: PLANTED, mobile: '+989131234567', email: 'private@example.ir', national_id: '0084575948'};
  const planted = {subject: PLANTED, text: PLANTED, complainant};
  const both = async () => {
    const {id} = await office.made('complaint', 'answered', planted);
    await house.query(`UPDATE casefile SET answer = $1, reason = $1, rating = 4, rating_text = $1, external_ref = $3,
      outcome = jsonb_build_object('agency', $1::text) WHERE id = $2`, [PLANTED, id, `${PLANTED} ${id}`]);
    await office.filed('complaint', planted);
    await house.query('SELECT stat_fold(100000)');
  };
  for (let i = 0; i < 4; i++) await both();
  for (const row of await agree('complaints', 'OpenCase')) // four of each sort are too few
    assert.deepEqual(row, {...Object.fromEntries(declared('OpenCase').map((name) => [name, null])),
      received_jalali_month: '1405-08', withheld: true});
  for (const filter of ['unit=service-units', 'channel=web']) assert.deepEqual(await lines('complaints', filter), [], filter);
  await both();
  const objects = await agree('complaints', 'OpenCase');
  assert.equal(objects.length, 10);
  const facts = (row) => [row.received_jalali_month, row.withheld, row.unit, row.channel, row.state, row.promised_days,
    row.answered_days, row.in_time, row.rating];
  assert.deepEqual(facts(objects[0]), ['1405-08', false, 'service-units', 'web', 'answered', 10, 0, true, 4]);
  assert.deepEqual(facts(objects[1]), ['1405-08', false, null, 'web', 'registered', 10, null, null, null]);
  assert.equal((await lines('complaints', 'unit=service-units')).length, 5);

  done(await office.file('complaint', newCase({service_code: 'rare', unit_code: 'service-units'})), 201); // one of its sort among many
  await house.query('SELECT stat_fold(100000)');
  assert.deepEqual((await agree('complaints', 'OpenCase')).map((row) => row.withheld).filter(Boolean), [true]);
  assert.equal((await lines('complaints', 'channel=web')).length, 10);
  await house.moveClock('30 days');
  assert.deepEqual((await lines('complaints')).slice(0, 2).map((row) => row.in_time), [true, false]);
});

test('exportMessagesCsv, exportMessagesNdjson: without confidential ones and spam', async () => {
  await office.made('message', 'spam', {text: PLANTED});
  done(await office.file('message', newCase({confidential: true, text: PLANTED})), 201);
  for (let i = 0; i < 5; i++)
    await office.filed('message', {subject: PLANTED, text: PLANTED, sender: {name: PLANTED, mobile: '+989131234567'}});
  await house.query('SELECT stat_fold(100000)');
  const objects = await agree('messages', 'OpenCase');
  assert.deepEqual(objects.map((row) => row.state), Array(5).fill('received'));
});

test('exportInfoRequestsCsv, exportInfoRequestsNdjson: a refusal names its article', async () => {
  for (let i = 0; i < 5; i++) await office.made('info_request', 'refused', {subject: PLANTED, text: PLANTED});
  await house.query('SELECT stat_fold(100000)');
  const objects = await agree('info-requests', 'OpenCase');
  assert.deepEqual(objects.map((row) => [row.state, row.article]), Array(5).fill(['refused', '13']));
});

test('exportComplaintsCsv: nothing is a header, and no line', async () => {
  const {header, rows} = await csv('complaints', '', 'sistan-baluchestan');
  assert.deepEqual([header, rows], [declared('OpenCase'), []]);
  assert.deepEqual(await lines('complaints', '', 'sistan-baluchestan'), []);
});

test('exportComplaintsCsv: a page less one, a page, a page and one, several pages: nothing missing, nothing twice', async () => {
  let total = 0;
  for (const [more, from] of [[PAGE.cases - 1, '2026-01-01'], [1, '2026-03-01'], [1, '2026-04-01'], [2 * PAGE.cases, '2026-05-01']]) {
    await fill(more, {from: `${from}T08:00:00Z`});
    total += more;
    assert.equal((await csv('complaints', '', 'semnan')).rows.length, total);
  }
  assert.equal((await lines('complaints', 'to=1404-10', 'semnan')).length, PAGE.cases - 1);
  assert.equal((await lines('complaints', 'from=1405-02', 'semnan')).length, 2 * PAGE.cases);
});

test('exportComplaintsCsv: HEAD has the head of GET and no body; the connection goes on', async () => {
  const [head, full] = await Promise.all([get('complaints.csv', '', 'semnan', {method: 'HEAD'}), get('complaints.csv', '', 'semnan')]);
  assert.equal(head.status, 200);
  for (const name of ['Content-Type', 'Content-Disposition', 'Export-Filter', 'Cache-Control'])
    assert.equal(head.headers.get(name), full.headers.get(name));
  assert.equal(await head.text(), '');
  await full.text();
  assert.equal((await get('complaints.csv', '', 'isfahan')).status, 200);
});

test('exportComplaintsCsv: periods are Jalali months and nothing finer, filters cannot forge headers', async () => {
  await house.query(`UPDATE casefile SET received_at = '2026-10-22T20:30:00Z', registered_at = '2026-10-22T20:30:00Z' WHERE id = (SELECT id FROM casefile
    WHERE kind = 'complaint' AND org_id = (SELECT id FROM organisation WHERE slug = 'semnan') LIMIT 1)`);
  assert.equal((await lines('complaints', 'from=1405-08&to=1405-08', 'semnan')).length, 1); // 00:00 in Tehran
  assert.equal((await lines('complaints', 'from=1405-07&to=1405-07', 'semnan')).length, 0);
  assert.equal((await lines('complaints', 'from=1405-09', 'semnan')).length, 0);
  for (const name of ['complaints', 'messages', 'info-requests'])
    for (const period of ['from=2026-10-23', 'to=2026-10-23', 'from=1405-08-01', 'from=1405-13', 'from=yesterday'])
      assert.equal((await get(`${name}.csv`, period)).status, 422, `${name} ${period}`);
  const unit = encodeURIComponent('الف\r\nSet-Cookie: x=1');
  const forged = await get('complaints.csv', `unit=${unit}`);
  assert.equal(forged.status, 200);
  assert.equal(forged.headers.get('Set-Cookie'), null);
  assert.equal(forged.headers.get('Export-Filter'), `org=isfahan&unit=${unit}`);
});

test('exportSuggestionsCsv, exportSuggestionsNdjson: approved ones, without who made them', async () => {
  const put = async (number, publicAt, confidential) => {
    const [{id}] = await house.query(`INSERT INTO casefile (id, org_id, kind, number, state, subject, text, person, channel,
        received_at, registered_at, updated_at, received_on, tracking_hash, request_digest, receipt_received_at)
      SELECT gen_random_uuid(), o.id, 'suggestion', $1::text, 'approved', $2, $2, jsonb_build_object('name', $2::text), 'web', now(), now(),
        now(), now()::date, sha256($1::text::bytea), ''::bytea, now() FROM organisation o WHERE o.slug = 'isfahan' RETURNING id`, [number, PLANTED]);
    await house.query(`INSERT INTO case_suggestion (case_id, org_id, state, title, problem, proposal, shows_name, is_confidential, shares, public_at)
      SELECT $1, c.org_id, 'approved', $5, $5, 'پیشنهاد', true, $4, jsonb_build_array(jsonb_build_object('points', 10000, 'name', $2::text)), $3
      FROM casefile c WHERE c.id = $1`, [id, PLANTED, publicAt, confidential, publicAt && !confidential ? '=عنوان' : PLANTED]);
  };
  await put('s-1', '2026-10-01T08:00:00Z', false);
  await put('s-2', null, false);
  await put('s-3', '2026-10-01T08:00:00Z', true);
  const objects = await agree('suggestions', 'OpenSuggestion');
  assert.deepEqual(objects.map(({number, title, state}) => [number, title, state]), [['s-1', '=عنوان', 'approved']]);
});

test('exportServicesCsv, exportServicesNdjson, exportFaqCsv, exportFaqNdjson: what stands in the catalogue', async () => {
  const {admin} = await house.people(['admin']);
  done(await admin.POST('/v1/orgs/{org}/services', {params: {path: {org: 'isfahan'}},
    body: {code: 'x-permit', title_fa: '+پروانه', documents: ['سند', 'نقشه، طرح'], keywords: ['ساختمان']}}), 201);
  const services = await agree('services', 'OpenService');
  const [permit] = services.filter(({code}) => code === 'x-permit');
  assert.deepEqual([permit.title_fa, permit.documents, permit.keywords], ['+پروانه', 'سند، نقشه، طرح', 'ساختمان']);
  done(await admin.POST('/v1/orgs/{org}/faq', {params: {path: {org: 'isfahan'}},
    body: {code: 'x-when', question: 'کِی پاسخ می‌گیرم؟', answer: 'در ده روز کاری'}}), 201);
  const faq = await agree('faq', 'OpenFaq');
  assert.ok(faq.some(({code, answer}) => code === 'x-when' && answer === 'در ده روز کاری'));
});

test('exportSurveyResultsCsv, exportSurveyResultsNdjson: published results, with small groups hidden', async () => {
  const worker = await house.startServer({worker: 'on'});
  const poll = await pollOf(house);
  const survey = await poll.running({questions: [QUESTIONS[0], QUESTIONS[5], QUESTIONS[9]]});
  const quiet = await poll.running({questions: [QUESTIONS[0]]});
  const answers = [...Array(30).fill('w'), ...Array(9).fill('m'), 'x'].map((gender) => ({gender, parts: {desk: 'good'}, word: PLANTED}));
  await insert(house, survey, answers);
  await insert(house, quiet, answers);
  await poll.end(survey);
  done(await poll.move(survey.id, {to: 'results_published'}, {who: poll.moderator}));
  await counted(house, survey);
  const objects = await agree('survey-results', 'OpenSurveyResult');
  assert.ok(objects.every(({survey_id: id, responses}) => id === survey.id && responses === 40));
  assert.deepEqual(objects.filter(({question}) => question === 'gender').map(({answer, count}) => [answer, count]),
    [['w', 30], ['m', null], ['x', null]]);
  assert.deepEqual(objects.filter(({question, row}) => question === 'parts' && row === 'desk').map(({answer, count}) => [answer, count]),
    [['good', 40], ['fair', 0], ['bad', 0]]);
  assert.deepEqual(objects.filter(({question}) => question === 'word').map(({answered, answer}) => [answered, answer]), [[40, null]]);
  await worker.stop();
});

test('exportMeasuresCsv, exportMeasuresNdjson: what is done', async () => {
  await house.query(`INSERT INTO measure (id, org_id, title, text, state, started_on, created_at, updated_at)
    SELECT gen_random_uuid(), id, '=روشنایی', 'چراغ‌های تازه', 'under_way', '2026-11-21', now(), now() FROM organisation WHERE slug = 'isfahan'`);
  const objects = await agree('measures', 'OpenMeasure', 'state=under_way');
  assert.deepEqual(objects.map(({title, started_on_jalali: day}) => [title, day]), [['=روشنایی', '1405-08-30']]);
  assert.deepEqual(await lines('measures', 'state=done'), []);
});
