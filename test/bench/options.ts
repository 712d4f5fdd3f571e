import { noMoreThan, splitArguments } from '../../lib/arguments.ts'
import { badInput } from '../../lib/problem.ts'

export const HELP = `Measures speed and memory side by side in one run and prints ratios with their budgets.

  npm run bench -- [options]

  --scale <n>    data of the timed recoveries, in copies of the seed (1);
                 appendix-b: as much as the paper runbook expects (60)
  --large <n>    the second scale for memory (20)
  --rounds <n>   recoveries by the tool and by the script, in turns (3)
  --only <part>  startup (and the catalogue), recovery, memory, references (a million ids per store),
                 or lanes: every recovery once and by the tool alone, all stores at once against the slowest one
  --record       keep sizes and times for RUNBOOK.md (npm run docs)
  --keep         leave the bench's practice ground running

Exit code 0 also when a budget is missed; 1 when something could not be measured.`

const PARTS = ['startup', 'recovery', 'lanes', 'memory', 'references'] as const
export type Part = (typeof PARTS)[number]

/** Qdrant 500 MB, Neo4j 1 GB and PostgreSQL 200 MB: with so many copies every store is at least as large. */
const APPENDIX_B = 60

export interface BenchOptions {
  scale: number
  large: number
  rounds: number
  only: Part | undefined
  record: boolean
  keep: boolean
  help: boolean
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const OPTIONS = { scale: text, large: text, rounds: text, only: text, record: flag, keep: flag, help: flag }
const HINT = 'npm run bench -- --help shows what there is'

/** Throws a Problem (exit 64) for anything it does not know. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = splitArguments(argv, OPTIONS, HINT)
  noMoreThan(0, positionals, HINT)
  const { scale, large, rounds, only, record, keep, help } = values
  const part = PARTS.find(each => each === only)
  if (only !== part) throw badInput(`there is no part "${only}"`, `one of ${PARTS.join(', ')}`)
  return {
    scale: scale === 'appendix-b' ? APPENDIX_B : number('scale', scale ?? '1'),
    large: number('large', large ?? '20'),
    rounds: number('rounds', rounds ?? '3'),
    only: part,
    record: record ?? false,
    keep: keep ?? false,
    help: help ?? false,
  }
}

function number(name: string, written: string): number {
  if (/^[1-9]\d{0,2}$/.test(written)) return Number(written)
  throw badInput(`--${name} must be a whole number from 1 to 999, not "${written.slice(0, 20)}"`)
}
