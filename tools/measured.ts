import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytes, clock } from '../lib/format.ts'

/** One recovery as the bench has seen it. */
export interface MeasuredRecovery {
  scenario: string
  fault: string
  /** What was lost, on the disk of the engine. */
  diskBytes: number
  /** What was restored, as it lies in the bucket. */
  backupBytes: number
  /** From the start of the program to its end; nobody had to think. */
  seconds: number
  /** The part of it from the stop of the writers to the last smoke test. */
  act: number
}

/** What `npm run bench -- --only recovery --record` leaves for the page. */
export interface Measurement {
  /** Day, ISO 8601. */
  date: string
  /** Processors, memory and images: what the figures hold for. */
  machine: string
  version: string
  recoveries: MeasuredRecovery[]
}

/** On the practice ground, so it lies with it. */
const FILE = 'lab/measured.json'

export function record(root: string, measurement: Measurement): string {
  writeFileSync(join(root, FILE), `${JSON.stringify(measurement, null, 2)}\n`)
  return FILE
}

/** The figures in place of the paper's estimates; empty while nothing was measured. */
export function measuredTable(root: string): string {
  const file = join(root, FILE)
  if (!existsSync(file)) return ''
  const { date, machine, version, recoveries } = JSON.parse(readFileSync(file, 'utf8')) as Measurement
  const rows = recoveries.map(
    ({ scenario, fault, diskBytes, backupBytes, seconds, act }) =>
      `| \`${scenario}\` | ${fault} | ${bytes(diskBytes)} | ${bytes(backupBytes)} | ${clock(seconds * 1000)} | ${clock(act * 1000)} |`,
  )
  return `Measured on ${date} with version ${version} on the practice ground (${machine}), nobody having to think:

| scenario | what was lost | on disk | backup | whole run | from stop to smoke test |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Another machine and other sizes give other figures: \`npm run bench -- --only recovery\` measures them, and the plan of
every run estimates its own from the backup at hand.
`
}
