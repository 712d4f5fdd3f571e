import { Problem } from '../../lib/problem.ts'
import type { StoreKind } from '../../runbook/model.ts'
import { phraseIn } from '../../runbook/unattended.ts'
import type { Fault } from '../faults/fault.ts'
import type { LabTarget } from '../target.ts'
import { type Ended, run } from './program.ts'

export const SCENARIO = 'scenarios/qdrant-corruption.ts'

const OF_STORE: Record<StoreKind, string> = {
  qdrant: SCENARIO,
  neo4j: 'scenarios/neo4j-loss.ts',
  postgres: 'scenarios/postgres-loss.ts',
}

/** The file of the scenario that recovers from a fault. */
export function scenarioFor({ stores, scenario }: Pick<Fault, 'stores' | 'scenario'>): string {
  if (scenario) return `scenarios/${scenario}.ts`
  return stores.length > 1 ? 'scenarios/complete-failure.ts' : OF_STORE[stores[0]!]
}

/** The phrase that `--plan` shows, and its text. Throws a Problem when there is no plan. */
export async function planned(
  target: LabTarget,
  answers: readonly string[],
  scenario = SCENARIO,
): Promise<{ phrase: string; ended: Ended }> {
  const ended = await run(target, scenario, ['--plan', ...answers])
  const phrase = /--confirm '([^']+)'/.exec(ended.stdout)?.[1]
  if (ended.exitCode === 0 && phrase) return { phrase, ended }
  const tail = (ended.stderr.trim() || ended.stdout.trim()).split('\n').slice(-8)
  throw new Problem(`the scenario made no plan (exit code ${ended.exitCode}): ${tail[0]}`, {
    hint: `look: npx tsx ${scenario} --plan`,
    tail,
  })
}

/** Recovers as somebody does who reads the plan behind a pipe, and types its phrase. */
export function recover(
  target: LabTarget,
  answers: readonly string[],
  scenario = SCENARIO,
  seconds?: number,
): Promise<Ended> {
  return run(target, scenario, [...answers, '--confirm', '-'], seconds, phraseIn)
}
