import { type Command, ownCommand } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import { session } from './commands.ts'
import { literal, named } from './content.ts'
import { END, HEAD } from './graph.ts'
import { parseRecord } from './plain.ts'

/** Some relationships of one type, walked as paths. */
export interface Walked {
  type: string
  walked: number
  /** Those whose ends are the nodes of the path, and whose end leads back to their begin. */
  whole: number
}

/** So many of each type: a look into the store's chains from both ends, not a count. */
const SAMPLES = 5

/**
 * A relationship hangs in the chains of both its nodes. A count reads neither chain, so a broken one shows only when the
 * path is walked from one end and found again from the other.
 */
export function pathQuery(types: readonly string[]): string {
  const queries = types.map(type => {
    const by = named(type)
    return `MATCH (a)-[r:${by}]->(b) WITH a, r, b LIMIT ${SAMPLES}
WITH startNode(r) = a AND endNode(r) = b AND EXISTS { (b)<-[:${by}]-(a) } AS whole
RETURN "path" AS ${HEAD}, ${literal(type)}, count(*), sum(CASE WHEN whole THEN 1 ELSE 0 END);\n`
  })
  return queries.join('') + END
}

/** `refused`: the server's words when it let nobody in; empty when it did. */
export interface Walk {
  refused: string
  paths: Walked[]
}

/**
 * Walks some relationships of each of these types (a record of type → count), over the network of the platform and by
 * the service's name, with its password (tools/graph.ts paths).
 */
export function walkPaths(target: Target, store: Neo4jStore, types: Record<string, number>): Command {
  return ownCommand('graph', ['paths', store.name, JSON.stringify(types)], async ([, , words], io) => {
    const query = pathQuery(Object.keys(JSON.parse(words!) as object))
    try {
      const { stdout } = await exec(session(target.runtime, store, query), { cwd: io.cwd, signal: io.signal })
      return `${JSON.stringify({ refused: '', paths: readPaths(stdout) } satisfies Walk)}\n`
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode !== EXIT.commandFailed) throw error
      return `${JSON.stringify({ refused: error.tail.at(-1) ?? error.message, paths: [] } satisfies Walk)}\n`
    }
  })
}

/** Types without a path are left out. Throws a Problem for records that cannot be read. */
export function readPaths(stdout: string): Walked[] {
  const records = stdout.split('\n').filter(line => line.startsWith('"path", '))
  return records
    .map(record => parseRecord(record))
    .map(([, type, walked, whole]) => ({ type: String(type), walked: Number(walked), whole: Number(whole) }))
    .filter(({ walked }) => walked > 0)
}
