import { Problem } from '../../lib/problem.ts'
import type { LabTarget } from '../target.ts'
import { type Ended, run } from './program.ts'

export const SCENARIO = 'scenarios/qdrant-corruption.ts'

/** The phrase that `--plan` shows, and its text. Throws a Problem when there is no plan. */
export async function planned(
  target: LabTarget,
  answers: readonly string[],
): Promise<{ phrase: string; ended: Ended }> {
  const ended = await run(target, SCENARIO, ['--plan', ...answers])
  const phrase = /--confirm '([^']+)'/.exec(ended.stdout)?.[1]
  if (ended.exitCode === 0 && phrase) return { phrase, ended }
  const tail = (ended.stderr.trim() || ended.stdout.trim()).split('\n').slice(-8)
  throw new Problem(`the scenario made no plan (exit code ${ended.exitCode}): ${tail[0]}`, {
    hint: `look: npx tsx ${SCENARIO} --plan`,
    tail,
  })
}
