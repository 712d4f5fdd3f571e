import { EXIT, Problem } from '../lib/problem.ts'
import type { Store, Target } from '../lib/target.ts'
import type { AnyScenario } from './model.ts'

/**
 * The store a scenario recovers: the only one of its kind, or the one named with --set store=. A scenario
 * for several kinds, or for none, has none of its own: undefined.
 */
export function storeOf(
  scenario: AnyScenario,
  target: Target,
  given: ReadonlyMap<string, string>,
): Store | undefined {
  if (scenario.stores.length !== 1) return undefined
  const [kind] = scenario.stores
  const all = Object.values(target.stores).filter(store => store.kind === kind)
  const named = given.get('store')
  const found = named === undefined ? all[0] : all.find(store => store.name === named)
  if (found && (named !== undefined || all.length === 1)) return found
  throw new Problem(
    found ? `there are ${all.length} ${kind} stores` : `there is no ${kind} store ${named ?? ''}`.trim(),
    {
      exitCode: EXIT.badInput,
      hint: `choose one with --set store=…: ${all.map(store => store.name).join(', ') || 'none is configured'}`,
    },
  )
}
