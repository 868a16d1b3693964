// The peer that a team would write today: fastify + pg, two processes, prepared statements, the same SQL, the same
// checks on a comment or complaint (schema, digest, tracking hash), the same answers. Deadlines it counts and explains
// without holidays.
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import {statement} from './statements.mjs';

const {PEER_PORT, PEER_SOCKET, PEER_ORG, PEER_SECRET} = process.env;

async function serve() {
  const pool = new pg.Pool({host: PEER_SOCKET, user: 'postgres', database: 'mosharekat', max: 16});
  const run = async (name, values) => (await pool.query({name, text: texts[name], values})).rows;
  const texts = Object.fromEntries(['draft_get_public', 'comment_list', 'comment_create',
    'case_file', 'track_case', 'survey_answer'].map((n) => [n, statement(n)]));
  const app = fastify();

  app.get('/v1/orgs/isfahan/drafts/:id', async (request, reply) => {
    const [row] = await run('draft_get_public', [PEER_ORG, request.params.id, new Date()]);
    if (!row) return reply.code(404).send({code: 'not_found'});
    reply.header('etag', `"${row._etag}"`);
    return visible(row);
  });

  app.get('/v1/orgs/isfahan/drafts/:id/comments', async (request) => {
    const limit = Number(request.query.limit ?? 20);
    const rows = await run('comment_list', [PEER_ORG, request.params.id, null, null, null, null, limit + 1, false]);
    return {items: rows.slice(0, limit).map(visible), next: rows.length > limit ? rows[limit - 1]._cursor_id : null};
  });

  app.post('/v1/orgs/isfahan/drafts/:id/comments', {schema: {body: commentNew}}, async (request, reply) => {
    const {id, body, digest, code, hash} = receiptOf(request);
    const campaign = crypto.createHash('md5').update(request.body.text.normalize('NFKC')).digest('hex');
    const [row] = await run('comment_create', [id, PEER_ORG, request.params.id, body, new Date(), null, digest, hash,
      campaign, 1405, false]);
    if (row._problem) return reply.code(409).send({code: row._problem});
    return reply.code(201).send({...visible(row), tracking_code: code});
  });

  app.post('/v1/orgs/isfahan/complaints', {schema: {body: complaintNew}}, async (request, reply) => {
    const {id, body, digest, code, hash} = receiptOf(request);
    const now = new Date();
    const [due, ...steps] = [10, 7, 9, 10, 12, 15].map((days) => workingDay(now, days));
    const [row] = await run('case_file', [id, PEER_ORG, 'complaint', body, now, null, digest, hash, 1405, 'registered',
      'complainant', now, day(now), 10, day(due), due, `{${steps.map((step) => step.toISOString())}}`, null, 'assigned']);
    if (row._problem) return reply.code(409).send({code: row._problem});
    return reply.code(201).send({...visible(row), tracking_code: code});
  });

  app.get('/v1/track', async (request, reply) => {
    const [row] = await run('track_case', [hashOf(request.headers['tracking-code']), new Date()]);
    return row.kind === 'comment' ? reply.code(404).send({code: 'not_found'}) : followed(row);
  });

  app.post('/v1/orgs/isfahan/surveys/:id/responses', {schema: {body: voteNew}}, async (request, reply) => {
    const {version, answers} = request.body;
    if (answers.reason && answers.rating > 3) return reply.code(422).send({code: 'hidden_question'});
    const voter = crypto.createHmac('sha256', PEER_SECRET).update(request.params.id).update(request.headers['device-token'])
      .digest().subarray(0, 16);
    const now = new Date();
    const [row] = await run('survey_answer', [crypto.randomUUID(), PEER_ORG, request.params.id, version,
      JSON.stringify(request.body), crypto.randomUUID(), voter, now, now.toISOString().slice(0, 10), null, null, false]);
    if (row._problem) return reply.code(409).send({code: row._problem});
    return reply.code(201).send(visible(row));
  });

  await app.listen({port: Number(PEER_PORT), host: '127.0.0.1'});
}

const hmac = (data) => crypto.createHmac('sha256', PEER_SECRET).update(data).digest();
const hashOf = (code) => hmac(code).subarray(0, 16);

function receiptOf(request) {
  const id = crypto.randomUUID();
  const body = JSON.stringify(request.body);
  const code = hmac(id).toString('hex').slice(0, 20);
  return {id, body, digest: crypto.createHash('sha256').update(body).digest(), code, hash: hashOf(code)};
}

