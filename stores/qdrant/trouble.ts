import type { QdrantStore } from '../../lib/target.ts'
import { ownElseAll, type Usable, usable } from '../backups.ts'
import { ask, type Diagnosis, type Look } from '../diagnosis.ts'
import { aliases, collections, readAliases, readCollections } from './commands.ts'
import { baseName } from './names.ts'

const SCENARIO = 'npx tsx scenarios/qdrant-corruption.ts'

/** Names that the platform uses and Qdrant does not know, or knows as something else. */
export const missingCollections: Look<QdrantStore> = async (looking, store) => {
  const there = readCollections(await ask(looking, collections(store)))
  const named = readAliases(await ask(looking, aliases(store)))
  const saved = usable((await looking.listed).candidates, 'qdrant').filter(one => one.store === store.name)
  const backups = ownElseAll(looking.target, saved)
  const used = looking.target.relations
    .map(({ qdrant }) => qdrant)
    .filter(one => one?.store === store.name)
    .map(one => one!.collection)
  return [
    ...missingNames([...used, ...namesOf(backups[0])], there, named).map(name =>
      missing(store, name, { there, named, backups }),
    ),
    ...elsewhere(store, named, backups[0]),
  ]
}

interface Known {
  there: readonly string[]
  named: Record<string, string>
  /** Newest first. */
  backups: readonly Usable<'qdrant'>[]
}

function namesOf(backup: Usable<'qdrant'> | undefined): string[] {
  if (!backup) return []
  const { aliases, collections } = backup.member
  return [...aliases.map(({ alias }) => alias), ...collections.map(({ name }) => name)]
}

/** Names that lead to no collection: a recovered copy stands for the one it was made from. */
export function missingNames(
  wanted: readonly string[],
  there: readonly string[],
  named: Record<string, string>,
): string[] {
  const bases = new Set(there.map(baseName))
  const leads = (name: string) => there.includes(named[name] ?? name) || bases.has(baseName(name))
  return [...new Set(wanted)].filter(name => !leads(name)).sort()
}

function missing(store: QdrantStore, name: string, { there, named, backups }: Known): Diagnosis {
  const live = `there are the collections ${there.join(', ') || '(none)'} and the aliases ${
    Object.entries(named)
      .map(([alias, to]) => `${alias} → ${to}`)
      .join(', ') || '(none)'
  }`
  const about = `${store.name}: ${name}`
  const belonged = backups[0]?.member.aliases.find(({ alias }) => alias === name)?.collection
  const stands = belonged && there.find(one => baseName(one) === baseName(belonged))
  if (stands) {
    const cause = `the alias is gone; its collection ${stands} is there`
    return {
      about,
      evidence: [live],
      cause,
      next: [`${SCENARIO} (sets the alias again; nothing is restored)`],
    }
  }
  const holding = backups.filter(({ member }) => holds(member, belonged ?? name))
  if (holding.length > 0) {
    const newest = holding[0]!.id
    return {
      about,
      evidence: [
        live,
        `${holding.length} of ${backups.length} usable backups have it, the newest is ${newest}`,
      ],
      cause:
        'it was deleted, or its recovery did not end. Do not create it by hand: a recovery clears what is there',
      next: [newest === backups[0]!.id ? SCENARIO : `${SCENARIO} --set backup=${newest}`],
    }
  }
  const like = [...there, ...Object.keys(named)].find(one => alike(one) === alike(name))
  if (like) {
    const cause = `the name is wrong: there is ${like}`
    return {
      about,
      evidence: [live],
      cause,
      next: ['correct the name in runbook.config.yaml and in the services'],
    }
  }
  return {
    about,
    evidence: [live, `none of ${backups.length} usable backups has it`],
    cause: 'it was never backed up, or never there under this name',
    next: ['npx tsx tools/restore-backup.ts --list --type qdrant', 'fill it again from the source data'],
  }
}

function holds({ collections }: Usable<'qdrant'>['member'], name: string): boolean {
  return collections.some(one => baseName(one.name) === baseName(name))
}

/** What people mistake for each other: case, hyphens, a plural, a version at the end. */
export function alike(name: string): string {
  return name
    .toLowerCase()
    .replace(/[-_ ]?v?\d+$/, '')
    .replace(/[-_ ]/g, '')
    .replace(/s$/, '')
}

function elsewhere(
  store: QdrantStore,
  named: Record<string, string>,
  backup: Usable<'qdrant'> | undefined,
): Diagnosis[] {
  return (backup?.member.aliases ?? []).flatMap(({ alias, collection }): Diagnosis[] => {
    const to = named[alias]
    if (to === undefined || baseName(to) === baseName(collection)) return []
    return [
      {
        about: `${store.name}: ${alias}`,
        evidence: [`the alias leads to ${to}; in ${backup!.id} it leads to ${collection}`],
        cause: 'the alias was moved: on purpose by a migration, or by mistake',
        next: [`${SCENARIO} (asks before it moves the alias back; nothing is restored)`],
      },
    ]
  })
}
