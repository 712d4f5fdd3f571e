import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { exec } from '../lib/exec.ts'
import { type Recorded, readJournal, sentence } from '../lib/journal.ts'
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
 * Brings what the log of a lock container knows of its incident into the folder here, before the container goes:
 * all of it where the incident was worked on from another machine, or what was done there since it was worked on
 * here. The next engineer then resumes it from here. Nothing happens when the log does not begin with the incident.
 */
export async function inherit(target: Target, holder: Pick<Holder, 'id'>): Promise<void> {
  const { runtime, root, incidents } = target
  const events = await eventsOfLock(runtime, root, holder)
  const [opened] = events
  if (opened?.kind !== 'opened' || opened.project !== runtime.project) return
  // The name comes from a log that anybody who reaches the daemon can write to.
  if (!/^\d{8}_\d{6}-[\w-]+$/.test(opened.incident)) return
  const folder = join(incidents, opened.incident)
  const known = existsSync(join(folder, 'journal.jsonl')) ? readJournal(folder) : []
  const here = new Set(known.map(keyOf))
  const missing = events.filter(event => !here.has(keyOf(event)))
  if (missing.length === 0) return
  const last = { kind: 'resumed', host: hostname(), operator: operator(), elsewhere: true } as const
  // A run that slept through the handover has not heard of it; all that it did was done here.
  const away = missing.some(({ kind }) => kind !== 'handed')
  const all = away ? [...missing, { at: new Date().toISOString(), ...last }] : missing
  mkdirSync(folder, { recursive: true })
  append(
    join(folder, `incident_${opened.incident}.log`),
    all.map(event => `${event.at}  ${sentence(event)}`),
  )
  append(
    join(folder, 'journal.jsonl'),
    all.map(event => JSON.stringify(event)),
  )
}

function keyOf(event: Recorded): string {
  return `${event.at} ${event.kind} ${'path' in event ? event.path : ''}`
}

function append(file: string, lines: readonly string[]): void {
  appendFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
}
