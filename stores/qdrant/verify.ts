import { command, type Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { staging } from '../base.ts'
import { fetchObject } from '../fetch.ts'
import { room } from '../room.ts'
import { request } from './commands.ts'
import type { Assessed, Chosen, QdrantBase, Restoring } from './facts.ts'
import { roomForQdrant } from './member.ts'

type Needs = QdrantBase & Assessed & Chosen
/** A backup that is only read back: nothing of the live Qdrant is needed. */
export type Stored = QdrantBase & Pick<Chosen, 'candidate' | 'restoring'>

/** Files that are written last into a collection's snapshot: a cut archive lacks them. */
const WRITTEN_LAST = ['config.json', 'version.info']

/** Law 1: the backup is read back and proven complete before any data is changed. */
export const verifyQdrant = (s: Sequence<Needs>) =>
  s.when(
    'a collection is to be restored',
    f => f.restoring.length > 0,
    s => s.use(makeRoom).use(readBackQdrant).use(proveVersion),
  )

const makeRoom = (s: Sequence<Needs>) =>
  s
    .keep('make room for it', f => command(['mkdir', '-p', staging(f.run)]))
    .check(
      'there is room for it here',
      f => command(['df', '-Pk', f.run.folder]),
      (o, f) => room(o, 2.2 * f.candidate.member.size_bytes),
    )
    .check('there is room for it at Qdrant', df, (o, f) => room(o, roomForQdrant(sum(f.restoring))))

/** What is proven of the backup itself, whatever the live Qdrant is like. */
export const readBackQdrant = (s: Sequence<Stored>) => s.use(stage).use(proveSnapshots)

const stage = (s: Sequence<Stored>) =>
  s
    .keep('download the backup and compare its sha256', download, f => f.candidate.member.size_bytes)
    .keep('unpack it', f =>
      command(['tar', '--extract', '--file', archive(f), '--directory', staging(f.run)], {
        limits: { total: 1800 },
      }),
    )

const proveSnapshots = (s: Sequence<Stored>) =>
  s.each(
    'collection',
    f => f.restoring,
    s => s.use(proveSnapshot),
  )

const proveSnapshot = (s: Sequence<Stored & { collection: Restoring }>) =>
  s
    .check(
      'its snapshot is the one that was backed up',
      f => command(['sha256sum', f.collection.file], { limits: { total: 900 } }),
      (o, f) => digest(o, f.collection),
    )
    .check(
      'its snapshot is complete',
      f => command(['tar', '--list', '--file', f.collection.file], { limits: { total: 900 } }),
      layout,
    )

const proveVersion = (s: Sequence<Needs>) =>
  s.when(
    'Qdrant answers',
    f => f.version !== '',
    s => s.check('this Qdrant can read it', f => request(f.store, 'GET', '/'), version),
  )

function archive(f: Stored): string {
  return `${staging(f.run)}/${f.candidate.id}.snapshot`
}

function download(f: Stored) {
  return fetchObject(f.target, f.candidate.member, archive(f))
}

function df(f: Needs) {
  const { runtime } = f.target
  const argv = ['df', '-Pk', '/qdrant/storage'] as const
  if (f.up) return runtime.exec(f.store.service, argv, { limits: { total: 20 } })
  return runtime.oneOff(f.store.service, `${runtime.project}-df-${f.run.id}`, [...argv], {
    limits: { total: 60 },
  })
}

function sum(restoring: readonly Restoring[]): number {
  return restoring.reduce((total, r) => total + r.size, 0)
}

function digest(o: Output, collection: Restoring): Verdict {
  const found = o.stdout.split(' ')[0] ?? ''
  return found === collection.sha256
    ? { verdict: 'proven', found: `${found.slice(0, 12)}…` }
    : {
        verdict: 'failed',
        found: `${found.slice(0, 12)}…, the manifest says ${collection.sha256.slice(0, 12)}…`,
      }
}

function layout(o: Output): Verdict {
  const members = o.stdout.split('\n').map(line => line.replace(/^\.\//, ''))
  const missing = WRITTEN_LAST.filter(name => !members.includes(name))
  const segments = members.filter(name => /^0\/segments\/[^/]+\.tar$/.test(name)).length
  if (missing.length > 0) return { verdict: 'failed', found: `the archive lacks ${missing.join(', ')}` }
  return { verdict: 'proven', found: `${members.length} files, ${segments} segments` }
}

/** Same minor version, patch not older than the backup's: the rule of Qdrant's documentation. */
function version(o: Output, f: Needs): Verdict {
  const server = (JSON.parse(o.stdout) as { version: string }).version
  const backup = f.candidate.member.engine_version
  const [a, b] = [backup, server].map(v => v.split('.').map(Number))
  const fits = a![0] === b![0] && a![1] === b![1] && (b![2] ?? 0) >= (a![2] ?? 0)
  return { verdict: fits ? 'proven' : 'failed', found: `backup of ${backup}, server ${server}` }
}
