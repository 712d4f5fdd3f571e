import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { type Recorded, sentence } from '../lib/journal.ts'
import { type Holder, operator } from '../lib/lock.ts'
import { isEvent, Records } from '../lib/records.ts'
import type { Runtime } from '../lib/runtime.ts'
import type { Target } from '../lib/target.ts'

/** The events that the lock container was told since its begin: after a resume, those of the whole incident. */
export async function eventsOfLock(
  runtime: Runtime,
  cwd: string,
  { id }: Pick<Holder, 'id'>,
): Promise<Recorded[]> {
  const records = new Records()
  const events: Recorded[] = []
  const sink = (chunk: Buffer) => void events.push(...records.add(chunk).filter(isEvent))
  await exec(runtime.logOf(id), { cwd, sink })
  return events
}

/**
 * Makes the folder of the incident that a lock container has the log of, where it was worked on from another
 * machine: the next engineer then resumes it here. Gives its name; undefined when the folder is here already, or
 * when the log does not begin with the incident.
 */
export async function inherit(target: Target, holder: Pick<Holder, 'id'>): Promise<string | undefined> {
  const { runtime, root, incidents } = target
  const events = await eventsOfLock(runtime, root, holder)
  const [opened] = events
  if (opened?.kind !== 'opened' || opened.project !== runtime.project) return undefined
  const { incident } = opened
  const folder = join(incidents, incident)
  if (!/^\d{8}_\d{6}-[\w-]+$/.test(incident) || existsSync(folder)) return undefined
  const last = { kind: 'resumed', host: hostname(), operator: operator(), elsewhere: true } as const
  const all = [...events, { at: new Date().toISOString(), ...last }]
  mkdirSync(folder, { recursive: true })
  writeLines(
    join(folder, `incident_${incident}.log`),
    all.map(event => `${event.at}  ${sentence(event)}`),
  )
  writeLines(
    join(folder, 'journal.jsonl'),
    all.map(event => JSON.stringify(event)),
  )
  return incident
}

function writeLines(file: string, lines: readonly string[]): void {
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
}
