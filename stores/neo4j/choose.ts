import { badInput } from '../../lib/problem.ts'
import { stateOf } from '../../lib/runtime.ts'
import type { Choice } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import type { Usable } from '../backups.ts'
import { type Around, type Neo4jAssessed, type Neo4jBase, type Neo4jChosen, requireVolume } from './facts.ts'
import { isStopped, missing } from './findings.ts'

type Needs = Neo4jBase & Around & Neo4jAssessed & { candidate: Usable<'neo4j'> }

/** What of the backup is loaded. What is not damaged is left alone: its newest writes would be lost. */
export const chooseNeo4j = (s: Sequence<Needs>): Sequence<Needs & Neo4jChosen & { databases: string }> =>
  s
    .ask({
      id: 'databases',
      say: 'Which databases of Neo4j are to be restored?',
      choices,
      suggest: suggestedDatabases,
      assume: { because: 'what is damaged is known from the assessment' },
      refuse,
    })
    .let('conclude what follows', f => conclude(f, f.databases)) as unknown as Sequence<
    Needs & Neo4jChosen & { databases: string }
  >

export function choices(f: Needs): Choice[] {
  const { database } = f.store
  const graph = { value: database, label: database, hint: 'the graph; the users stay as they are' }
  const both = { value: `${database},system`, label: `${database}, system`, hint: 'the graph, and the users' }
  const users = { value: 'system', label: 'system', hint: 'the users; the graph stays as it is' }
  const none = { value: 'none', label: 'none', hint: 'only start it and build lost indexes again' }
  const first = suggested(f, { graph, both, users, none })
  return [first, ...[graph, both, users, none].filter(choice => choice !== first)]
}

type Choices = Record<'graph' | 'both' | 'users' | 'none', Choice>

function suggested(f: Needs, { graph, both, users, none }: Choices): Choice {
  const damaged = f.findings.filter(({ kind }) => kind === 'content').map(({ name }) => name)
  const lostUsers = damaged.includes('system')
  const lostGraph = f.up ? damaged.some(name => name !== 'system') : !f.onDisk.includes(f.store.database)
  if (lostUsers) return lostGraph ? both : users
  if (f.up) return lostGraph || f.findings.every(({ kind }) => kind !== 'index') ? graph : none
  // With a damaged graph the server still comes up; one that does not come up at all has more than that.
  return isStopped(stateOf(f.states, f.store.service)) && !lostGraph ? none : both
}

/** What a recovery without further questions loads. */
export function suggestedDatabases(f: Needs): string {
  return choices(f)[0]!.value
}

/** Throws a Problem when the backup is one of another database than the configuration names. */
export function conclude(f: Needs, answer: string): Neo4jChosen {
  const { candidate, store } = f
  if (candidate.member.database !== store.database) {
    throw badInput(
      `${candidate.id} is a backup of ${candidate.member.database}, not of ${store.database}`,
      `correct \`database\` of the store ${store.name} in the configuration`,
    )
  }
  const restoring = answer === 'none' ? [] : answer.split(',').map(name => name.trim())
  if (restoring.length > 0) requireVolume(f)
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
  const stopped = isStopped(stateOf(f.states, f.store.service))
  if (answer === 'none' && !f.online && !stopped)
    return 'it does not come up by itself: something has to be restored'
  const unknown = conclude(f, answer).restoring.filter(name => name !== database && name !== 'system')
  return unknown.length === 0
    ? undefined
    : `${f.candidate.id} holds ${database} and system, not ${unknown.join(', ')}`
}
