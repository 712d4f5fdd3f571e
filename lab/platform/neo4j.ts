import { callStore } from './json-http.ts'
import type { Settings } from './settings.ts'
import { StoreError } from './store-error.ts'

export interface Statement {
  statement: string
  parameters?: Record<string, unknown>
}

export type Row = Record<string, unknown>

/** Neo4j through its HTTP transaction interface, so that no driver is needed. Throws StoreError. */
export interface Neo4j {
  /** Runs one statement in a transaction of its own. `readOnly` makes the server refuse every write. */
  run(statement: string, parameters?: Record<string, unknown>, mode?: 'read' | 'write'): Promise<Row[]>
}

interface TransactionAnswer {
  results: { columns: string[]; data: { row: unknown[] }[] }[]
  errors: { code: string; message: string }[]
}

export function connectNeo4j({ url, user, password }: Settings['neo4j']): Neo4j {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return {
    async run(statement, parameters = {}, mode = 'write') {
      const answer = (await callStore('neo4j', `${url}/db/neo4j/tx/commit`, {
        method: 'POST',
        headers: { authorization, 'access-mode': mode === 'read' ? 'READ' : 'WRITE' },
        body: { statements: [{ statement, parameters }] },
        timeoutMs: 120_000,
      })) as TransactionAnswer
      // The interface answers HTTP 200 or 201 for a failed statement too; the truth is in `errors`.
      const failure = answer.errors[0]
      if (failure) throw new StoreError('neo4j', `${failure.code} ${failure.message}`, false)
      const result = answer.results[0] ?? { columns: [], data: [] }
      return result.data.map(({ row }) => toRow(result.columns, row))
    },
  }
}

function toRow(columns: readonly string[], values: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((column, i) => [column, values[i]]))
}
