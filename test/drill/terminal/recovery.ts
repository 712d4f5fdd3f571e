import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Marker, writeMarker } from '../../../lab/drills/marker.ts'
import { prove } from '../../../lab/drills/proof.ts'
import { rightAnswer } from '../../../lab/drills/script.ts'
import type { Victim } from '../../../lab/faults/fault.ts'
import { faultNamed, inject } from '../../../lab/faults/faults.ts'
import { docker } from '../../../lab/ground.ts'
import { assert } from '../../describe.ts'
import { eventually } from '../../poll.ts'
import type { Terminal } from '../../pty.ts'
import { beginAgain, type Ready } from '../ground.ts'
import { eventsOf } from './session.ts'

const FAULT = faultNamed('vector-bytes')

/** A platform with silently damaged vectors, and what must be true once it is recovered. */
export interface Damage {
  ready: Ready
  collection: string
  victim: Victim
  after: Marker
}

/** Begins from the kept state and damages one collection. */
export async function damage(ready: Ready, collection = 'documents'): Promise<Damage> {
  await beginAgain(ready)
  const after = await writeMarker(ready.target, 'after the backup')
  return { ready, collection, victim: await inject(ready.target, FAULT, collection), after }
}

/** Reads the platform from outside: content, markers, rows, services, front door. */
export async function assertProven({ ready, collection, victim, after }: Damage, incident: string) {
  const right = rightAnswer(FAULT, collection)
  const known = { fault: FAULT, victim, right, before: ready.before, after, scale: 1, incident }
  const claims = await prove(ready.target, known)
  assert.equal(
    claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`),
    [],
  )
}

/** How often each write was begun, by its path. */
export function writesBegun(incident: string): Map<string, number> {
  const begun = new Map<string, number>()
  for (const event of eventsOf(incident)) {
    if (event.kind === 'started' && event.effect === 'write')
      begun.set(event.path, (begun.get(event.path) ?? 0) + 1)
  }
  return begun
}

/** `running`, `exited`, or undefined when there is no lock. */
export async function containerNamed({ target }: Ready): Promise<string | undefined> {
  const filter = `name=^/?${target.project}-recovery-lock$`
  return (await docker(target, ['ps', '-a', '--filter', filter, '--format', '{{.State}}'])) || undefined
}

/** Waits until the daemon has noticed that the holder is dead. */
export async function lockIsDead(ready: Ready): Promise<void> {
  await eventually(async () => (await containerNamed(ready)) === 'exited')
}

/** No value of a secret on the screen or in any file of the incident. */
export function assertNoSecrets({ target }: Ready, incident: string, screens: readonly string[]): void {
  const files = readdirSync(incident, { recursive: true, withFileTypes: true }).filter(f => f.isFile())
  const texts = [
    ...screens.map((screen, n): [string, string] => [`screen ${n + 1}`, screen]),
    ...files.map((f): [string, string] => [f.name, readFileSync(join(f.parentPath, f.name), 'latin1')]),
  ]
  for (const name of ['MINIO_SECRET_KEY', 'POSTGRES_PASSWORD', 'NEO4J_PASSWORD']) {
    const value = target.env[name] ?? ''
    assert.ok(value.length > 0, `${name} must have a value to look for`)
    const seen = texts.filter(([, text]) => text.includes(value)).map(([where]) => where)
    assert.equal(seen, [], `the value of ${name} is in ${seen.join(', ')}`)
  }
}

/**
 * The lock is released, the cursor visible, and no one-off container of the run is left. On a busy machine tsx ends what it
 * has started 60 ms after a Ctrl-C; the process that works lets go of the lock a moment later (runbook/own-process.ts).
 */
export async function assertLeftClean(ready: Ready, terminal: Terminal): Promise<void> {
  await eventually(async () => (await containerNamed(ready)) === undefined)
  assertCursor(terminal)
  const labels = [`com.docker.compose.project=${ready.target.project}`, 'com.docker.compose.oneoff=True']
  const filters = labels.flatMap(label => ['--filter', `label=${label}`])
  assert.is(await docker(ready.target, ['ps', '-a', '-q', ...filters]), '', 'nothing may be left')
}

/** The last word about the cursor is that it is shown. */
export function assertCursor(terminal: Terminal): void {
  const raw = terminal.raw()
  const visible = raw.lastIndexOf('\x1b[?25h') > raw.lastIndexOf('\x1b[?25l')
  assert.ok(visible, `the cursor must be visible at the end: ${JSON.stringify(raw.slice(-200))}`)
}
