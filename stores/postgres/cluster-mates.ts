import { type PostgresStore, storesOf, type Target } from '../../lib/target.ts'

/** The stores whose databases lie in the cluster of this one, itself included, in the order of the configuration. */
export function clusterMates(target: Target, { service }: Pick<PostgresStore, 'service'>): string[] {
  return storesOf(target, 'postgres')
    .filter(store => store.service === service)
    .map(({ name }) => name)
}

/** A store with what was seen of its cluster. */
interface InCluster {
  target: Target
  store: PostgresStore
  path: string
}

/**
 * Why these stores cannot be recovered without others: a cluster that does not start is made anew, empty, and a
 * database of it that is not recovered as well would be gone for whoever uses it. Undefined when nothing is left behind.
 */
export function leavesBehind(
  { target, store, path }: InCluster,
  together: readonly string[],
): { sentence: string; hint: string } | undefined {
  const mates = clusterMates(target, store)
  const left = mates.filter(name => !together.includes(name))
  if (path !== 'cluster' || left.length === 0) return undefined
  const has = left.length === 1 ? 'has its database' : 'have their databases'
  return {
    sentence: `${store.service} does not start and is made anew, and ${left.join(', ')} ${has} in it, too`,
    hint: `recover them together: npx tsx scenarios/complete-failure.ts --set stores=${mates.join(',')}`,
  }
}
