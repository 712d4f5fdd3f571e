import { resolve } from 'node:path'
import { command, type Output, ownCommand } from '../../lib/command.ts'
import { Objects } from '../../lib/objects.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { staging } from '../base.ts'
import { room } from '../qdrant/verify.ts'
import { beside, DATA, DUMPS, dumpsVolume } from './commands.ts'
import type { Neo4jAssessed, Neo4jBase, Neo4jChosen } from './facts.ts'
import { consistent } from './prove.ts'
import { createVolume, stageDump } from './staging.ts'

type Needs = Neo4jBase & Neo4jAssessed & Neo4jChosen

/** Law 1: every dump is read back and checked completely before any data is changed. */
export const verifyNeo4j = (s: Sequence<Needs>): Sequence<Needs> =>
  s.when(
    'a database is to be restored',
    f => f.restoring.length > 0,
    s =>
      prepare(s).each(
        'database',
        f => f.restoring,
        s => s.use(proveDump),
      ),
  )

function prepare(s: Sequence<Needs>): Sequence<Needs> {
  const here = s
    .keep('make room for it', f => command(['mkdir', '-p', staging(f.run)]))
    .check(
      'there is room for it here',
      f => command(['df', '-Pk', f.run.folder]),
      (o, f) => room(o, 1.1 * f.candidate.member.size_bytes),
    )
  return createVolume(here, 'make a volume for it where Neo4j runs', dumpsVolume).check(
    'there is room for it there',
    f => beside(f, 'room', ['df', '-Pk', DATA]),
    // Once loaded beside the old store, and once unpacked for the check.
    (o, f) => room(o, 2.2 * f.candidate.member.store_bytes + f.candidate.member.size_bytes),
  )
}

type OneDump = Needs & { database: string }

function proveDump(s: Sequence<OneDump>): Sequence<OneDump> {
  const here = s.keep('download its dump and compare its sha256', download, f => object(f).size_bytes)
  return stageDump(
    here,
    f => f.database,
    file,
    f => object(f).sha256,
  )
    .check(
      'it is a dump of this kind',
      f => admin(f, 'info', ['load', f.database, '--info', `--from-path=${DUMPS}`]),
      format,
    )
    .check(
      'it is complete and consistent',
      f =>
        admin(f, 'check', [
          'check',
          f.database,
          `--from-path=${DUMPS}`,
          `--temp-path=${DUMPS}`,
          '--report-path=/tmp',
        ]),
      consistent,
    )
}

/** The member's own object is the graph; the users lie beside it. Placeholders on the page stay as they are. */
function object(f: OneDump) {
  const { member } = f.candidate
  if (`${f.database}` !== 'system') return member
  return [...member.beside].find(({ key }) => key.endsWith('.system.dump'))!
}

function file(f: OneDump): string {
  return `${staging(f.run)}/${f.database}.dump`
}

function download(f: OneDump) {
  const { key, sha256 } = object(f)
  const path = file(f)
  return ownCommand('objects', ['get', key, path, '--sha256', sha256], async (_, io) => {
    await new Objects(f.target.backups).verify(key, sha256, io, resolve(io.cwd, path))
    return `${sha256}  ${path}\n`
  })
}

function admin(f: Neo4jBase, what: string, args: readonly string[]) {
  return beside(f, what, ['neo4j-admin', 'database', ...args], { limits: { total: 3600 }, ok: [1, 70] })
}

/** Without an archive `--info` prints nothing and ends with 0; only this line says that it was one. */
export function format(o: Output): Verdict {
  const found = /^\s*Format: (.*)$/m.exec(o.stdout)?.[1]?.trim()
  if (o.exitCode === 0 && found) return { verdict: 'proven', found }
  const said = `${o.stdout}\n${o.stderr}`.trim().split('\n').at(-1) ?? ''
  return { verdict: 'failed', found: said.slice(0, 200) || 'there is no archive of that name' }
}
