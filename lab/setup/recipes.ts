import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundlePlatform } from '../bundle.ts'
import { bundleBackupService } from '../bundle-backup-service.ts'
import { KEPT, ROOT } from './paths.ts'

/** How one image of the practice ground is made. */
export interface Recipe {
  name: string
  /** What is inside; the tag adds a hash of the recipe to it. */
  version: string
  /** The variable of docker-compose.yaml that it replaces. */
  variable?: string
  /** The stand-in it is built on; passed to its Dockerfile as BASE. */
  on?: string
  /** For the progress line, on two cores. */
  about: string
}

/** In the order in which they are announced; each after the one it is built on. */
export const RECIPES: readonly Recipe[] = [
  { name: 'base', version: 'trixie', about: '20 s' },
  { name: 'minio', version: '2026.02', variable: 'MINIO_IMAGE', on: 'base', about: '5 min' },
  { name: 'neo4j', version: '5.26.30', variable: 'NEO4J_IMAGE', on: 'base', about: '1 min' },
  { name: 'postgres', version: '17', variable: 'POSTGRES_IMAGE', on: 'base', about: '1 min' },
  { name: 'qdrant', version: '1.18', variable: 'QDRANT_IMAGE', on: 'base', about: '1 min' },
  { name: 'node', version: '20', on: 'base', about: '20 s' },
  { name: 'platform', version: '1', variable: 'PLATFORM_IMAGE', on: 'node', about: '10 s' },
  { name: 'backup-service', version: '1', variable: 'BACKUP_IMAGE', on: 'node', about: '30 s' },
]

/** Only for who wants to see alerts fire; Grafana is in no package registry. */
export const MONITORING: readonly Recipe[] = [
  { name: 'prometheus', version: '2', variable: 'PROMETHEUS_IMAGE', on: 'base', about: '40 s' },
  { name: 'alertmanager', version: '0', variable: 'ALERTMANAGER_IMAGE', on: 'base', about: '30 s' },
]

/** Only for the tests that look at pages; always of our own making, as no hub has one with the same programs. */
export const BROWSER: Recipe = { name: 'browser', version: 'trixie', on: 'base', about: '1 min' }

export function recipe(name: string): Recipe {
  const found = RECIPES.find(r => r.name === name)
  if (!found) throw new Error(`no recipe for ${name}`)
  return found
}

/** Images of our own sources, which no hub has. */
const BUNDLES: Record<string, (outDir: string) => Promise<void>> = {
  platform: bundlePlatform,
  'backup-service': bundleBackupService,
}

/** Those that are built everywhere, also where a hub has all the others. */
export const OWN: readonly Recipe[] = RECIPES.filter(({ name }) => name in BUNDLES)

/** The folder given to the build. A bundle is made anew each time, from its sources. */
export async function contextOf({ name }: Recipe): Promise<string> {
  const bundle = BUNDLES[name]
  if (!bundle) return join(ROOT, 'lab', 'images', name)
  const context = join(KEPT, 'build', name)
  await bundle(context)
  return context
}

/** The full name of an image: changes when its folder or what it is built on changes, so a new recipe is built. */
export async function tagOf(
  { name, version }: Recipe,
  context: string,
  base: string | undefined,
): Promise<string> {
  const hash = createHash('sha256').update(base ?? '')
  for (const file of await filesBelow(context)) {
    hash.update(`\0${file}\0`).update(await readFile(join(context, file)))
  }
  return `ai-platform-lab/${name}:${version}-${hash.digest('hex').slice(0, 8)}`
}

async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter(e => e.isFile() && !/__pycache__|\.pyc$/.test(join(e.parentPath, e.name)))
  return files.map(e => join(e.parentPath, e.name).slice(folder.length + 1)).sort()
}
