import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Doing } from '../../lib/spent.ts'
import type { LabTarget } from '../target.ts'
import type { Claim } from './proof.ts'
import type { Decision } from './score.ts'

/** One line per drill, beside the configuration. */
export const DRILLS_FILE = 'drills.jsonl'

/** What is kept of a drill. */
export interface DrillRecord {
  /** ISO 8601, of its end. */
  at: string
  project: string
  fault: string
  scenario: string
  /** Whether the engineer was not told what had been broken. */
  surprise: boolean
  /** From the damage to the end of the last run. */
  seconds: number
  /** From the damage to the opened incident; absent when none was opened. */
  detection_seconds?: number
  /** Milliseconds. */
  lanes: Record<Doing, number>
  decisions: readonly Decision[]
  claims: { hold: number; of: number }
  /** Folders of the incidents, relative to the repository. */
  incidents: readonly string[]
  passed: boolean
}

export function claimsOf(claims: readonly Claim[]): DrillRecord['claims'] {
  return { hold: claims.filter(({ holds }) => holds).length, of: claims.length }
}

/** Appends the line of a drill. */
export function keepDrill({ root }: LabTarget, record: DrillRecord): void {
  appendFileSync(join(root, DRILLS_FILE), `${JSON.stringify(record)}\n`)
}
