import { badInput } from '../lib/problem.ts'
import type { Store, Target } from '../lib/target.ts'

/** Every store, or those that the types name. Throws a Problem (exit 64) for a type that names none. */
export function storesOfTypes(target: Target, types: readonly string[] = ['all']): Store[] {
  const all = Object.values(target.stores)
  for (const type of types) {
    if (type === 'all' || all.some(store => isOf(store, type))) continue
    throw badInput(
      `there is no store of type "${type.slice(0, 40)}"`,
      `it can be all, ${all.map(store => store.name).join(', ')}`,
    )
  }
  return types.includes('all') ? all : all.filter(store => types.some(type => isOf(store, type)))
}

function isOf(store: Store, type: string): boolean {
  return store.kind === type || store.name === type
}
