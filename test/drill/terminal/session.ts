import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { incidentNames } from '../../../lab/drills/incidents.ts'
import type { LabTarget } from '../../../lab/target.ts'
import { type Recorded, readJournal } from '../../../lib/journal.ts'
import { AT_ONCE_MS, eventually } from '../../poll.ts'
import { KEY, openTerminal, type Terminal } from '../../pty.ts'

export const SCENARIO = 'scenarios/qdrant-corruption.ts'

/** Answers everything but the phrase in advance. */
export function answeredFor(affected: string, more: Record<string, string> = {}): string[] {
  const answers = { fence: 'no', description: 'a drill', detected: new Date().toISOString(), affected }
  return setAll({ ...answers, backup: 'latest', ...more })
}

/** As `answeredFor`, for Qdrant; the collection is the one that is damaged. */
export function answered(collection = 'documents_v1'): string[] {
  return answeredFor('qdrant', { collections: collection })
}

/** What only labels the report, in advance. */
export function labelled(affected: string): string[] {
  return setAll({ description: 'a drill', detected: new Date().toISOString(), affected })
}

function setAll(answers: Record<string, string>): string[] {
  return Object.entries(answers).flatMap(([name, answer]) => ['--set', `${name}=${answer}`])
}

/** A person at a terminal who runs the scenario, and the incident that it opens. */
export interface Session {
  terminal: Terminal
  /** Folder of the incident, as soon as there is one. */
  incident(): Promise<string>
}

/**
 * Types `npx tsx scenarios/qdrant-corruption.ts …`, or another one, into a terminal of 80 columns; `extra` are variables over
 * those of the target.
 */
export function startScenario(
  target: LabTarget,
  args: readonly string[] = [],
  scenario = SCENARIO,
  extra: Record<string, string> = {},
): Session {
  const earlier = incidentNames(target)
  const env = { ...target.env, COMPOSE_PROJECT_NAME: target.project, ...extra }
  const terminal = openTerminal(['npx', 'tsx', scenario, ...args], { cwd: target.root, env })
  const incident = () =>
    eventually(() => {
      const name = incidentNames(target).find(each => !earlier.includes(each))
      return name && join(target.root, 'incidents', name)
    }, AT_ONCE_MS)
  return { terminal, incident }
}

/** Goes on with an incident at a new terminal. */
export function resumeScenario(
  target: LabTarget,
  incident: string,
  scenario = SCENARIO,
  extra: Record<string, string> = {},
): Session {
  const { terminal } = startScenario(target, ['--resume', basename(incident)], scenario, extra)
  return { terminal, incident: async () => incident }
}

/** Reads the phrase from the screen and types it. */
export async function typePhrase({ terminal }: Session): Promise<void> {
  await terminal.sees('Type the phrase to go on:')
  const phrase = await eventually(
    () => /Type the phrase to go on:\s+(\S+ \S+ [0-9a-f]{4}-[0-9a-f]{4})/.exec(terminal.text())?.[1],
  )
  terminal.type(phrase + KEY.enter)
}

/** Waits until the journal has such an event and gives it. */
export async function reached<K extends Recorded['kind']>(
  session: Session,
  kind: K,
  holds: (event: Extract<Recorded, { kind: K }>) => boolean = () => true,
): Promise<Extract<Recorded, { kind: K }>> {
  const incident = await session.incident()
  let read = -1
  return eventually(() => {
    // Not parsed again while nothing was added.
    const size = statSync(join(incident, 'journal.jsonl'), { throwIfNoEntry: false })?.size ?? 0
    if (size === read) return undefined
    read = size
    return eventsOf(incident).find(
      (event): event is Extract<Recorded, { kind: K }> =>
        event.kind === kind && holds(event as Extract<Recorded, { kind: K }>),
    )
  }, AT_ONCE_MS)
}

export function eventsOf(incident: string): Recorded[] {
  return existsSync(join(incident, 'journal.jsonl')) ? readJournal(incident) : []
}

/** The questions up to the phrase, in their order: id and what is shown. */
export const QUESTIONS = [
  ['fence', 'Stop the writers now'],
  ['description', 'What happened'],
  ['detected', 'When was it detected'],
  ['affected', 'What is affected'],
  ['backup', 'Which backup'],
  ['collections', 'Which collections'],
] as const
