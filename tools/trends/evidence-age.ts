import type { Store } from '../../lib/target.ts'
import type { Run } from './runs.ts'

/** The newest proof that a store can be brought back; `at` is undefined when there is none. */
export interface Proof {
  store: string
  at: string | undefined
  /** The run that gave it. */
  by: string
}

/**
 * The newest proof of every store of the configuration. A run with a lane for each kind proves the stores of that kind.
 */
export function proofs(runs: readonly Run[], stores: readonly Pick<Store, 'name' | 'kind'>[]): Proof[] {
  return stores.map(({ name, kind }) => {
    const found = runs.flatMap(({ proven, kind: how, name: by }) => {
      const at = proven[name] ?? proven[kind]
      return at ? [{ store: name, at, by: `${how} ${by}` }] : []
    })
    return found.sort((a, b) => b.at.localeCompare(a.at))[0] ?? { store: name, at: undefined, by: '' }
  })
}
