import { type Command, type Io, ownCommand } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import { type Like, likenessOf } from '../apart.ts'
import { apart, DATA, IN_UTF8, login, session } from './commands.ts'
import { ContentReader, contentQuery, type Reading } from './content.ts'
import type { Neo4jBase } from './facts.ts'
import { END, type Graph, GraphReader, type Key, LOOK } from './graph.ts'
import { Records } from './plain.ts'

/** Counts and schema of the live graph (tools/graph.ts). Fails when it cannot be read. */
export function lookAt(target: Target, store: Neo4jStore): Command {
  return ownCommand('graph', ['look', store.name], async (_, io) => {
    return `${JSON.stringify(await look(target, store, io))}\n`
  })
}

/** The same, but a graph that is online and cannot be read is an answer: `{"unreadable": "…"}`. */
export function lookIfReadable(target: Target, store: Neo4jStore): Command {
  return ownCommand('graph', ['look', store.name], async (_, io) => {
    try {
      return `${JSON.stringify(await look(target, store, io))}\n`
    } catch (error) {
      if (!(error instanceof Problem) || error.exitCode !== EXIT.commandFailed) throw error
      return `${JSON.stringify({ unreadable: error.tail.at(-1) ?? error.message })}\n`
    }
  })
}

async function look(target: Target, store: Neo4jStore, io: Io): Promise<Look> {
  const reader = new GraphReader()
  const records = new Records(record => reader.add(record.toString('utf8')))
  const output = await exec(session(target.runtime, store, LOOK + END), { cwd: io.cwd, signal: io.signal })
  records.add(Buffer.from(output.stdout))
  records.end()
  reader.end()
  return { graph: reader.graph, keys: reader.keys }
}

export interface Look {
  graph: Graph
  keys: Key[]
}

/** Every node and every relationship of the live graph. */
export function readAll(target: Target, store: Neo4jStore, keys: readonly Key[]): Command {
  return ownCommand('graph', ['read', store.name, JSON.stringify(keys)], async (_, io) => {
    const reading = await stream(session(target.runtime, store, contentQuery(keys)), io)
    return `${JSON.stringify(reading)}\n`
  })
}

/**
 * Runs a server on a volume of its own, asks it and stops it. It never sees the live volume, and nobody sees
 * it: it is on no network.
 */
const SURROGATE = `${IN_UTF8}neo4j console > /tmp/server.log 2>&1 & server=$!; tries=0
ready() { wget -q -O /dev/null http://127.0.0.1:7474/ && cypher-shell --non-interactive -d "$1" 'RETURN 1'; }
until ready "$1" > /tmp/answer 2>&1; do
  tries=$((tries + 1))
  if ! kill -0 $server 2>/dev/null || [ $tries -gt 600 ]; then cat /tmp/server.log /tmp/answer >&2; exit 1; fi
  if grep -qi unauthorized /tmp/answer; then cat /tmp/answer >&2; exit 3; fi
  sleep 0.5
done
cypher-shell --format plain --non-interactive -d "$1"; code=$?
kill $server; wait $server; exit $code`

/** Every node and every relationship of what was loaded into a volume of its own. */
export function readCopy(f: Neo4jBase, volume: string, keys: readonly Key[]): Command {
  const args = ['read-copy', f.store.name, f.run.id, volume, JSON.stringify(keys)]
  return ownCommand('graph', args, async (_, io) => {
    const server = surrogate({ ...f, like: await likenessOf(f, io) }, volume, contentQuery(keys))
    return `${JSON.stringify(await stream(server, io))}\n`
  })
}

/** Queries to a throw-away server on a volume of its own. */
export function surrogate(f: Neo4jBase & Like, volume: string, queries: string): Command {
  const { store } = f
  const server = apart(f, 'surrogate', ['sh', '-c', SURROGATE, 'surrogate', store.database], {
    ...login(store),
    mounts: [{ volume, at: DATA }],
    stdin: { format: '%s', values: [queries] },
    limits: { total: 3600 },
  })
  return { ...server, explain: explainSurrogate(store) }
}

function explainSurrogate(store: Neo4jStore): NonNullable<Command['explain']> {
  return output =>
    /unauthorized/i.test(output.stderr)
      ? {
          message: `the users of the backup refuse the password of ${store.user}`,
          hint: `${store.password.name} differs from what the volume has; a restore onto a new volume would lock everybody out: correct it, then back up again`,
        }
      : undefined
}

async function stream(command: Command, io: Io): Promise<Reading> {
  const reader = new ContentReader()
  await exec(command, {
    cwd: io.cwd,
    signal: io.signal,
    sink: chunk => {
      reader.add(chunk)
      if (reader.total > 0) io.progress({ done: (100 * reader.count) / reader.total, total: 100, unit: '%' })
    },
  })
  return reader.end()
}
