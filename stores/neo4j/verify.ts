import { command, type Output } from '../../lib/command.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { staging } from '../base.ts'
import { fetchObject } from '../fetch.ts'
import { room } from '../room.ts'
import { DATA, inVolume } from './commands.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from './facts.ts'
import { roomForNeo4j } from './member.ts'
import { consistent } from './prove.ts'

type Needs = Neo4jBase & Neo4jAssessed & Neo4jChosen
/** A backup that is only read back: nothing of the live Neo4j is needed. */
export type Stored = Neo4jBase & Pick<Neo4jChosen, 'candidate' | 'restoring'>

/** Law 1: every dump is read back and checked completely before any data is changed. */
export const verifyNeo4j = (s: Sequence<Needs>): Sequence<Needs> =>
  s.when(
    'a database is to be restored',
    f => f.restoring.length > 0,
    s => prepare(s).use(readBackNeo4j),
  )

/** What is proven of the backup itself, whatever the live Neo4j is like. */
export const readBackNeo4j = (s: Sequence<Stored>): Sequence<Stored> =>
  s.each(
    'database',
    f => f.restoring,
    s => s.use(proveDump),
  )

function prepare(s: Sequence<Needs>): Sequence<Needs> {
  return s
    .keep('make room for it', f => command(['mkdir', '-p', staging(f.run)]))
    .check(
      'there is room for it here',
      f => command(['df', '-Pk', f.run.folder]),
      (o, f) => room(o, 1.1 * f.candidate.member.size_bytes),
    )
    .check(
      'there is room for it where Neo4j runs',
      f => inVolume(f, 'room', `df -Pk ${DATA}`),
      (o, f) => room(o, roomForNeo4j(f.candidate.member)),
    )
    .check(
      'this Neo4j is not older than the backup',
      f => inVolume(f, 'version', 'neo4j-admin --version'),
      notOlder,
    )
}

/** Patches of a version share one format; a later minor or major version may write what this one does not read. */
export function notOlder(o: Output, f: Pick<Needs, 'candidate'>): Verdict {
  const here = /^(\d+)\.(\d+)\.\d+/.exec(o.stdout.trim())
  const backup = f.candidate.member.engine_version
  if (!here) return { verdict: 'unchecked', found: `it calls itself "${o.stdout.trim().slice(0, 100)}"` }
  const [major = 0, minor = 0] = backup.split('.').map(Number)
  const newer = major > Number(here[1]) || (major === Number(here[1]) && minor > Number(here[2]))
  const found = `backup of ${backup}, server ${here[0]}`
  if (!newer) return { verdict: 'proven', found }
  return { verdict: 'failed', found: `${found}; run the image that wrote it, or choose an older backup` }
}

export type OneDump = Stored & { database: string }

/**
 * In the container's own layer, which goes with it: a backup that is refused leaves nothing behind. A dump
 * that was cut short passes `--info`, which reads the beginning only; the check reads all of it.
 */
const CHECK = `cat > "/tmp/$1.dump"
neo4j-admin database load "$1" --info --from-path=/tmp &&
neo4j-admin database check "$1" --from-path=/tmp --temp-path=/tmp --report-path=/tmp`

function proveDump(s: Sequence<OneDump>): Sequence<OneDump> {
  return s
    .keep('download its dump and compare its sha256', download, f => object(f).size_bytes)
    .check(
      'the dump is complete and consistent',
      f =>
        inVolume(f, 'check', CHECK, [f.database], {
          stdin: { file: stagedFile(f) },
          limits: { total: 3600 },
          ok: [1, 70],
        }),
      dumpVerdict,
    )
}

/** The member's own object is the graph; the users lie beside it. Placeholders on the page stay as they are. */
export function object(f: OneDump) {
  const { member } = f.candidate
  if (`${f.database}` !== 'system') return member
  return [...member.beside].find(({ key }) => key.endsWith('.system.dump'))!
}

export function stagedFile(f: OneDump): string {
  return `${staging(f.run)}/${f.database}.dump`
}

function download(f: OneDump) {
  return fetchObject(f.target, object(f), stagedFile(f))
}

/** Without an archive `--info` prints nothing and ends with 0; only the line "Format:" says that it was one. */
export function dumpVerdict(o: Output): Verdict {
  const format = /^\s*Format: (.*)$/m.exec(o.stdout)?.[1]?.trim()
  const checked = consistent(o)
  if (checked.verdict === 'proven' && format)
    return { verdict: 'proven', found: `${format} ${checked.found}` }
  if (format) return checked
  return {
    verdict: 'failed',
    found: checked.verdict === 'failed' ? checked.found : 'there is no archive in it',
  }
}
