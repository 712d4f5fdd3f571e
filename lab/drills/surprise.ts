import { randomInt } from 'node:crypto'
import { join, relative } from 'node:path'
import { clock, duration } from '../../lib/format.ts'
import { readJournal } from '../../lib/journal.ts'
import { Objects } from '../../lib/objects.ts'
import { style } from '../../lib/style.ts'
import type { Fault } from '../faults/fault.ts'
import { FAULTS, inject } from '../faults/faults.ts'
import { DOCUMENTS } from '../platform/qdrant.ts'
import { say } from '../setup/progress.ts'
import { bucketOf, type LabTarget } from '../target.ts'
import { claimsOf, type DrillRecord, keepDrill } from './history.ts'
import { incidentNames } from './incidents.ts'
import type { Marker } from './marker.ts'
import { type Claim, prove } from './proof.ts'
import { scenarioFor } from './scenario.ts'
import { isGood, type Score, type Sealed, score } from './score.ts'
import { rightAnswer } from './script.ts'

/** Looks, decides and recovers, in as many runs as it takes; ends when it believes that all is well, or gives up. */
export type Engineer = (target: LabTarget) => Promise<void>

export interface Surprise {
  fault: Fault
  /** Written before the backup, and after it. */
  before: Marker
  after: Marker
  scale: number
}

/** A fault that nobody chose; the same for the same seed. */
export function anyFault(seed = `${randomInt(1_000_000)}`): Fault {
  return FAULTS[Number(seed) % FAULTS.length]!
}

/**
 * Breaks something without saying what, lets the engineer find and mend it, and scores what was decided against
 * what was right. The clock runs from the damage on. True when it was recovered and every decision was right.
 */
export async function surprise(
  target: LabTarget,
  { fault, before, after, scale }: Surprise,
  engineer: Engineer,
): Promise<boolean> {
  const right = rightAnswer(fault, DOCUMENTS)
  const newestBackup = await newestSet(target)
  const earlier = incidentNames(target)
  const victim = await inject(target, fault)
  const sealed: Sealed = { fault, right, broken: Date.now(), newestBackup }
  say(`  something is wrong on ${target.project} since just now; the clock runs`)
  await engineer(target)
  const ended = Date.now()
  const names = incidentNames(target).filter(name => !earlier.includes(name))
  const folders = names.map(name => join(target.root, 'incidents', name))
  const scored = score(
    folders.map(folder => readJournal(folder)),
    sealed,
  )
  const incident = folders.at(-1)
  const claims = incident
    ? await prove(target, { fault, victim, right, before, after, scale, incident })
    : [{ say: 'a recovery was run', holds: false, seen: 'none' }]
  const took = ended - sealed.broken
  const good = isGood(scored) && claims.every(({ holds }) => holds)
  tell(fault, scored, claims, took)
  keepDrill(target, {
    ...recordOf(target, fault, scored, claims, took),
    surprise: true,
    incidents: folders.map(folder => relative(target.root, folder)),
    passed: good,
  })
  return good
}

/** What every drill keeps of itself. */
export function recordOf(
  { project }: LabTarget,
  fault: Fault,
  { decisions, lanes, detectionSeconds }: Score,
  claims: readonly Claim[],
  tookMs: number,
): Omit<DrillRecord, 'surprise' | 'incidents' | 'passed'> {
  return {
    at: new Date().toISOString(),
    project,
    fault: fault.id,
    scenario: scenarioFor(fault),
    seconds: Math.round(tookMs / 1000),
    ...(detectionSeconds === undefined ? {} : { detection_seconds: detectionSeconds }),
    lanes,
    decisions,
    claims: claimsOf(claims),
  }
}

/** UTC stamp of the newest set in the bucket. */
export async function newestSet(target: LabTarget): Promise<string> {
  const keys = (await new Objects(bucketOf(target)).list('sets/')).map(({ key }) => key)
  const stamps = keys.flatMap(key => /\/set_(\d{8}_\d{6})\.json$/.exec(key)?.[1] ?? [])
  return stamps.sort().at(-1) ?? ''
}

function tell(fault: Fault, { decisions, lanes }: Score, claims: readonly Claim[], tookMs: number): void {
  say(`\n${style.strong('What it was')}\n  ${fault.title}: ${fault.sentence}`)
  say(`  expected to be seen: ${fault.expected.found}`)
  say(`\n${style.strong('What was decided')}`)
  for (const { what, decided, right, good } of decisions) {
    const mark = good === undefined ? style.quiet('·') : good ? style.good('✔') : style.bad('✖')
    say(`  ${mark} ${what.padEnd(14)} ${decided}`)
    if (good === false) say(`    ${'right'.padEnd(14)} ${right}`)
  }
  const { decide, wait, act, prove } = lanes
  const parts = [`decide ${duration(decide)}`, `wait ${duration(wait)}`, `act ${duration(act)}`]
  say(`    ${'time'.padEnd(14)} ${clock(tookMs)} (${[...parts, `prove ${duration(prove)}`].join(' · ')})`)
  for (const { say: claim, seen } of claims.filter(({ holds }) => !holds))
    say(`  ${style.bad('✖')} ${claim} ${style.quiet(`(${seen})`)}`)
  const hold = claims.filter(({ holds }) => holds).length
  say(`    ${'proof'.padEnd(14)} ${hold} of ${claims.length} claims hold, by reads of the drill’s own`)
}
