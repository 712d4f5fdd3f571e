import { type Command, command, type Output } from '../lib/command.ts'
import { storesOf } from '../lib/target.ts'
import type { Verdict } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import { cypher } from '../stores/neo4j/commands.ts'
import { psql } from '../stores/postgres/commands.ts'
import { collections, readCollections } from '../stores/qdrant/commands.ts'

export const smokeTest = step<Base, unknown>({
  id: 'smoke-test',
  title: 'Smoke test through the front door',
  why: `Restored means that somebody can use it. The questions go in where users come in, and the databases are
asked once each as well. The RTO clock stops when these pass, not when a script ends.`,
  trouble:
    'The body of the answer names the store that failed. If only the chat fails, the data is back and the model backend is the problem.',
  body: s => s.use(frontDoor).use(databases),
  summary: () => 'health, chat, rag, graph and every database answer',
})

function frontDoor(s: Sequence<Base>) {
  return s
    .until(
      'the front door answers',
      f => get(f, f.target.frontDoor.health),
      o => o.exitCode === 0,
      { total: 120, every: 2 },
    )
    .check(
      'health',
      f => get(f, f.target.frontDoor.health),
      said(body => typeof body === 'object', 'healthy'),
    )
    .check(
      'a chat completion',
      chat,
      said(b => text(b.choices?.[0]?.message?.content), 'an answer'),
    )
    .check(
      'a question whose answer is in the documents',
      rag,
      said(b => hits(b).length > 0, 'hits'),
    )
    .check(
      'a question to the graph',
      graph,
      said(b => JSON.stringify(b).match(/\d+/) !== null, 'a count'),
    )
}

function databases(s: Sequence<Base>) {
  return s
    .each(
      'database',
      f => storesOf(f.target, 'postgres'),
      s =>
        s.check(
          'rows in PostgreSQL',
          f => psql(f.target.runtime, f.database, 'SELECT count(*) FROM feedback'),
          figure('rows of feedback'),
        ),
    )
    .each(
      'vectors',
      f => storesOf(f.target, 'qdrant'),
      s =>
        s.check(
          'collections in Qdrant',
          f => collections(f.vectors),
          o => verdict(readCollections(o).length, 'collections'),
        ),
    )
    .each(
      'graph',
      f => storesOf(f.target, 'neo4j'),
      s =>
        s.check(
          'nodes in Neo4j',
          f => cypher(f.target.runtime, f.graph, 'MATCH (n) RETURN count(n)'),
          figure('nodes'),
        ),
    )
}

function get(f: Base, path: string): Command {
  return curl([f.target.frontDoor.url + path])
}

function post(f: Base, path: string, body: unknown): Command {
  return curl([
    '-H',
    'content-type: application/json',
    '-d',
    JSON.stringify(body),
    f.target.frontDoor.url + path,
  ])
}

function curl(rest: readonly string[]): Command {
  return command(['curl', '--fail-with-body', '-sS', '--max-time', '20', ...rest], { limits: { total: 30 } })
}

function chat(f: Base): Command {
  const { model, chat_question } = f.target.frontDoor
  return post(f, '/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: chat_question }],
    max_tokens: 50,
  })
}

function rag(f: Base): Command {
  return post(f, '/api/rag/query', { query: f.target.frontDoor.rag_query, top_k: 5 })
}

function graph(f: Base): Command {
  return post(f, '/api/graph/query', { query: f.target.frontDoor.graph_query })
}

// biome-ignore lint/suspicious/noExplicitAny: the body of a foreign service; each test names what it needs.
type Body = any

function said(holds: (body: Body) => unknown, what: string) {
  return (o: Output): Verdict => {
    const body = o.stdout.trim()
    const good = attempt(() => holds(JSON.parse(body)))
    return { verdict: good ? 'proven' : 'failed', found: good ? what : body.slice(0, 200) }
  }
}

function attempt(holds: () => unknown): boolean {
  try {
    return Boolean(holds())
  } catch {
    return false
  }
}

function text(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function hits(body: Body): unknown[] {
  return body.hits ?? body.results ?? body.documents ?? []
}

function figure(what: string) {
  return (o: Output): Verdict => verdict(Number(o.stdout.trim().split('\n').at(-1)), what)
}

function verdict(n: number, what: string): Verdict {
  return { verdict: n > 0 ? 'proven' : 'failed', found: `${n} ${what}` }
}
