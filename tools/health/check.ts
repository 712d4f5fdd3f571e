import { messageOf, Problem } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import type { Target } from '../../lib/target.ts'

/** What was seen of one thing. What could not be asked is not sound either. */
export interface Seen {
  verdict: 'proven' | 'failed' | 'unchecked'
  found: string
  /** What to do next; only where something is wrong. */
  hint?: string
}

/** One thing that has to be so; several findings when it is about several things. */
export interface Check {
  area: 'platform' | 'backups' | 'this machine' | 'links'
  /** What is expected, as a sentence. */
  name: string
  look: (target: Target) => Promise<Seen>
}

export type Finding = Pick<Check, 'area' | 'name'> & Seen

export function proven(found: string): Seen {
  return { verdict: 'proven', found }
}

export function failed(found: string, hint: string): Seen {
  return { verdict: 'failed', found, hint }
}

export function unchecked(found: string, hint: string): Seen {
  return { verdict: 'unchecked', found, hint }
}

/** Looks at everything at once. A check that throws has failed: whoever cannot be asked is no help at night. */
export async function examine(checks: readonly Check[], target: Target): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ({ area, name, look }) => ({ area, name, ...(await look(target).catch(wrong)) })),
  )
}

/** Without a sentence of its own, a command's last line says more than its exit code. */
function wrong(error: unknown): Seen {
  const { hint, tail = [] } = error instanceof Problem ? error : {}
  const said = [messageOf(error).split('\n')[0]!, ...(hint ? [] : tail.slice(-1))]
  return failed(mask(said.join(': ')), hint ?? 'npm start looks at it more closely')
}
