import { command, type Output } from '../../lib/command.ts'
import type { Layout, ServiceState } from '../../lib/runtime.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { BackedUpFile } from '../base.ts'
import type { SuccessMember } from '../member.ts'
import { type Begun, countGaps } from '../references.ts'
import { countEdgeGaps } from './check-edges.ts'
import { beside, cypher, DUMPS, dumpsVolume, isOnline, status } from './commands.ts'
import { dumpWhileStopped } from './dump.ts'
import { type Neo4jBase, requireVolume } from './facts.ts'
import type { Key } from './graph.ts'
import type { Neo4jMember } from './member.ts'
import { type Proven, proveDumps } from './prove.ts'
import { type Look, lookAt } from './read.ts'
import { NODES } from './references.ts'
import { createVolume, removeOldVolumes, removeVolume } from './staging.ts'

type Entry = Omit<Neo4jMember, keyof SuccessMember> & Pick<SuccessMember, 'engine_version' | 'image'>

/** What a backup of Neo4j gives to the step that stores it. */
export interface Neo4jBackedUp {
  files: BackedUpFile[]
  entry: Entry
}

export const backUpNeo4j = (s: Sequence<Neo4jBase & Begun>): Sequence<Neo4jBase & Neo4jBackedUp> => {
  const looked = s
    .check('its database is online', f => status(f), online)
    .read(
      'see its version, counts and schema',
      f => lookAt(f.target, f.store),
      o => JSON.parse(o.stdout) as Look,
    )
    .check('every index is online', f => cypher(f.target.runtime, f.store, BROKEN), indexesOnline)
    .use(s => countGaps(s, NODES))
    .use(s => countEdgeGaps(s))
    .read(
      'see which image it runs',
      f => f.target.runtime.image(f.store.service),
      o => ({ image: o.stdout.trim().split('\n')[0] ?? '' }),
    )
    .read(
      'resolve services and volumes',
      f => f.target.runtime.layout(),
      (o, f) => ({ layout: reachable(f, f.target.runtime.readLayout(o)) }),
    )
    .read(
      'see every service',
      f => f.target.runtime.states(),
      (o, f) => ({ states: f.target.runtime.readStates(o) }),
    )
  const dumped = dumpWhileStopped(
    createVolume(looked as unknown as Sequence<Looked>, 'make an empty volume for the dumps', dumpsVolume),
  ) as unknown as Sequence<Looked & { away: number }>
  const proven = copyOut(proveDumps(removeOldVolumes(dumped)))
  return removeVolume(proven, 'remove the dumps from where Neo4j runs', dumpsVolume).let(
    'conclude the member',
    f => ({ files: filesOf(f), entry: entryOf(f) }),
  ) as unknown as Sequence<Neo4jBase & Neo4jBackedUp>
}

type Looked = Neo4jBase &
  Look & { gaps: Record<string, number>[]; edgeGaps: Record<string, number>[] } & {
    image: string
    layout: Layout
    states: ServiceState[]
  }

/** Refused before anything is stopped. */
function reachable(f: Neo4jBase, layout: Layout): Layout {
  requireVolume({ ...f, layout })
  return layout
}

/** The bytes that are uploaded are those that were proven. */
function copyOut<F extends Looked & { away: number } & Proven>(s: Sequence<F>): Sequence<F> {
  return s
    .keep('make its folder private: the users have password hashes', f =>
      command(['chmod', '700', f.run.folder]),
    )
    .keep('bring the dump of the graph here', f => take(f, f.store.database))
    .keep('bring the dump of the users here', f => take(f, 'system'))
    .read(
      'hash what was proven',
      f =>
        beside(f, 'hash', [
          'sh',
          '-c',
          'cd "$1" && sha256sum "$2.dump" system.dump',
          'hash',
          DUMPS,
          f.store.database,
        ]),
      o => ({ proven: digests(o) }),
    )
    .check(
      'what came here is what was proven',
      f => command(['sha256sum', file(f, f.store.database), file(f, 'system')], { limits: { total: 900 } }),
      (o, f) => same(digests(o), f.proven),
    ) as unknown as Sequence<F>
}

function take(f: Neo4jBase, database: string) {
  return beside(f, 'take', ['cat', `${DUMPS}/${database}.dump`], {
    stdout: file(f, database),
    limits: { total: 3600 },
  })
}

function file(f: Neo4jBase, database: string): string {
  return `${f.run.folder}/${f.store.name}_${database}.dump`
}

function filesOf(f: Neo4jBase): BackedUpFile[] {
  return [
    { file: file(f, f.store.database), ending: 'dump' },
    { file: file(f, 'system'), ending: 'system.dump' },
  ]
}

function digests(o: Output): string[] {
  return o.stdout
    .trim()
    .split('\n')
    .map(line => line.split(' ')[0] ?? '')
}

export function same(here: readonly string[], proven: readonly string[]): Verdict {
  const equal = here.length === 2 && here.join() === proven.join()
  return { verdict: equal ? 'proven' : 'failed', found: here.map(sum => `${sum.slice(0, 12)}…`).join(', ') }
}

export function online(o: Output): Verdict {
  if (isOnline(o)) return { verdict: 'proven', found: 'online' }
  const said = `${o.stdout}${o.stderr}`.trim().split('\n').at(-1) ?? ''
  return { verdict: 'failed', found: said.slice(0, 200) || 'no answer' }
}

/** A broken index would be backed up as it is. */
const BROKEN = "SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name, state"

export function indexesOnline(o: Output): Verdict {
  const [, ...broken] = o.stdout.trim().split('\n')
  if (broken.length > 0) return { verdict: 'failed', found: broken.join('; ') }
  return { verdict: 'proven', found: 'none is broken' }
}

function entryOf(f: Looked & { away: number } & Proven): Entry {
  const { graph, nodes, relationships } = f.reading
  return {
    engine_version: graph.version,
    image: f.image,
    database: f.store.database,
    nodes: graph.nodes,
    relationships: graph.relationships,
    isolated: graph.isolated,
    labels: graph.labels,
    types: graph.types,
    content: { nodes, relationships },
    keys: f.keys as Key[],
    indexes: graph.indexes,
    constraints: graph.constraints,
    users: graph.users,
    gaps: Object.assign({}, ...f.gaps, ...f.edgeGaps) as Record<string, number>,
    store_bytes: f.store_bytes,
    load_seconds: f.load_seconds,
    read_seconds: f.read_seconds,
    downtime_seconds: f.away,
  }
}
