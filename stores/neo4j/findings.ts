import { plural } from '../../lib/format.ts'
import type { ServiceState } from '../../lib/runtime.ts'
import type { Neo4jStore } from '../../lib/target.ts'
import type { Finding } from '../base.ts'
import { tooFew } from '../expected.ts'
import type { Neo4jAssessed } from './facts.ts'
import { definition, type Graph } from './graph.ts'
import type { Neo4jMember } from './member.ts'

type Was = Pick<
  Neo4jMember,
  'nodes' | 'relationships' | 'labels' | 'types' | 'indexes' | 'constraints' | 'users'
>

/** Compares the live graph with the newest usable backup. */
export function findings(name: string, now: Graph, was: Was | undefined): Finding[] {
  if (!was) return unbuilt(now)
  if (now.nodes === 0 && was.nodes > 0) {
    const lost = `${plural(was.nodes, 'node')} and ${plural(was.relationships, 'relationship')}`
    return [
      { kind: 'content', name, sentence: `${name} is empty; the backup has ${lost}` },
      ...users(now, was),
    ]
  }
  return [
    ...fewer(was.labels, now.labels, 'node'),
    ...fewer(was.types, now.types, 'relationship'),
    ...schema(now, was),
    ...unbuilt(now),
    ...users(now, was),
  ]
}

function fewer(was: Record<string, number>, now: Record<string, number>, what: string): Finding[] {
  return Object.entries(was).flatMap(([name, n]): Finding[] => {
    const gone = n - (now[name] ?? 0)
    if (gone <= 0) return []
    const sentence = `${name}: ${gone.toLocaleString('en-US')} of ${plural(n, what)} of the backup are gone`
    const some = gone < n ? { deleted: true as const } : {}
    if (tooFew(n - gone, n)) return [{ kind: 'content', name, sentence, ...some }]
    return [{ kind: 'suspect', name, sentence: `${sentence}; deleted on purpose?`, ...some }]
  })
}

function schema(now: Graph, was: Was): Finding[] {
  return missing(now, was).map(({ name, what }) => ({
    kind: 'index',
    name,
    sentence: `the ${what} ${name} of the backup is missing`,
  }))
}

/** Indexes and constraints that the backup has and the graph has not, whatever they are called now. */
export function missing(
  now: Pick<Graph, 'indexes' | 'constraints'>,
  was: Pick<Was, 'indexes' | 'constraints'>,
) {
  const constraints = new Set(now.constraints.map(definition))
  const indexes = new Set(now.indexes.map(definition))
  return [
    ...was.constraints
      .filter(each => !constraints.has(definition(each)))
      .map(({ name, create }) => ({ name, create, what: 'constraint' as const })),
    // The index of a constraint comes with it.
    ...was.indexes
      .filter(each => each.constraint === null && !indexes.has(definition(each)))
      .map(({ name, create }) => ({ name, create, what: 'index' as const })),
  ]
}

/** A failed index has to be built by hand: its data may be at fault. */
function unbuilt(now: Graph): Finding[] {
  const broken = now.indexes.filter(index => index.state !== 'ONLINE')
  return broken.map(({ name, state }) => ({
    kind: 'suspect',
    name,
    sentence: `the index ${name} is ${state}, not ONLINE`,
  }))
}

function users(now: Graph, was: Was): Finding[] {
  const lost = was.users.filter(user => !now.users.includes(user))
  if (lost.length === 0) return []
  return [
    { kind: 'content', name: 'system', sentence: `the users ${lost.join(', ')} of the backup are missing` },
  ]
}

/** A store can open and still have pages that nobody can read. */
export function unreadable(name: string, words: string): Finding {
  const sentence = `${name} is online, but cannot be read: ${words.trim().slice(0, 160)}`
  return { kind: 'content', name, sentence }
}

/** What is wrong with a database that is not online, with the last words of its log. */
export function silence(
  f: Pick<Neo4jAssessed, 'up' | 'said' | 'words' | 'onDisk' | 'failed'>,
  { name, database }: Pick<Neo4jStore, 'name' | 'database'>,
  state: ServiceState,
): Finding {
  const [last] = f.words.slice(-1).map(words => words.split('\n')[0]!.slice(0, 160))
  const words = last ? ` (${last})` : ''
  const gone = f.onDisk.includes(database) ? '' : '; its files are gone'
  const content = (name: string, sentence: string): Finding => ({ kind: 'content', name, sentence })
  if (f.up) {
    return content(name, `${name} runs, but its database ${database} is not online: ${f.said}${words}${gone}`)
  }
  if (isStopped(state) && gone === '') {
    return content(
      name,
      `${name} is stopped (exit code ${state.exitCode}); its files are there: it may only have to be started`,
    )
  }
  const health = state.health === '' ? '' : `, ${state.health}`
  const failed = f.failed === '' ? '' : `; it cannot open its database ${f.failed}`
  return content(
    f.failed === 'system' ? 'system' : name,
    `${name} does not answer: its container is ${state.state}${health}${failed}${words}${gone}`,
  )
}

/** Exit codes of a Neo4j that somebody has stopped or killed; any other is a start that failed. */
const STOPPED = [0, 137, 143]

/** Stopped by somebody, not by an error of its own. */
export function isStopped({ state, exitCode }: ServiceState): boolean {
  return state === 'exited' && STOPPED.includes(exitCode)
}
