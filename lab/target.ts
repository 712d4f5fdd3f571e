import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Secret } from '../lib/secret.ts'
import type { Bucket } from '../lib/target.ts'
import { readEnvFile } from './env-file.ts'
import { readSettings, type Settings } from './platform/settings.ts'

/** One practice ground. Another project name and other ports make a second one beside the first. */
export interface LabTarget {
  /** Folder of the repository. */
  root: string
  /** Compose project: prefix of every container and volume. */
  project: string
  /** What compose and its containers are given: the env file, then the environment over it. */
  env: Record<string, string>
  urls: { qdrant: string; neo4j: string; minio: string; gateway: string; mcpjungle: string }
  postgresPort: number
}

/** Volumes with data, by their names in the compose file. */
export const VOLUMES = [
  'qdrant_storage',
  'qdrant_snapshots',
  'neo4j_data',
  'neo4j_logs',
  'postgres_data',
  'minio_data',
] as const

/** The practice ground that the environment and `.env` name; `overrides` (COMPOSE_PROJECT_NAME, PUBLISH_*) win. */
export function labTarget(overrides: Record<string, string> = {}, environment = process.env): LabTarget {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const given = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const env = { ...readEnvFile(join(root, '.env')), ...Object.fromEntries(given), ...overrides }
  const port = (name: string, standard: number) => Number(env[`PUBLISH_${name}`] || standard)
  const url = (name: string, standard: number) => `http://127.0.0.1:${port(name, standard)}`
  return {
    root,
    project: env.COMPOSE_PROJECT_NAME || 'ai-platform',
    env,
    urls: {
      qdrant: url('QDRANT', 6333),
      neo4j: url('NEO4J_HTTP', 7474),
      minio: url('MINIO', 9000),
      gateway: url('GATEWAY', 8000),
      mcpjungle: url('MCPJUNGLE', 8080),
    },
    postgresPort: port('POSTGRES', 5432),
  }
}

/** The stores as seen from the host, in the form in which the platform's own clients take them. */
export function settingsOf({ env, urls, postgresPort }: LabTarget): Settings {
  return readSettings({
    ...env,
    QDRANT_URL: urls.qdrant,
    NEO4J_HTTP_URL: urls.neo4j,
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(postgresPort),
  })
}

export function bucketOf({ env, urls }: LabTarget): Bucket {
  return {
    endpoint: urls.minio,
    service: 'minio',
    bucket: env.BACKUP_BUCKET || 'backups',
    accessKey: new Secret('MINIO_ACCESS_KEY', env.MINIO_ACCESS_KEY ?? ''),
    secretKey: new Secret('MINIO_SECRET_KEY', env.MINIO_SECRET_KEY ?? ''),
  }
}

/** Name of a volume as the daemon knows it. */
export function volumeName({ project }: LabTarget, volume: string): string {
  return `${project}_${volume}`
}
