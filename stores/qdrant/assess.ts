import type { Command, Output } from '../../lib/command.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Candidate, newestUsable, type Usable } from '../backups.ts'
import {
  aliases,
  collections,
  info,
  inspectPoints,
  payloadSchema,
  readAliases,
  readCollections,
  readInfo,
  request,
} from './commands.ts'
import { NOBODY, notRefused } from './explain.ts'
import type { QdrantBase } from './facts.ts'
import { findings, type Look } from './findings.ts'
import type { Inspection } from './inspect.ts'
import { currentName, isSuperseded } from './names.ts'

type Needs = QdrantBase & { candidates: Candidate[] }

/** Looks at everything a Qdrant can show of itself, and at its disk when it shows nothing. */
export const assessQdrant = (s: Sequence<Needs>) =>
  s
    .read('ask Qdrant who it is', f => request(f.store, 'GET', '/', { ok: NOBODY, seconds: 10 }), readVersion)
    .read(
      'ask Qdrant for its collections',
      f => collections(f.store, [...NOBODY, 22]),
      (o, f) => {
        notRefused(f.store, o)
        return { up: o.exitCode === 0, there: o.exitCode === 0 ? readCollections(o) : [] }
      },
    )
    .gather(
      'server',
      f => (f.up ? ['qdrant'] : []),
      s =>
        s.read(
          'see which alias points where',
          f => aliases(f.store),
          o => ({ names: readAliases(o) }),
        ),
      'named',
      f => f.names,
      'If Qdrant answers',
    )
    .gather(
      'volume',
      f => (f.up ? [] : ['storage']),
      s =>
        s
          .read('see what lies in its volume', listVolume, readVolume)
          .read('read its last words', f => f.target.runtime.logs(f.store.service, 60), blame),
      'disks',
      f => ({ ...f.disk, blamed: f.blamed }),
      'If it does not answer',
    )
    .let('conclude which names there are', f => ({
      aliases: f.named[0] ?? f.disks[0]?.aliases ?? {},
      onDisk: f.disks[0]?.folders ?? [],
      blamed: f.disks[0]?.blamed ?? [],
      names: f.up
        ? namesToLookAt(f.there, f.named[0] ?? {}, newestUsable(f.target, f.candidates, f.store))
        : [],
    }))
    .gather(
      'collection',
      f => f.names,
      s =>
        s
          .read(
            'read its configuration',
            f => info(f.store, f.collection),
            o => ({ info: readInfo(o) ?? null }),
          )
          .gather(
            'present',
            f => (f.info ? [f.collection] : []),
            s =>
              s.read(
                'read all of its points',
                f => inspectPoints(f.store, f.present),
                o => ({ inspection: JSON.parse(o.stdout) as Inspection }),
              ),
            'inspections',
            f => f.inspection,
            'If it exists',
          ),
      'looks',
      (f): Look => ({
        name: f.collection,
        schema: f.info ? payloadSchema(f.info) : undefined,
        inspection: f.inspections[0],
      }),
    )
    .let(
      'conclude what is wrong',
      f => ({
        findings: f.up
          ? findings(newestUsable(f.target, f.candidates, f.store)?.member, f.looks, f.aliases)
          : [
              {
                kind: 'content' as const,
                name: f.store.name,
                sentence: `${f.store.name} does not answer: it does not start, or is stopped`,
              },
            ],
      }),
      ['findings'],
    )

function readVersion(o: Output): { version: string } {
  if (o.exitCode !== 0) return { version: '' }
  return { version: (JSON.parse(o.stdout) as { version: string }).version }
}

/** The live collections in use and those of the backup. */
function namesToLookAt(
  there: readonly string[],
  aliases: Record<string, string>,
  newest: Usable<'qdrant'> | undefined,
): string[] {
  const expected = newest?.member.collections.map(c => currentName(c.name, aliases)) ?? []
  const inUse = there.filter(name => !isSuperseded(name, aliases))
  return [...new Set([...expected, ...inUse])].sort()
}

const LIST =
  'cd /qdrant/storage && ls -1 collections 2>/dev/null; echo --; cat aliases/data.json 2>/dev/null; true'

function listVolume(f: QdrantBase): Command {
  const { runtime } = f.target
  return runtime.oneOff(f.store.service, `${runtime.project}-look-${f.run.id}`, ['sh', '-c', LIST], {
    limits: { total: 60 },
  })
}

function readVolume(o: Output): { disk: { folders: string[]; aliases: Record<string, string> } } {
  const [folders = '', data = ''] = o.stdout.split(/^--$/m)
  return {
    disk: {
      folders: folders
        .split('\n')
        .map(line => line.trim())
        .filter(line => line !== '' && !line.startsWith('.')),
      aliases: parseAliases(data),
    },
  }
}

/**
 * A Qdrant that cannot load a collection panics with a path of its storage in the message. Lines of the
 * access log name collections too, and those are the sound ones.
 */
export function blame(o: Output): { blamed: string[] } {
  const panics = o.stdout.split('\n').filter(line => !/ HTTP\/\d/.test(line))
  const paths = panics.join('\n').matchAll(/storage\/collections\/([A-Za-z0-9_][\w.-]*)/g)
  return { blamed: [...new Set([...paths].map(match => match[1]!))] }
}

/** Qdrant keeps its aliases as one JSON object, alias → collection. */
function parseAliases(data: string): Record<string, string> {
  try {
    return (JSON.parse(data) ?? {}) as Record<string, string>
  } catch {
    return {}
  }
}
