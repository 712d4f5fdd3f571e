import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Command, command, type Output, ownCommand } from '../lib/command.ts'
import { bytes, dayOf, timeOf } from '../lib/format.ts'
import { Objects } from '../lib/objects.ts'
import type { WorldState } from '../runbook/model.ts'
import { type Sequence, step } from '../runbook/tree.ts'
import type { BackedUpFile, Base, StoreBase } from '../stores/base.ts'
import { FORMAT, type Manifest, type Member, readManifest } from '../stores/manifest.ts'
import type { StoredObject } from '../stores/member.ts'
import { backUpNeo4j as saveNeo4j } from '../stores/neo4j/back-up.ts'
import type { Neo4jBase } from '../stores/neo4j/facts.ts'
import { backUpPostgres as savePostgres } from '../stores/postgres/back-up.ts'
import type { PostgresBase } from '../stores/postgres/facts.ts'
import { backUpQdrant as saveQdrant } from '../stores/qdrant/back-up.ts'
import type { QdrantBase } from '../stores/qdrant/facts.ts'
import type { Begun } from '../stores/references.ts'

/** One store's part of a set. */
interface MemberGives {
  member: Member
}

const TROUBLE =
  'A failed backup leaves the older sets as they are. Read the log of the store that failed, then run it again.'

export const backUpQdrant = step<QdrantBase, MemberGives>({
  id: 'back-up-qdrant',
  about: 'qdrant',
  title: 'Back up Qdrant',
  why: `A backup counts when it has been read back and recovered once. The source is read first, because a
snapshot of a corrupted collection has a perfect checksum.`,
  trouble: TROUBLE,
  body: s => s.use(begin).use(saveQdrant).use(store),
  summary: told,
})

export const backUpPostgres = step<PostgresBase, MemberGives>({
  id: 'back-up-postgres',
  about: 'postgres',
  title: 'Back up PostgreSQL',
  why: `A dump can end well and be empty, cut off or without its roles. So the client must not be older than the
server, the source must hold no orphans, the archive is read completely, and its rows are counted there and not
in the database. Roles are in no dump; they lie beside it.`,
  trouble: TROUBLE,
  body: s => s.use(begin).use(savePostgres).use(store),
  summary: told,
})

export const writeSet = step<Base & { members: Member[] }, { manifest: Manifest }>({
  id: 'write-set',
  title: 'Write the manifest of the set',
  why: `The manifest is written last and never changed: a set without one does not exist. It lies beside the
objects, so that it survives the loss of every database.`,
  trouble: TROUBLE,
  body: s =>
    s
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
      }),
  summary: f => f.manifest.set,
})

function begin<F extends StoreBase>(s: Sequence<F>) {
  return s
    .keep('make room for it', f => command(['mkdir', '-p', f.run.folder]))
    .read(
      'note the time',
      () => command(['date', '-u', '+%Y-%m-%dT%H:%M:%SZ']),
      o => ({ memberStarted: o.stdout.trim() }),
    )
}

type Saved = StoreBase & Begun & { files: BackedUpFile[]; entry: object }

/** Uploads the files of a member and reads every one of them back. */
function store<F extends Saved>(s: Sequence<F>) {
  return s
    .gather(
      'part',
      f => f.files,
      s =>
        s
          .write('upload it', {
            run: f => put(f, f.part.file, key(f)),
            probe: { look: f => stat(f, key(f)), state: there },
            undo: { none: 'a set without a manifest does not exist' },
          })
          .read(
            'see what arrived',
            f => stat(f, key(f)),
            o => ({ arrived: JSON.parse(o.stdout) as { sha256: string; size: number } }),
          )
          .check(
            'it can be read back whole',
            f => verify(f, key(f), f.arrived.sha256),
            o => ({ verdict: 'proven', found: o.stdout.trim() }),
          ),
      'stored',
      f => ({ key: key(f), sha256: f.arrived.sha256, size_bytes: f.arrived.size }) as StoredObject,
      'For each file',
    )
    .let('conclude the member', f => ({ member: memberOf(f as unknown as Saved & Stored) }))
}

interface Stored {
  stored: StoredObject[]
}

function memberOf({ store, run, memberStarted, entry, stored }: Saved & Stored): Member {
  const [own, ...beside] = stored
  const { name, kind } = store
  const duration_seconds = Math.max(0, Math.round((Date.now() - Date.parse(memberStarted)) / 1000))
  const told = { started: memberStarted, duration_seconds }
  const common = { id: `${name}_${run.id}`, store: name, kind, status: 'success', ...told }
  return { ...common, ...own!, beside, ...entry } as Member
}

/** Throws a Problem when nobody could read it afterwards: a set like that would not exist. */
function manifestOf(f: Base & { members: Member[] }): Manifest {
  const manifest: Manifest = {
    format: FORMAT,
    set: `set_${f.run.id}`,
    started: timeOf(f.run.id),
    finished: new Date().toISOString(),
    source: { platform: f.target.platform, project: f.target.runtime.project, host: hostname() },
    members: [...f.members],
  }
  return readManifest(setKey(f), JSON.stringify(manifest))
}

function key(f: StoreBase & { part: BackedUpFile }): string {
  const { name } = f.store
  return `${name}/${dayOf(f.run.id)}/${name}_${f.run.id}.${f.part.ending}`
}

function setKey(f: Base): string {
  return `sets/${dayOf(f.run.id)}/set_${f.run.id}.json`
}

function put(f: Base, file: string, key: string): Command {
  return ownCommand('objects', ['put', file, key], async (_, io) => {
    const { sha256 } = await new Objects(f.target.backups).upload(resolve(io.cwd, file), key, io)
    return `${sha256}  ${key}\n`
  })
}

function stat(f: Base, key: string): Command {
  return ownCommand('objects', ['stat', key], async () => {
    const found = await new Objects(f.target.backups).find(key)
    return `${JSON.stringify(found ?? null)}\n`
  })
}

function there(o: Output): WorldState {
  return JSON.parse(o.stdout) === null ? 'absent' : 'done'
}

function verify(f: Base, key: string, sha256: string): Command {
  return ownCommand('objects', ['verify', key, '--sha256', sha256], async (_, io) => {
    const found = await new Objects(f.target.backups).verify(key, sha256, io)
    return `${bytes(found.size)}, sha256 ${found.sha256.slice(0, 12)}…\n`
  })
}

function told({ member }: MemberGives): string {
  return member.status === 'success' ? `${member.id}, ${bytes(member.size_bytes)}` : member.id
}

export const backUpNeo4j = step<Neo4jBase, MemberGives>({
  id: 'back-up-neo4j',
  about: 'neo4j',
  title: 'Back up Neo4j',
  why: `Neo4j Community can be dumped only while it is stopped. It is counted first, stopped cleanly, dumped and started again,
whatever happens to this program meanwhile; then the dump is checked in a scratch volume before it counts.`,
  trouble: TROUBLE,
  body: s => s.use(begin).use(saveNeo4j).use(store),
  summary: told,
})
