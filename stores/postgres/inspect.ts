import { randomUUID } from 'node:crypto'
import { type Command, type Io, type Output, ownCommand } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { Problem } from '../../lib/problem.ts'
import type { Runtime } from '../../lib/runtime.ts'
import type { PostgresStore, Target } from '../../lib/target.ts'
import { pgDump, script } from './commands.ts'
import { type Contents, DumpReader } from './dump-reader.ts'
import { HEALTH_SCRIPT, type Health, healthOf } from './health.ts'

/** What reading everything showed. */
export interface Inspection extends Contents {
  /** The server's words when it could not give everything; empty when all could be read. */
  unreadable: string
}

const LIMITS = { total: 7200 }

/**
 * Reads all of an archive: rows, their fingerprints, sequences and definitions (tools/rows.ts archive). A
 * table of contents alone proves nothing: `pg_restore --list` accepts an archive that is cut in half.
 */
export function inspectArchive({ runtime }: Target, store: PostgresStore, file: string): Command {
  const main = async ([, , from]: readonly string[], io: Io) => {
    const read = archiveText(runtime, store, from!)
    return `${JSON.stringify(await readDump(read, io))}\n`
  }
  return ownCommand('rows', ['archive', store.name, file], main, { limits: LIMITS })
}

/**
 * Reads all of the first of these databases that exists, in one consistent view (tools/rows.ts database): the
 * same program that makes a backup writes it out, so the same reader counts both. Rows that cannot be read
 * are a result.
 */
export function inspectDatabase(target: Target, store: PostgresStore, databases: readonly string[]): Command {
  const main = async ([, , ...names]: readonly string[], io: Io) => {
    const inspection = await readFirst(target.runtime, store, names, io)
    return `${JSON.stringify(inspection)}\n`
  }
  return ownCommand('rows', ['database', store.name, ...databases], main, { limits: LIMITS })
}

async function readFirst(
  runtime: Runtime,
  store: PostgresStore,
  [name, ...others]: readonly string[],
  io: Io,
): Promise<Inspection> {
  try {
    return await readDump(pgDump(runtime, store, name!, []), io)
  } catch (error) {
    const missing = error instanceof Problem && /has no database/.test(error.message)
    if (missing && others.length > 0) return readFirst(runtime, store, others, io)
    return unreadable(error, io)
  }
}

/**
 * Checks every foreign key against its rows, and every index and sequence, in the first of these databases
 * that exists (tools/rows.ts references).
 */
export function inspectReferences(
  target: Target,
  store: PostgresStore,
  databases: readonly string[],
): Command {
  const main = async ([, , ...names]: readonly string[], io: Io) =>
    `${JSON.stringify(await healthOfFirst(target, store, names, io))}\n`
  return ownCommand('rows', ['references', store.name, ...databases], main, { limits: LIMITS })
}

async function healthOfFirst(
  target: Target,
  store: PostgresStore,
  [name, ...others]: readonly string[],
  io: Io,
): Promise<Health> {
  // 3: a statement failed, as on a damaged page or a lock that is held for long.
  const check = script({ target, store }, HEALTH_SCRIPT, { database: name!, seconds: 3600, ok: [2, 3, 124] })
  const output = await exec(check, { cwd: io.cwd, signal: io.signal })
  const missing = /database ".*" does not exist/.test(output.stderr)
  return missing && others.length > 0 ? healthOfFirst(target, store, others, io) : healthOf(output)
}

/** In a container of its own: it needs the programs of the server and not the server. */
export function archiveText(runtime: Runtime, store: PostgresStore, file: string): Command {
  const name = `${runtime.project}-rows-${randomUUID().slice(0, 8)}`
  return {
    ...runtime.oneOff(store.service, name, ['pg_restore', '-f', '-'], { stdin: { file }, limits: LIMITS }),
    explain: explainArchive,
  }
}

export async function readDump(command: Command, io: Io): Promise<Inspection> {
  const reader = new DumpReader()
  const sink = (chunk: Buffer) => {
    reader.write(chunk)
    io.progress({ done: reader.bytes, unit: 'bytes' })
  }
  await exec(command, { cwd: io.cwd, signal: io.signal, sink })
  const contents = reader.end()
  if (contents.complete) return { ...contents, unreadable: '' }
  throw new Problem('the dump ended in the middle, and its program said that all was well', {
    hint: 'it is not whole: choose the next older backup',
  })
}

/** Damage is a result; only an interrupt is none. */
function unreadable(error: unknown, io: Io): Inspection {
  if (io.signal.aborted || !(error instanceof Problem)) throw error
  const said = error.tail.find(line => /error|fatal|panic/i.test(line)) ?? error.message
  const nothing = { tables: [], sequences: [], objects: {}, large_objects: 0, owners: [], complete: false }
  return { ...nothing, unreadable: said.replace(/^pg_dump: error: /, '') }
}

export function readInspection(o: Output): Inspection {
  return JSON.parse(o.stdout) as Inspection
}

const DAMAGED = 'the archive is damaged: choose the next older backup'

const KNOWN: [RegExp, string, string][] = [
  [
    /unsupported version \(([\d.]+)\) in file header/,
    'the archive was made by a newer pg_dump than this server has',
    'restore it with that PostgreSQL version or a newer one: set the image of the service, or choose an older backup',
  ],
  [/input file is too short|could not read from input file: end of file/, 'the archive is cut off', DAMAGED],
  [
    /could not uncompress data|did not find magic string|input file does not appear/,
    'the archive is damaged',
    DAMAGED,
  ],
]

export function explainArchive({ stderr }: Output): { message: string; hint: string } | undefined {
  const known = KNOWN.find(([pattern]) => pattern.test(stderr))
  if (known) return { message: known[1], hint: known[2] }
  const said = /pg_restore: error: (.*)/.exec(stderr)?.[1]
  return said === undefined ? undefined : { message: `the archive cannot be read: ${said}`, hint: DAMAGED }
}