const day = (instant) => instant.toISOString().slice(0, 10);

// The end of the n-th day after `from` that is neither Thursday nor Friday.
function workingDay(from, n) {
  const date = new Date(`${day(from)}T20:30:00Z`);
  for (let left = n; left > 0;) {
    date.setUTCDate(date.getUTCDate() + 1);
    if (![4, 5].includes(date.getUTCDay())) left--;
  }
  return date;
}

const dayAfter = (date, days) => new Date(date.getTime() + days * 86400e3);

const JALALI = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC'});
const jalaliDays = new Map();

// As a team would that met Intl's price: each day is formatted once.
function jalali(date) {
  const text = day(date);
  if (!jalaliDays.has(text)) {
    const parts = Object.fromEntries(JALALI.formatToParts(date).map(({type, value}) => [type, value]));
    jalaliDays.set(text, `${parts.year}-${parts.month}-${parts.day}`);
  }
  return jalaliDays.get(text);
}

const WHY = {
  day_zero: {fa: 'روز دریافت؛ شمارش از روز کاری بعد آغاز می‌شود', en: 'Day of receipt; counting starts with the next working day'},
  working: {fa: 'روز کاری', en: 'Working day'},
  weekend: {fa: 'تعطیل هفتگی', en: 'Weekend'},
};

function explained(receivedOn, dueOn) {
  const days = [];
  let counted = 0;
  for (let date = receivedOn; date <= dueOn; date = dayAfter(date, 1)) {
    const code = days.length === 0 ? 'day_zero' : [4, 5].includes(date.getUTCDay()) ? 'weekend' : 'working';
    if (code === 'working') counted++;
    days.push({date: day(date), date_jalali: jalali(date), counted: code === 'working' ? counted : 0,
      why: {code, is_certain: true, ...WHY[code]}});
  }
  return days;
}

const localDay = (date) => new Date(`${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-`
  + `${String(date.getDate()).padStart(2, '0')}T00:00:00Z`);

// The answer to a citizen: what they may do, Jalali dates, the deadline day by day.
function followed(row) {
  const {_received_on, _due_on, _working_days} = row;
  const receivedOn = localDay(_received_on), dueOn = localDay(_due_on);
  const {'received_at received_on_jalali': receivedAt, 'answered_at answered_on_jalali': answeredAt,
    'followup_from followup_from_jalali': followup, ...members} = visible(row);
  return {...members, received_at: receivedAt, received_on_jalali: jalali(receivedAt),
    answered_at: answeredAt, answered_on_jalali: answeredAt && jalali(answeredAt),
    followup_from: followup, followup_from_jalali: followup && jalali(followup),
    may_accept: false, may_withdraw: row.state === 'registered', may_reopen: false, reopen_until: null, reopen_until_jalali: null,
    deadline: {received_on: day(receivedOn), received_on_jalali: jalali(receivedOn), working_days: _working_days,
      due_on: day(dueOn), due_on_jalali: jalali(dueOn), due_at: new Date(`${day(dueOn)}T20:30:00Z`), explanation: explained(receivedOn, dueOn)},
    suggestion: null, satisfaction: null};
}

const visible = ({'*': members, ...row}) =>
  ({...members, ...Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_')))});

const commentNew = {
  type: 'object', required: ['text'], additionalProperties: false,
  properties: {
    text: {type: 'string', minLength: 3, maxLength: 10000},
    clause_id: {type: 'string', maxLength: 40},
    position: {enum: ['for', 'against', 'neutral']},
    audience: {enum: ['citizen', 'stakeholder', 'specialist']},
    author_name: {type: 'string', maxLength: 100},
  },
};

const complaintNew = {
  type: 'object', required: ['subject', 'text'], additionalProperties: false,
  properties: {
    subject: {type: 'string', minLength: 3, maxLength: 300},
    text: {type: 'string', minLength: 3, maxLength: 20000},
    unit_code: {type: 'string', maxLength: 40},
    county: {type: 'string', maxLength: 40},
  },
};

const voteNew = {
  type: 'object', required: ['version', 'answers'], additionalProperties: false,
  properties: {
    version: {type: 'integer'},
    answers: {
      type: 'object', required: ['rating'], additionalProperties: false,
      properties: {
        rating: {type: 'integer', minimum: 1, maximum: 5}, reason: {enum: ['time', 'manner']},
        word: {type: 'string', maxLength: 500},
      },
    },
  },
};

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  serve();
}
