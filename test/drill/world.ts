import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { incidentNames } from '../../lab/drills/incidents.ts'
import { aliasesOf, collectionNames, setAside } from '../../lab/drills/reads.ts'
import { docker } from '../../lab/ground.ts'
import { connectQdrant } from '../../lab/platform/qdrant.ts'
import { bucketOf, type LabTarget, settingsOf } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'

/** Everything a refused run must leave as it was. Counts are not in it: the writers go on writing. */
export interface World {
  containers: string[]
  volumes: string[]
  collections: string[]
  /** Snapshot files on the server, and folders that were set aside. */
  leftovers: string[]
  aliases: Record<string, string>
  bucket: string[]
  /** What the bucket knows of open incidents. */
  marks: string[]
  /** What runs have said of themselves there. */
  notes: string[]
  /** What backups write beside the incidents, and remove at their end. */
  files: string[]
  incidents: string[]
}

/** Looks at the whole ground. Throws when a store does not answer. */
export async function worldOf(target: LabTarget): Promise<World> {
  const collections = await collectionNames(target)
  return {
    containers: await containers(target),
    volumes: lines(await docker(target, ['volume', 'ls', '-q', '--filter', `name=^${target.project}_`])),
    collections,
    leftovers: [...(await snapshots(target, collections)), ...(await setAside(target))],
    aliases: await aliasesOf(target),
    ...(await bucket(target)),
    files: listed(join(target.root, '.backup'), target.project),
    incidents: incidentNames(target),
  }
}

/** Without incidents: a run that got as far as a target keeps a record of its refusal. */
export function besidesIncidents(world: World): Omit<World, 'incidents' | 'marks'> {
  const { incidents: _, marks: __, ...rest } = world
  return rest
}

/** Id and state of each, so that neither a restart nor an exchange goes unnoticed. */
async function containers(target: LabTarget): Promise<string[]> {
  const filter = `label=com.docker.compose.project=${target.project}`
  const ids = lines(await docker(target, ['ps', '-a', '-q', '--filter', filter]))
  const format = '{{.Name}} {{.Id}} {{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}'
  return lines(await docker(target, ['inspect', '--format', format, ...ids])).sort()
}

async function snapshots(target: LabTarget, collections: readonly string[]): Promise<string[]> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const all: string[] = []
  for (const name of collections) {
    const found = (await qdrant.call('GET', `/collections/${name}/snapshots`)) as { name: string }[]
    all.push(...found.map(each => `${name}/${each.name}`))
  }
  return all
}

async function bucket(target: LabTarget): Promise<Pick<World, 'bucket' | 'marks' | 'notes'>> {
  const objects = await new Objects(bucketOf(target)).list('')
  const all = objects.map(({ key, size }) => `${key} ${size}`).sort()
  const below = (prefix: string) => all.filter(key => key.startsWith(prefix))
  const [marks, notes] = [below('incidents/'), below('runs/')]
  return { bucket: all.filter(key => ![...marks, ...notes].includes(key)), marks, notes }
}

/** Another ground of the tests may be at work beside this one. */
function listed(folder: string, project: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  return names.filter(name => name.startsWith(`${project}-`)).sort()
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean).sort()
}
