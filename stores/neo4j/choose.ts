import { stateOf } from '../../lib/runtime.ts'
import type { Choice } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { Usable } from '../backups.ts'
import type { Around, Neo4jAssessed, Neo4jBase, Neo4jChosen } from './facts.ts'
import { missing } from './findings.ts'

type Needs = Neo4jBase & Around & Neo4jAssessed & { candidate: Usable<'neo4j'> }

/** What of the backup is loaded. What is not damaged is left alone: its newest writes would be lost. */
export const chooseNeo4j = (s: Sequence<Needs>): Sequence<Needs & Neo4jChosen & { databases: string }> =>
  s
    .ask({
      id: 'databases',
      say: 'Which databases of Neo4j are to be restored?',
      choices,
      suggest: f => choices(f)[0]?.value,
      assume: { because: 'what is damaged is known from the assessment' },
      refuse,
    })
    .let('conclude what follows', f => conclude(f, f.databases)) as unknown as Sequence<
    Needs & Neo4jChosen & { databases: string }
  >

/** Exit codes of a Neo4j that somebody has stopped or killed; any other is a start that failed. */
const STOPPED = [0, 137, 143]

export function choices(f: Needs): Choice[] {
  const { database } = f.store
  const graph = { value: database, label: database, hint: 'the graph; the users stay as they are' }
  const both = { value: `${database},system`, label: `${database}, system`, hint: 'the graph, and the users' }
  const none = { value: 'none', label: 'none', hint: 'only build lost indexes and constraints again' }
  const damaged = f.findings.filter(finding => finding.kind === 'content')
  if (usersAreLost(f)) return [both, graph, none]
  if (damaged.length > 0) return [graph, both, none]
  return f.findings.some(finding => finding.kind === 'index') ? [none, graph, both] : [graph, both, none]
}

/** With a damaged graph the server still comes up; one that does not come up at all has lost its `system`. */
function usersAreLost(f: Needs): boolean {
  if (f.up) return f.findings.some(({ kind, name }) => kind === 'content' && name === 'system')
  const { state, exitCode } = stateOf(f.states, f.store.service)
  return (
    !f.onDisk.includes('system') ||
    state === 'restarting' ||
    (state === 'exited' && !STOPPED.includes(exitCode))
  )
}

export function conclude(f: Needs, answer: string): Neo4jChosen {
  const { candidate } = f
  const restoring = answer === 'none' ? [] : answer.split(',').map(name => name.trim())
  const lost = f.graph && !restoring.includes(f.store.database) ? missing(f.graph, candidate.member) : []
  const repairs = lost.map(({ name, create, what }) => ({
    name,
    create,
    what: what === 'index' ? ('INDEX' as const) : ('CONSTRAINT' as const),
  }))
  return { candidate, restoring, repairs }
}

export function refuse(answer: string, f: Needs): string | undefined {
  const { database } = f.store
  if (answer === 'none' && !f.online)
    return `the database is not online: there is nothing to build an index in`
  const unknown = conclude(f, answer).restoring.filter(name => name !== database && name !== 'system')
  return unknown.length === 0
    ? undefined
    : `${f.candidate.id} holds ${database} and system, not ${unknown.join(', ')}`
}
