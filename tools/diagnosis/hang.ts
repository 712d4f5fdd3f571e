import { holderOf, lockName } from '../../lib/lock.ts'
import type { Store } from '../../lib/target.ts'
import { ask, type Diagnosis, type Look, type Looking } from '../../stores/diagnosis.ts'
import { neo4jWaits } from '../../stores/neo4j/trouble.ts'
import { postgresWaits } from '../../stores/postgres/waits.ts'

/** Who waits for what inside a store; a Qdrant has no locks that a request could wait for. */
export const waits: Look = async (looking, store: Store) => {
  switch (store.kind) {
    case 'postgres':
      return postgresWaits(looking, store)
    case 'neo4j':
      return neo4jWaits(looking, store)
    case 'qdrant':
      return []
  }
}

/** A run that died and left its lock or its containers behind; a living one is told as evidence, not as trouble. */
export async function deadRuns(looking: Looking): Promise<Diagnosis[]> {
  const { runtime, root } = looking.target
  const holder = await holderOf(runtime, root)
  if (holder?.running) return []
  const left = readLeft(await ask(looking, runtime.leftBehind())).filter(
    ({ name }) => !name.endsWith(looking.run.id),
  )
  const orphans: Diagnosis[] = left.map(({ name, state, since }) => ({
    about: name,
    evidence: [`it is ${state} since ${since}, and no run holds the lock`],
    cause: 'a run was killed and its container goes on; it may hold a volume that others wait for',
    next: [runtime.removeContainer(name)],
  }))
  if (!holder) return orphans
  return [
    {
      about: lockName(runtime),
      evidence: [`${holder.operator} on ${holder.host} held it since ${holder.since}; that process is dead`],
      cause: `the run of ${holder.incident} was killed in the middle`,
      next: ['npm start (offers to go on with it), or the scenario with --resume'],
    },
    ...orphans,
  ]
}

interface Left {
  name: string
  state: string
  since: string
}

function readLeft({ stdout }: { stdout: string }): Left[] {
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Left)
}
