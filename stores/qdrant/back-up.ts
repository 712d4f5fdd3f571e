import { type Command, command, type Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { type Begun, countGaps } from '../references.ts'
import {
  aliases,
  collections,
  exactCount,
  info,
  inspectPoints,
  payloadSchema,
  readAliases,
  readCollections,
  readCount,
  readInfo,
  removeFresh,
  request,
  resultOf,
  uploadSnapshot,
} from './commands.ts'
import type { QdrantBase } from './facts.ts'
import type { Inspection } from './inspect.ts'
import type { Alias, CollectionBackup } from './member.ts'
import { isSuperseded } from './names.ts'
import { POINTS } from './references.ts'

/** What a backup of Qdrant learns of itself: goes into the manifest. */
interface Learned {
  engineVersion: string
  /** Id of the image that made it. */
  image: string
  collections: CollectionBackup[]
  aliases: Alias[]
  gaps: Record<string, number>[]
  named: Record<string, string>
}

interface Snapshot {
  name: string
  size: number
  checksum: string | null
}

/**
 * Snapshots every collection in use, recovers each snapshot under a name of its own and reads that copy
 * completely: what the manifest says was counted in the backup itself, and it is known to restore.
 */
export const backUpQdrant = (s: Sequence<QdrantBase & Begun>) =>
  s
    .read(
      'ask Qdrant who it is',
      f => request(f.store, 'GET', '/'),
      o => ({ engineVersion: (JSON.parse(o.stdout) as { version: string }).version }),
    )
    .read(
      'see which image it runs',
      f => f.target.runtime.image(f.store.service),
      o => ({ image: o.stdout.trim().split('\n')[0] ?? '' }),
    )
    .read(
      'see which alias points where',
      f => aliases(f.store),
      o => ({ named: readAliases(o) }),
    )
    .read(
      'see which collections are in use',
      f => collections(f.store),
      (o, f) => ({ names: readCollections(o).filter(name => !isSuperseded(name, f.named)) }),
    )
    .let('conclude the aliases', f => ({
      aliases: Object.entries(f.named).map(([alias, collection]) => ({ alias, collection })),
    }))
    .gather(
      'collection',
      f => f.names,
      s => s.use(backUpCollection),
      'collections',
      f => f.entry,
    )
    .use(s => countGaps(s, POINTS))
    .keep('write the table of contents', f => contents(f))
    .keep('pack it in the layout of Qdrant’s own full snapshot', pack)
    .let('conclude the member', f => ({ files: [{ file: archive(f), ending: 'snapshot' }], entry: entry(f) }))

function archive(f: QdrantBase): string {
  return `${f.run.folder}/${f.store.name}_${f.run.id}.snapshot`
}

function pack(f: QdrantBase & Learned): Command {
  const files = ['config.json', ...f.collections.map(collection => collection.file)]
  return command(['tar', '--create', '--file', archive(f), '--directory', f.run.folder, ...files], {
    limits: { total: 1800 },
  })
}

/** config.json of a full snapshot, as a real Qdrant writes it. */
function contents(f: QdrantBase & Learned): Command {
  const json = {
    collections_mapping: Object.fromEntries([...f.collections].map(c => [c.name, c.file])),
    collections_aliases: f.named,
  }
  return command(['tee', `${f.run.folder}/config.json`], {
    stdin: { format: '%s\\n', values: [JSON.stringify(json)] },
  })
}

function entry(f: QdrantBase & Learned) {
  return {
    engine_version: f.engineVersion,
    image: f.image,
    collections: f.collections,
    aliases: f.aliases,
    gaps: Object.assign({}, ...f.gaps) as Record<string, number>,
  }
}

type OneCollection = QdrantBase & { collection: string }

const backUpCollection = (s: Sequence<OneCollection>) =>
  s
    // A snapshot of a corrupted collection has a perfect checksum.
    .check('the source is sound', f => inspectPoints(f.store, f.collection), sound)
    .read(
      'see its configuration',
      f => info(f.store, f.collection),
      o => ({ info: readInfo(o)! }),
    )
    .read(
      'see which snapshots are there already',
      f => snapshots(f, f.collection),
      o => ({ older: readSnapshots(o).map(snapshot => snapshot.name) }),
    )
    .write('take a snapshot', {
      run: f =>
        request(f.store, 'POST', `/collections/${f.collection}/snapshots?wait=true`, { seconds: 1800 }),
      probe: {
        look: f => snapshots(f, f.collection),
        state: (o, f) => (newOnes(o, f.older).length > 0 ? 'done' : 'absent'),
      },
      undo: { none: 'the snapshot is removed from the server below' },
    })
    .read(
      'see its name and checksum',
      f => snapshots(f, f.collection),
      (o, f) => ({ snapshot: newOnes(o, f.older)[0]! }),
    )
    .keep('download it', f => download(f, f.snapshot.name))
    .check(
      'the download is what the server made',
      f => command(['sha256sum', file(f)], { limits: { total: 900 } }),
      (o, f) => sameDigest(o, f.snapshot.checksum),
    )
    .use(proveBySurrogate)
    .write('remove the snapshot from the server', {
      run: f =>
        request(f.store, 'DELETE', `/collections/${f.collection}/snapshots/${f.snapshot.name}?wait=true`, {
          seconds: 60,
        }),
      probe: {
        look: f => snapshots(f, f.collection),
        state: (o, f) => (readSnapshots(o).some(s => s.name === f.snapshot.name) ? 'absent' : 'done'),
      },
      undo: { none: 'it was made by this run' },
    })

/** Recovers the snapshot under a name of its own, reads it, removes it. */
const proveBySurrogate = (
  s: Sequence<OneCollection & { snapshot: Snapshot; info: NonNullable<ReturnType<typeof readInfo>> }>,
) =>
  s
    .read(
      'hash it',
      f => command(['sha256sum', file(f)], { limits: { total: 900 } }),
      o => ({ sha256: o.stdout.split(' ')[0]! }),
    )
    .write('recover it under a name of its own', {
      run: f => uploadSnapshot(f.store, surrogate(f), file(f), f.sha256),
      probe: {
        look: f => exactCount(f.store, surrogate(f)),
        state: o => (readCount(o) === undefined ? 'absent' : 'done'),
      },
      undo: f => removeFresh(f.store, surrogate(f)),
    })
    .read(
      'read all of the copy',
      f => inspectPoints(f.store, surrogate(f)),
      (o, f) => ({ entry: entryOf(o, f) }),
    )
    .check(
      'the copy is sound',
      f => exactCount(f.store, surrogate(f)),
      (o, f) => whole(readCount(o), f.entry),
    )
    .write('remove the copy', {
      run: f => removeFresh(f.store, surrogate(f)),
      probe: {
        look: f => exactCount(f.store, surrogate(f)),
        state: o => (readCount(o) === undefined ? 'done' : 'absent'),
      },
      undo: { none: 'it was made by this run' },
    })

function snapshots(f: QdrantBase, collection: string) {
  return request(f.store, 'GET', `/collections/${collection}/snapshots`)
}

function readSnapshots(o: Output): Snapshot[] {
  return resultOf<Snapshot[]>(o)
}

function newOnes(o: Output, older: readonly string[]): Snapshot[] {
  return readSnapshots(o).filter(snapshot => !older.includes(snapshot.name))
}

function download(f: OneCollection, name: string) {
  const path = `/collections/${f.collection}/snapshots/${name}`
  return request(f.store, 'GET', path, {
    seconds: 1800,
    more: ['-H', 'accept-encoding: identity'],
    into: file(f),
  })
}

function file(f: OneCollection): string {
  return `${f.run.folder}/${fileName(f)}`
}

function fileName(f: OneCollection): string {
  return `${f.collection}.snapshot`
}

/** Names that begin a verification copy end in __v_<stamp>; assess and backup pass over them. */
function surrogate(f: OneCollection): string {
  return `${f.collection}__v_${f.run.id}`
}

function sound(o: Output): Verdict {
  const seen = JSON.parse(o.stdout) as Inspection
  if (seen.unreadable)
    return { verdict: 'failed', found: `${seen.collection} cannot be read: ${seen.unreadable.slice(0, 80)}` }
  if (seen.bad_vectors > 0)
    return {
      verdict: 'failed',
      found: `${seen.collection}: ${seen.bad_vectors} damaged vectors, such as those of ${seen.bad_samples.join(', ')}`,
    }
  if (seen.read < seen.points)
    return {
      verdict: 'failed',
      found: `${seen.collection}: ${seen.points} points counted, ${seen.read} readable`,
    }
  return { verdict: 'proven', found: `${seen.collection}: ${seen.points} points read, every vector sound` }
}

function sameDigest(o: Output, checksum: string | null): Verdict {
  const found = o.stdout.split(' ')[0] ?? ''
  if (!checksum) return { verdict: 'unchecked', found: 'the server gave no checksum' }
  return { verdict: found === checksum ? 'proven' : 'failed', found: `${found.slice(0, 12)}…` }
}

function entryOf(
  o: Output,
  f: OneCollection & { snapshot: Snapshot; sha256: string; info: NonNullable<ReturnType<typeof readInfo>> },
): CollectionBackup {
  const seen = JSON.parse(o.stdout) as Inspection
  return {
    name: f.collection,
    file: fileName(f),
    sha256: f.sha256,
    size_bytes: f.snapshot.size,
    points: seen.read,
    fingerprint: seen.fingerprint,
    buckets: seen.buckets,
    params: f.info.config.params,
    payload_schema: payloadSchema(f.info),
    prove_seconds: o.durationMs / 1000,
  }
}

function whole(points: number | undefined, entry: CollectionBackup): Verdict {
  const verdict = points === entry.points ? 'proven' : 'failed'
  return { verdict, found: `${entry.name}: ${points} points in the copy, ${entry.points} read` }
}
