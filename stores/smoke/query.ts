import type { Command, Output } from '../../lib/command.ts'
import type { SmokeQuery } from '../../lib/smoke-tests.ts'
import type { Store, Target } from '../../lib/target.ts'
import type { Verdict } from '../../runbook/model.ts'
import { cypher, NO_ANSWER } from '../neo4j/commands.ts'
import { psql, SILENT } from '../postgres/commands.ts'
import { collections, exactCount, readCollections, readCount } from '../qdrant/commands.ts'
import { notRefused } from '../qdrant/explain.ts'
import { amountText, isEnough } from './amount.ts'

const TABLES = `SELECT count(*) FROM pg_catalog.pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
const NODES = 'MATCH (n) RETURN count(n)'

/** The question as the command of its store; that it cannot be answered is an answer. */
export function queryOf({ runtime, stores }: Target, { store: name, ask }: SmokeQuery): Command {
  const store = stores[name]!
  switch (store.kind) {
    case 'postgres':
      return psql(runtime, store, ask ?? TABLES, { ok: SILENT })
    case 'neo4j':
      return cypher(runtime, store, ask ?? NODES, NO_ANSWER)
    case 'qdrant':
      return ask === undefined ? collections(store) : exactCount(store, ask)
  }
}

/** Judges the number that a store gives; none is told by the last words of its client. */
export function judgeCount({ stores }: Target, { store, ask, amount }: SmokeQuery, output: Output): Verdict {
  const n = figure(stores[store]!, ask, output)
  const good = n !== undefined && isEnough(n, amount)
  const took = `${(output.durationMs / 1000).toFixed(2)} s`
  const found = n === undefined ? lastWords(output) : String(n)
  return {
    verdict: good ? 'proven' : 'failed',
    found: `${found} in ${took} (expected: ${amountText(amount)})`,
  }
}

function figure(store: Store, ask: string | undefined, output: Output): number | undefined {
  if (store.kind === 'qdrant') {
    notRefused(store, output)
    return ask === undefined ? readCollections(output).length : readCount(output)
  }
  const last = output.stdout.trim().split('\n').at(-1) ?? ''
  return output.exitCode === 0 && /^\d+$/.test(last) ? Number(last) : undefined
}

/** psql shows the place of an error below it, so the last line is not always the one that tells. */
function lastWords({ stdout, stderr }: Output): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter(line => line.trim() !== '')
  const words = lines.find(line => /error/i.test(line)) ?? lines.at(-1) ?? 'no number'
  return words.trim().slice(0, 200)
}
