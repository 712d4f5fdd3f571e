import type { Config } from './config.ts'
import type { Amount, Expectation, SmokeKind, WrittenQuery, WrittenRequest } from './config-schema.ts'
import { badInput } from './problem.ts'
import { Secret } from './secret.ts'

/** What shows that somebody can use the platform: requests as users send them, and a question to every store. */
export interface SmokeTests {
  requests: readonly SmokeRequest[]
  queries: readonly SmokeQuery[]
}

export interface SmokeRequest {
  name: string
  kind: SmokeKind
  url: string
  method: string
  /** As it is sent. */
  body: string | undefined
  token: Secret | undefined
  expect: Expectation
  withinSeconds: number
}

export interface SmokeQuery {
  name: string
  store: string
  /** SQL, Cypher or the name of a collection; undefined: whether the store holds anything at all. */
  ask: string | undefined
  amount: Amount
}

/** A model may think for a minute; nobody waits so long for data. */
const WITHIN_SECONDS: Record<SmokeKind, number> = { data: 10, inference: 60 }

const HOLDS_ANYTHING = { postgres: 'tables', qdrant: 'collections', neo4j: 'nodes' }

/**
 * The tests of a configuration; a store that it asks nothing is asked whether it holds anything. Throws a Problem
 * (exit 64) for a test that could not be run.
 */
export function smokeTestsOf({ smoke_tests, stores, env }: Config): SmokeTests {
  const { requests = [], queries = [] } = smoke_tests ?? {}
  const asked = queries.map((query, index) => queryOf(query, `smoke_tests.queries.${index}`, stores))
  requireOwnNames([...requests, ...queries])
  const others = Object.entries(stores).filter(([name]) => !queries.some(({ store }) => store === name))
  return {
    requests: requests.map((request, index) => requestOf(request, `smoke_tests.requests.${index}`, env)),
    queries: [
      ...asked,
      ...others.map(([store, { kind }]) => {
        return { name: `${HOLDS_ANYTHING[kind]} in ${store}`, store, ask: undefined, amount: {} }
      }),
    ],
  }
}

/** The name is how the journal knows a test. */
function requireOwnNames(tests: readonly { name: string }[]): void {
  const twice = tests.find(({ name }, index) => tests.findIndex(other => other.name === name) !== index)
  if (twice) throw badInput(`two smoke tests have the name "${twice.name}"`, 'give each a name of its own')
}

function requestOf(written: WrittenRequest, at: string, env: Config['env']): SmokeRequest {
  const { name, kind = 'data', url, body, method, token_from, expect, within_seconds } = written
  requirePattern(expect.matches, at)
  return {
    name,
    kind,
    url,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    token: token_from ? new Secret(token_from, env[token_from] ?? '') : undefined,
    expect,
    withinSeconds: within_seconds ?? WITHIN_SECONDS[kind],
  }
}

function requirePattern(pattern: string | undefined, at: string): void {
  try {
    new RegExp(pattern ?? '')
  } catch {
    throw badInput(`${at}.expect.matches is no regular expression: ${pattern}`)
  }
}

function queryOf(written: WrittenQuery, at: string, stores: Config['stores']): SmokeQuery {
  const { name, store, query, collection, ...amount } = written
  const kind = stores[store]?.kind
  if (!kind)
    throw badInput(
      `${at} asks "${store}", which is no store`,
      `the configuration has ${Object.keys(stores).join(', ')}`,
    )
  const [key, ask, other] =
    kind === 'qdrant' ? ['collection', collection, query] : ['query', query, collection]
  if (!ask || other) throw badInput(`${at} asks ${store}, a ${kind}, and needs the key "${key}" and no other`)
  return { name, store, ask, amount }
}
