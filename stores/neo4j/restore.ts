import type { Command, Output } from '../../lib/command.ts'
import type { Verdict, WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { explained } from './admin.ts'
import { alone } from './alone.ts'
import { beside, cypher, dumpsVolume, inVolume } from './commands.ts'
import { named } from './content.ts'
import {
  type Around,
  failedLoad,
  type Neo4jAssessed,
  type Neo4jBase,
  type Neo4jChosen,
  quarantine,
  type Repair,
} from './facts.ts'
import { findings, missing } from './findings.ts'
import type { Graph } from './graph.ts'
import { contentsNeo4j } from './member.ts'
import { consistent } from './prove.ts'
import { type Look, lookAt } from './read.ts'
import { BRING_BACK, LOAD, PUT_AWAY, SEE, SET_ASIDE } from './scripts.ts'
import { stageDumps } from './stage-dumps.ts'
import { removeVolume } from './staging.ts'
import { own, startNeo4j, stopCleanly, stopNeo4j } from './stop.ts'

type Needs = Neo4jBase & Around & Neo4jAssessed & Neo4jChosen

/**
 * Community edition has one graph and serves it under one name, so there is no beside and switch: the old
 * store is moved aside while the server is stopped, and the start comes last. Never --overwrite-destination,
 * which deletes the old store before it opens the archive.
 */
export const restoreNeo4j = (s: Sequence<Needs>): Sequence<Needs> =>
  s
    .when(
      'a database is to be restored',
      f => f.restoring.length > 0,
      s => s.use(exchange),
      s =>
        s.when(
          'it is stopped',
          f => !f.online,
          s => startNeo4j(s),
        ),
    )
    .each(
      'index',
      f => f.repairs,
      s => s.use(build),
    )

const exchange = (s: Sequence<Needs>): Sequence<Needs> => {
  const stopped = alone(
    stageDumps(s).when(
      'its database is online',
      f => f.online,
      s => stopCleanly(s),
      // What does not open cannot come to rest; it is kept with its logs as it is.
      s => stopNeo4j(s),
    ),
  )
  const loaded = stopped
    .check('Neo4j is stopped', f => f.target.runtime.states(), isStopped)
    .write('set the damaged store aside, inside the volume', {
      run: f => script(f, 'aside', SET_ASIDE),
      probe: { look: f => script(f, 'see', SEE), state: asideState },
      undo: f => script(f, 'back', BRING_BACK),
      critical: true,
    })
    // A start in between would make an empty store in its place.
    .check('Neo4j is still stopped', f => f.target.runtime.states(), isStopped)
    .write('load the dump', {
      run: f =>
        explained(beside(f, 'load', ['sh', '-c', LOAD, 'load', ...places(f)], { limits: { total: 3600 } })),
      probe: { look: f => script(f, 'see', SEE), state: loadState },
      undo: f => script(f, 'away', PUT_AWAY),
      size: f => f.candidate.member.store_bytes,
    })
    .each(
      'database',
      f => f.restoring,
      s =>
        s.check(
          'what was loaded is consistent',
          f =>
            beside(f, 'checked', ['neo4j-admin', 'database', 'check', f.database, '--report-path=/tmp'], {
              limits: { total: 3600 },
              ok: [1, 70],
            }),
          consistent,
        ),
    )
  const started = startNeo4j(loaded)
    .read('wait until every index is online', f => indexesOnline(f))
    .check('its figures and its schema are those of the backup', f => lookAt(f.target, f.store), asInBackup)
  return removeVolume(started, 'remove the staged dump', dumpsVolume)
}

function script(f: Needs, what: string, text: string): Command {
  return inVolume(f, what, text, places(f))
}

function places(f: Needs): string[] {
  return [quarantine(f.run), failedLoad(f.run), ...f.restoring]
}

function indexesOnline(f: Neo4jBase): Command {
  return cypher(f.target.runtime, f.store, 'CALL db.awaitIndexes(50)')
}

export function isStopped(o: Output, f: Neo4jBase): Verdict {
  const { state } = own(o, f)
  const stopped = state === 'exited' || state === 'created' || state === 'missing'
  const found = stopped
    ? state
    : `${f.store.service} is ${state}: somebody has started it; stop it, then retry`
  return { verdict: stopped ? 'proven' : 'failed', found }
}

function marks(o: Output): string[] {
  return o.stdout.split('\n').map(line => line.trim())
}

/** After the load the names are taken again; the mark says that what was there before is in the quarantine. */
export function asideState(o: Output): WorldState {
  const seen = marks(o)
  if (seen.includes('moved')) return 'done'
  return seen.includes('quarantine') ? 'partial' : 'absent'
}

export function loadState(o: Output): WorldState {
  const seen = marks(o)
  if (seen.includes('loaded')) return 'done'
  return seen.includes('moved') && seen.some(mark => mark.startsWith('there ')) ? 'partial' : 'absent'
}

function asInBackup(o: Output, f: Needs): Verdict {
  return f.restoring.includes(f.store.database) ? sameGraph(o, f) : nothingMissing(o, f)
}

/** A graph that was not restored has what was written since, too: more than the backup is right, less is not. */
export function nothingMissing(o: Output, f: Pick<Needs, 'store' | 'candidate'>): Verdict {
  const { graph } = JSON.parse(o.stdout) as Look
  const wrong = findings(f.store.name, graph, f.candidate.member).filter(({ kind }) => kind !== 'suspect')
  if (wrong.length > 0) return { verdict: 'failed', found: wrong.map(({ sentence }) => sentence).join('; ') }
  return { verdict: 'proven', found: contentsNeo4j(graph) }
}

/** Counts, indexes and constraints; the content itself is read by the validation. */
export function sameGraph(o: Output, f: Pick<Neo4jChosen, 'candidate'>): Verdict {
  const { graph } = JSON.parse(o.stdout) as Look
  const was = f.candidate.member
  const wrong = [
    ...differences('node', was.labels, graph.labels),
    ...differences('relationship', was.types, graph.types),
    ...schemaDifferences(was, graph),
  ]
  const found = `${graph.nodes} nodes, ${graph.relationships} relationships, ${graph.indexes.length} indexes online, ${graph.constraints.length} constraints`
  return wrong.length === 0 ? { verdict: 'proven', found } : { verdict: 'failed', found: wrong.join('; ') }
}

function differences(what: string, was: Record<string, number>, now: Record<string, number>): string[] {
  const names = [...new Set([...Object.keys(was), ...Object.keys(now)])]
  return names
    .filter(name => (was[name] ?? 0) !== (now[name] ?? 0))
    .map(name => `${now[name] ?? 0} ${what}s ${name}, the backup has ${was[name] ?? 0}`)
}

export function schemaDifferences(was: Pick<Graph, 'indexes' | 'constraints'>, now: Graph): string[] {
  const lost = missing(now, was).map(({ name, what }) => `the ${what} ${name} is missing`)
  const broken = now.indexes
    .filter(index => index.state !== 'ONLINE')
    .map(i => `the index ${i.name} is ${i.state}`)
  return [...lost, ...broken]
}

const build = (s: Sequence<Needs & { index: Repair }>) =>
  s
    .write('build what was lost again', {
      run: f => cypher(f.target.runtime, f.store, f.index.create),
      probe: {
        look: f =>
          cypher(
            f.target.runtime,
            f.store,
            `SHOW ${f.index.what === 'INDEX' ? 'INDEXES' : 'CONSTRAINTS'} YIELD name`,
          ),
        state: (o, f) => (o.stdout.includes(`"${f.index.name}"`) ? 'done' : 'absent'),
      },
      undo: f => cypher(f.target.runtime, f.store, `DROP ${f.index.what} ${named(`${f.index.name}`)}`),
    })
    .read('wait until it is online', f => indexesOnline(f))
