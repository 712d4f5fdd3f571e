import { type Ended, run } from '../../lab/drills/program.ts'
import { SCENARIO } from '../../lab/drills/scenario.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert } from '../describe.ts'
import { last } from './said.ts'
import { besidesIncidents, worldOf } from './world.ts'

/** A plan of the newest backup, which writes nothing at all, not even a record of itself. */
export const PLAN = [SCENARIO, '--plan', '--set', 'backup=latest']

/** The same as a run; the phrase is wrong, so it can never get beyond the confirmation. */
export const RUN = [SCENARIO, '--confirm', 'no such phrase', '--set', 'backup=latest']

/** A refusal is quick; the longest wait is for a store that accepts and never answers. */
const SECONDS = 100

export interface Refusal {
  /** A program of this repository and its arguments. */
  argv: readonly string[]
  exitCode: number
  /** What the one error must say. */
  says: RegExp
  /** Variables over those of the ground. */
  env?: Record<string, string>
  project?: string
}

/** One clear error with one HINT, the exit code promised, nothing else on stderr that looks like a crash. */
export async function assertRefuses(target: LabTarget, refusal: Refusal): Promise<Ended> {
  const { argv, exitCode, says, env = {}, project = target.project } = refusal
  const [file = '', ...args] = argv
  const ended = await run({ ...target, project, env: { ...target.env, ...env } }, file, args, SECONDS)
  assert.is(ended.exitCode, exitCode, last(ended))
  assert.match(ended.stderr, says)
  const hints = ended.stderr.match(/^\s*HINT: \S/gm) ?? []
  assert.is(hints.length, 1, `one HINT expected:\n${last(ended)}`)
  assert.not.match(ended.stderr, /unexpected:|^\s+at .*\.ts:\d+/m)
  return ended
}

/** As above, one after the other; the whole ground is compared before the first and after the last. */
export async function assertRefusedUntouched(
  target: LabTarget,
  ...refusals: readonly Refusal[]
): Promise<void> {
  const before = await worldOf(target)
  for (const refusal of refusals) await assertRefuses(target, refusal)
  const after = await worldOf(target)
  if (refusals.every(({ argv }) => argv.includes('--plan'))) assert.equal(after, before)
  else assert.equal(besidesIncidents(after), besidesIncidents(before))
}
