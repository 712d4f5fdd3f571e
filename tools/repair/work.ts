import type { Relation } from '../../lib/config-schema.ts'
import type { Target } from '../../lib/target.ts'
import type { Run } from '../../stores/base.ts'
import type { Sampled } from '../../stores/content.ts'

/** What every search for work begins with. */
export interface Search extends Sampled {
  target: Target
  run: Run
  relation: Relation
}

/** One kind of thing that is wrong in one relation. */
export interface Work {
  /** What is wrong, and what would be done about it; one line each. */
  lines: readonly string[]
  /** What the phrase is bound to: words, and files whose keys are deleted or overwritten. */
  bound: { words: unknown; files: readonly string[] }
  /** Absent where only a person can do something. Gives lines that say how to take it back. */
  mend?: () => Promise<readonly string[]>
  /** Whether something is left for a person all the same; what is mended may show it. */
  leaves: boolean
}
