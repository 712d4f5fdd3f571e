import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, command, type Io, type Output, ownCommand } from '../../../lib/command.ts'
import { exec } from '../../../lib/exec.ts'
import { Objects } from '../../../lib/objects.ts'
import type { PostgresStore, Target } from '../../../lib/target.ts'
import { psql, script } from '../commands.ts'
import { archiveText } from '../inspect.ts'
import { Appender, Lines } from '../lines.ts'
import { ident } from '../sql.ts'
import { CATALOGUE_QUERY, type Catalogue, keyed, readCatalogue } from './catalogue.ts'
import { KeyReader } from './key-reader.ts'
import { SESSION, temporary } from './session.ts'

const LIMITS = { total: 7200 }
const SAMPLES = 3

/** Rows of one table that a backup holds and the live database does not. */
export interface MissingRows {
  table: string
  /** Columns of its primary key. */
  key: string[]
  /** Rows of it in the backup. */
  rows: number
  missing: number
  /** The first keys. */
  samples: string[]
}

export interface Missing {
  tables: MissingRows[]
  /** Tables of the backup whose rows cannot be told apart: without primary key, or gone. */
  uncompared: string[]
}

/**
 * Holds the primary keys of a backup in the bucket against the live database, without restoring it
 * (tools/rows.ts missing). Keys go through sorted files, so memory does not grow with them.
 */
export function missingRows(target: Target, store: PostgresStore, key: string, sha256: string): Command {
  const main = (_: readonly string[], io: Io) =>
    inFolder(async folder => {
      const archive = join(folder, 'archive')
      await new Objects(target.backups).verify(key, sha256, io, archive)
      const { found } = await compare(target, store, archive, folder, io)
      return `${JSON.stringify(found)}\n`
    })
  return ownCommand('rows', ['missing', store.name, key, sha256], main, { limits: LIMITS })
}

export function readMissing(o: Output): Missing {
  return JSON.parse(o.stdout) as Missing
}

/** Writes these keys of an archive as a script for psql: a temporary table each, and its rows. */
export function writeMissingKeys(
  target: Target,
  store: PostgresStore,
  archive: string,
  out: string,
): Command {
  const main = ([, , from, to]: readonly string[], io: Io) =>
    inFolder(async folder => {
      const { catalogue, file } = await compare(target, store, resolve(io.cwd, from!), folder, io)
      await writeScript(catalogue, file, resolve(io.cwd, to!))
      return ''
    })
  return ownCommand('rows', ['missing-keys', store.name, archive, out], main, { limits: LIMITS })
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'missing-rows-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(target: Target, store: PostgresStore, archive: string, folder: string, io: Io) {
  const run = (one: Command, sink?: (chunk: Buffer) => void) =>
    exec(one, { cwd: io.cwd, signal: io.signal, ...(sink ? { sink } : {}) })
  const catalogue = readCatalogue(await run(psql(target.runtime, store, CATALOGUE_QUERY)))
  const [was, now, file] = [join(folder, 'was'), join(folder, 'now'), join(folder, 'missing')]
  const out = new Appender(was)
  const reader = new KeyReader(catalogue, line => out.add(line))
  await run(archiveText(target.runtime, store, archive), chunk => {
    reader.write(chunk)
    io.progress({ done: reader.bytes, unit: 'bytes' })
  })
  out.close()
  // Read after the archive: what has come back meanwhile is not missing.
  await run({
    ...script({ target, store }, liveKeys(catalogue), { database: store.database, seconds: 3600 }),
    stdout: now,
  })
  for (const one of [was, now]) await run(sorted(one))
  await run({ ...command(['comm', '-23', was, now], { env: { LC_ALL: 'C' } }), stdout: file })
  return { catalogue, file, found: await summary(catalogue, reader, file) }
}

function sorted(file: string): Command {
  return command(['sort', '-o', file, file], { env: { LC_ALL: 'C' } })
}

function liveKeys(catalogue: Catalogue): string {
  const copies = keyed(catalogue).map(
    ({ name, key }, number) =>
      `COPY (SELECT ${number}, ${key.map(ident).join(', ')} FROM ONLY ${name}) TO STDOUT;`,
  )
  return [SESSION, ...copies].join('\n')
}

async function summary(catalogue: Catalogue, reader: KeyReader, file: string): Promise<Missing> {
  const tables = keyed(catalogue).map(
    ({ name, key }): MissingRows => ({
      table: name,
      key,
      rows: reader.rows.get(name) ?? 0,
      missing: 0,
      samples: [],
    }),
  )
  for await (const { number, key } of keysIn(file)) {
    const table = tables[number]!
    table.missing++
    if (table.samples.length < SAMPLES) table.samples.push(key.replaceAll('\t', '/'))
  }
  return { tables: tables.filter(({ rows }) => rows > 0), uncompared: reader.keyless }
}

/** Lines of one table follow each other, because they are sorted by its number first. */
async function writeScript(catalogue: Catalogue, file: string, to: string): Promise<void> {
  const tables = keyed(catalogue)
  const out = new Appender(to)
  let open: number | undefined
  const end = () => (open === undefined ? undefined : out.add('\\.\n'))
  for await (const { number, key } of keysIn(file)) {
    if (number !== open) {
      end()
      const { name, key: columns } = tables[number]!
      out.add(
        `CREATE TEMP TABLE ${temporary('missing', name)} AS SELECT ${columns.map(ident).join(', ')} FROM ${name} WITH NO DATA;\n`,
      )
      out.add(`COPY ${temporary('missing', name)} FROM stdin;\n`)
      open = number
    }
    out.add(`${key}\n`)
  }
  end()
  out.close()
}

async function* keysIn(file: string): AsyncGenerator<{ number: number; key: string }> {
  // Not readline: it also ends a line at U+2028, which may stand in a key.
  let cut: string[] = []
  const lines = new Lines(line => cut.push(line.toString('utf8')))
  for await (const chunk of createReadStream(file)) {
    lines.write(chunk as Buffer)
    for (const line of cut) {
      const at = line.indexOf('\t')
      yield { number: Number(line.slice(0, at)), key: line.slice(at + 1) }
    }
    cut = []
  }
}
