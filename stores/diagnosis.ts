import type { Command, Output } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { stamp } from '../lib/format.ts'
import type { ServiceState } from '../lib/runtime.ts'
import type { Store, Target } from '../lib/target.ts'
import type { Catalogue } from './backups.ts'
import type { Run } from './base.ts'

/** The troubles that are looked for: each is a paragraph of the page's section "Troubleshooting". */
export const PROBLEMS = {
  hang: 'something hangs',
  checksum: 'a checksum does not match',
  space: 'out of disk space',
  start: 'Neo4j does not start',
  collection: 'a collection is missing',
  'foreign-keys': 'foreign keys are violated',
} as const

export type Problem = keyof typeof PROBLEMS

/** One trouble that was recognised. */
export interface Diagnosis {
  /** Store, object or container. */
  about: string
  /** What was seen: figures and names, a line each. */
  evidence: readonly string[]
  /** The likely cause, as a sentence. */
  cause: string
  /** What to run next, in this order; a text says what no command can. */
  next: readonly (Command | string)[]
}

/** What every look is given. Nothing of it writes. */
export interface Looking {
  target: Target
  /** Names the one-off containers of this look. */
  run: Run
  /** Asked once, for all looks. */
  states: Promise<ServiceState[]>
  /** The bucket, read once. */
  listed: Promise<Catalogue>
  signal: AbortSignal
}

/** Looks for one problem at one store; empty when it does not have it. Throws when it could not be looked at. */
export type Look<S extends Store = Store> = (looking: Looking, store: S) => Promise<Diagnosis[]>

/** Runs a read. */
export function ask({ target, signal }: Looking, command: Command): Promise<Output> {
  return exec(command, { cwd: target.root, signal })
}

/** The same run for all looks of one program. */
export function lookingRun(): Run {
  return { id: stamp(new Date()), folder: '.diagnose' }
}
