// The peer that a team would write today: fastify + pg, two processes, prepared statements, the same SQL, the same
// checks on a comment (schema, digest, tracking hash).
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import fastify from 'fastify';
import pg from 'pg';
import {statement} from './statements.mjs';

const {PEER_PORT, PEER_SOCKET, PEER_ORG, PEER_SECRET} = process.env;

async function serve() {
  const pool = new pg.Pool({host: PEER_SOCKET, user: 'postgres', database: 'mosharekat', max: 16});
  const run = async (name, values) => (await pool.query({name, text: texts[name], values})).rows;
  const texts = Object.fromEntries(['draft_get_public', 'comment_list', 'comment_create'].map((n) => [n, statement(n)]));
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
    const id = crypto.randomUUID();
    const body = JSON.stringify(request.body);
    const digest = crypto.createHash('sha256').update(body).digest();
    const code = crypto.createHmac('sha256', PEER_SECRET).update(id).digest();
    const hash = crypto.createHmac('sha256', PEER_SECRET).update(code).digest().subarray(0, 16);
    const campaign = crypto.createHash('md5').update(request.body.text.normalize('NFKC')).digest('hex');
    const [row] = await run('comment_create', [id, PEER_ORG, request.params.id, body, new Date(), null, digest, hash,
      campaign, 1405, false]);
    if (row._problem) return reply.code(409).send({code: row._problem});
    return reply.code(201).send({...visible(row), tracking_code: code.toString('hex').slice(0, 20)});
  });

  await app.listen({port: Number(PEER_PORT), host: '127.0.0.1'});
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

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  serve();
}
