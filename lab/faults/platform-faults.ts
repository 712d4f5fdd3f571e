import { compose, docker } from '../ground.ts'
import { say } from '../setup/progress.ts'
import { type LabTarget, volumeName } from '../target.ts'
import type { Fault } from './fault.ts'

const STORES = ['qdrant', 'neo4j', 'postgres'] as const

/** What the stores keep; the bucket is what is left, as a copy of it would be elsewhere. */
const LOST = ['qdrant_storage', 'qdrant_snapshots', 'neo4j_data', 'neo4j_logs', 'postgres_data']

async function loseVolumes(target: LabTarget): Promise<void> {
  for (const volume of LOST) await docker(target, ['volume', 'rm', volumeName(target, volume)])
}

/** One-off containers too: what a killed run left behind goes down with its host, `compose down` leaves it. */
async function loseContainers(target: LabTarget): Promise<void> {
  await compose(target, 'stop', '--timeout', '30')
  const filter = `label=com.docker.compose.project=${target.project}`
  const left = (await docker(target, ['ps', '--filter', filter, '--format', '{{.Names}}'])).split('\n')
  if (left.some(Boolean)) say(`  lost with the host: ${left.join(', ')}`)
  const all = (await docker(target, ['ps', '-a', '-q', '--filter', filter])).split('\n').filter(Boolean)
  await docker(target, ['rm', '-f', '-v', ...all])
  await compose(target, 'down')
}

export const PLATFORM_FAULTS: readonly Fault[] = [
  {
    id: 'volumes-lost',
    title: 'The volumes of every store lost',
    sentence: 'A disk is gone, and with it the volumes of Qdrant, Neo4j and PostgreSQL; MinIO kept its own.',
    stores: STORES,
    inject: async target => {
      await compose(target, 'rm', '--stop', '--force', ...STORES, 'minio')
      await loseVolumes(target)
    },
    expected: {
      found: 'no container of a store, no container of MinIO; every other service is ill',
      recovered: 'everything, as it was in one set',
    },
  },
  {
    id: 'host-lost',
    title: 'The host lost',
    sentence: 'Nothing is left but the compose file, the secrets and a copy of the bucket.',
    stores: STORES,
    inject: async target => {
      await loseContainers(target)
      await loseVolumes(target)
    },
    expected: {
      found: 'no container, no network, no volume but the one of the bucket',
      recovered: 'everything, as it was in one set',
    },
  },
]
