import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Command, command, type Output, ownCommand } from '../lib/command.ts'
import type { Relation } from '../lib/config-schema.ts'
import { bytes } from '../lib/format.ts'
import { Objects } from '../lib/objects.ts'
import { storeNamed } from '../lib/target.ts'
import type { WorldState } from '../runbook/model.ts'
import type { Sequence } from '../runbook/tree.ts'
import { step } from '../runbook/tree.ts'
import { FORMAT, type Manifest, type QdrantMember } from '../stores/manifest.ts'
import { type BackedUp, backUpQdrant } from '../stores/qdrant/back-up.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import { compareReferences, exportRows, type References, relationsOf } from '../stores/qdrant/references.ts'

interface Stored {
  sha256: string
  size: number
}

export const backUp = step<QdrantBase, { manifest: Manifest }>({
  id: 'back-up',
  title: 'Back up Qdrant',
  why: `A backup counts when it has been read back and recovered once. The source is read first, because a
snapshot of a corrupted collection has a perfect checksum. The manifest is written last and never changed: a set
without one does not exist.`,
  trouble:
    'A failed backup leaves the older sets as they are. Read the log of the store that failed, then run it again.',
  body: s =>
    s
      .keep('make room for it', f => command(['mkdir', '-p', f.run.folder]))
      .use(backUpQdrant)
      .use(countGaps)
      .keep('write the table of contents', f => contents(f))
      .keep('pack it in the layout of Qdrant’s own full snapshot', f =>
        command(
          [
            'tar',
            '--create',
            '--file',
            archive(f),
            '--directory',
            f.run.folder,
            'config.json',
            ...f.collections.map(c => c.file),
          ],
          { limits: { total: 1800 } },
        ),
      )
      .write('upload it', {
        run: f => put(f, archive(f), key(f)),
        probe: { look: f => stat(f, key(f)), state: there },
        undo: { none: 'a set without a manifest does not exist' },
        size: f => f.collections.reduce((sum, c) => sum + c.size_bytes, 0),
      })
      .read(
        'see what arrived',
        f => stat(f, key(f)),
        o => ({ stored: JSON.parse(o.stdout) as Stored }),
      )
      .check(
        'it can be read back whole',
        f => verify(f, key(f), f.stored.sha256),
        o => ({ verdict: 'proven', found: o.stdout.trim() }),
      )
      .let('conclude the manifest', f => ({ manifest: manifestOf(f) }))
      .keep('write the manifest', f =>
        command(['tee', `${f.run.folder}/manifest.json`], {
          stdin: { format: '%s\\n', values: [JSON.stringify(f.manifest)] },
        }),
      )
      .write('upload the manifest: from now on the set exists', {
        run: f => put(f, `${f.run.folder}/manifest.json`, setKey(f)),
        probe: { look: f => stat(f, setKey(f)), state: there },
        undo: { none: 'a set is never taken back; retention removes it in time' },
      })
      .write('note that it was verified', {
        run: f =>
          put(f, `${f.run.folder}/manifest.json`, setKey(f).replace(/\.json$/, `.verified-${f.run.id}.json`)),
        probe: {
          look: f => stat(f, setKey(f).replace(/\.json$/, `.verified-${f.run.id}.json`)),
          state: there,
        },
        undo: { none: 'it says what was done' },
      }),
  summary: f => f.manifest.set,
})

/**
 * Rows without a point today will have none after a restore either: that is no loss of the restore. With
 * PostgreSQL down there is nothing to count, and a later validation is the stricter for it.
 */
function countGaps(s: Sequence<QdrantBase>) {
  return s.gather(
    'relation',
    f => relationsOf(f.target, f.store),
    s =>
      s
        .keep('list the rows that should have a point', f => {
          const { table, id, created } = f.relation.postgres
          const rows = exportRows(f.target, postgresOf(f, f.relation), table, id, created, rowsFile(f))
          return { ...rows, ok: [1, 2] }
        })
        .read(
          'count those that have none',
          f =>
            compareReferences(
              f.store,
              f.relation.qdrant.collection,
              rowsFile(f),
              timeOf(f.run.id),
              `${f.run.folder}/gap.txt`,
            ),
          (o, f) => ({ gap: { [f.relation.name]: (JSON.parse(o.stdout) as References).missing } }),
        ),
    'gaps',
    f => f.gap,
  )
}

function postgresOf(f: QdrantBase, relation: Relation) {
  return storeNamed(f.target, relation.postgres.store, 'postgres')
}

function rowsFile(f: QdrantBase & { relation: Relation }): string {
  return `${f.run.folder}/rows_${f.relation.name}.tsv`
}

/** 20261122_020000 → 2026/11/22. */
function day(stamp: string): string {
  return `${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}`
}

function memberId(f: QdrantBase): string {
  return `${f.store.name}_${f.run.id}`
}

function key(f: QdrantBase): string {
  return `${f.store.name}/${day(f.run.id)}/${memberId(f)}.snapshot`
}

function setKey(f: QdrantBase): string {
  return `sets/${day(f.run.id)}/set_${f.run.id}.json`
}

function archive(f: QdrantBase): string {
  return `${f.run.folder}/${memberId(f)}.snapshot`
}

/** config.json of a full snapshot, as a real Qdrant writes it. */
function contents(
  f: QdrantBase & { collections: { name: string; file: string }[]; named: Record<string, string> },
): Command {
  const json = {
    collections_mapping: Object.fromEntries([...f.collections].map(c => [c.name, c.file])),
    collections_aliases: f.named,
  }
  return command(['tee', `${f.run.folder}/config.json`], {
    stdin: { format: '%s\\n', values: [JSON.stringify(json)] },
  })
}

function put(f: QdrantBase, file: string, key: string): Command {
  return ownCommand('objects', ['put', file, key], async (_, io) => {
    const { sha256 } = await new Objects(f.target.backups).upload(resolve(io.cwd, file), key, io)
    return `${sha256}  ${key}\n`
  })
}

function stat(f: QdrantBase, key: string): Command {
  return ownCommand('objects', ['stat', key], async () => {
    const found = await new Objects(f.target.backups).find(key)
    return `${JSON.stringify(found ?? null)}\n`
  })
}

function there(o: Output): WorldState {
  return JSON.parse(o.stdout) === null ? 'absent' : 'done'
}

function verify(f: QdrantBase, key: string, sha256: string): Command {
  return ownCommand('objects', ['verify', key, '--sha256', sha256], async (_, io) => {
    const found = await new Objects(f.target.backups).verify(key, sha256, io)
    return `${bytes(found.size)}, sha256 ${found.sha256.slice(0, 12)}…\n`
  })
}

function manifestOf(f: QdrantBase & BackedUp & { stored: Stored; gaps: Record<string, number>[] }): Manifest {
  const started = timeOf(f.run.id)
  const member: QdrantMember = {
    id: memberId(f),
    store: f.store.name,
    kind: 'qdrant',
    status: 'success',
    key: key(f),
    sha256: f.stored.sha256,
    size_bytes: f.stored.size,
    started,
    engine_version: f.engineVersion,
    image: f.image,
    collections: f.collections,
    aliases: f.aliases,
    gaps: Object.assign({}, ...f.gaps) as Record<string, number>,
  }
  return {
    format: FORMAT,
    set: `set_${f.run.id}`,
    started,
    finished: new Date().toISOString(),
    source: { platform: f.target.platform, project: f.target.runtime.project, host: hostname() },
    members: [member],
  }
}

/** 20261122_020000 → 2026-11-22T02:00:00Z. */
function timeOf(stamp: string): string {
  const [date = '', time = ''] = stamp.split('_')
  return `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
}
