import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Inside the compose network services answer by their names, on their own ports. */
const INSIDE: readonly [published: string, inside: string][] = [
  ['PUBLISH_QDRANT:-6333', 'http://qdrant:6333'],
  ['PUBLISH_MINIO:-9000', 'http://minio:9000'],
  ['PUBLISH_GATEWAY:-8000', 'http://gateway:8000'],
  ['PUBLISH_MCPJUNGLE:-8080', 'http://mcpjungle-gateway:8080'],
]

/** Packages that are loaded when they are needed (lib/schema.ts, lib/objects.ts): they cannot be in the bundle. */
const LOADED_LATER = ['ajv', 'minio']

/**
 * Writes the build context of the backup service's image: the tool as one file, and the configuration and
 * compose file of this repository as they are to be read inside the network.
 */
export async function bundleBackupService(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true })
  await mkdir(join(outDir, 'runbook'), { recursive: true })
  for (const tool of ['backup-service', 'exporter']) {
    await bundle(join(root, 'tools', `${tool}.ts`), join(outDir, 'app', 'tools', `${tool}.mjs`))
  }
  await cp(join(root, 'package.json'), join(outDir, 'app', 'package.json'))
  await copyPackages(await withNeeds(LOADED_LATER), join(outDir, 'app', 'node_modules'))
  await cp(join(root, 'docker-compose.yaml'), join(outDir, 'runbook', 'docker-compose.yaml'))
  await writeFile(join(outDir, 'runbook', 'runbook.config.yaml'), await configInside())
  await cp(join(root, 'lab', 'images', 'backup-service', 'Dockerfile'), join(outDir, 'Dockerfile'))
}

async function configInside(): Promise<string> {
  let text = await readFile(join(root, 'runbook.config.yaml'), 'utf8')
  for (const [published, inside] of INSIDE) {
    const outside = `http://127.0.0.1:\${${published}}`
    if (!text.includes(outside)) throw new Error(`runbook.config.yaml has no ${outside} to replace`)
    text = text.replaceAll(outside, inside)
  }
  return text
}

/** These packages and what they need, each once; npm puts them all beside each other. */
async function withNeeds(names: readonly string[]): Promise<string[]> {
  const all = new Set(names)
  // What is added meanwhile is come to as well.
  for (const name of all) {
    const file = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8')
    const { dependencies = {} } = JSON.parse(file) as { dependencies?: object }
    for (const other of Object.keys(dependencies)) all.add(other)
  }
  return [...all]
}

async function copyPackages(names: readonly string[], into: string): Promise<void> {
  await Promise.all(
    names.map(name => cp(join(root, 'node_modules', name), join(into, name), { recursive: true })),
  )
}
