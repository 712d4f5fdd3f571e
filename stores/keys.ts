import { renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { command, type Io } from '../lib/command.ts'
import { LineFile, linesOf } from '../lib/data-files.ts'
import { exec } from '../lib/exec.ts'
import { Problem } from '../lib/problem.ts'

/** Numbers before texts; numbers by their value however large they are, texts by their bytes. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  const [x, y] = [NUMBER.test(a), NUMBER.test(b)]
  if (x !== y) return x ? -1 : 1
  if (!x) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return BigInt(a) < BigInt(b) ? -1 : 1
}

const NUMBER = /^(0|-?[1-9]\d*)$/

/** One line of a list, its columns parted by tabs and escaped as COPY does. */
export function lineOf(...columns: readonly string[]): string {
  return columns.map(escaped).join('\t')
}

function escaped(text: string): string {
  return text.replace(/[\\\n\r\t]/g, sign => `\\${WRITTEN[sign]}`)
}

const WRITTEN: Record<string, string> = { '\\': '\\', '\n': 'n', '\r': 'r', '\t': 't' }
const MEANT: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' }

/** The columns of a line of COPY; undefined for NULL. */
export function columnsOf(line: string): (string | undefined)[] {
  return line.split('\t').map(column => {
    if (column === '\\N') return undefined
    if (!column.includes('\\')) return column
    return column.replace(/\\(.)/g, (_, sign: string) => MEANT[sign] ?? sign)
  })
}

/** The first column of a line. Throws a Problem where it cannot stand in a list of keys. */
export function keyOfLine(line: string): string {
  const [key] = columnsOf(line)
  if (key !== undefined && !/[\n\r\t]/.test(key)) return key
  throw new Problem(
    `a row has the key ${JSON.stringify(key ?? null).slice(0, 60)}: it is no text of one line`,
    {
      hint: 'give another column in the relation, or correct that row',
    },
  )
}

/**
 * Puts the lines of a file in the order of their keys, unless they have it: databases sort texts in the manner of a
 * language, and "10" before "9". Not in memory: by sort(1), byte by byte.
 */
export async function putInOrder(file: string, io: Pick<Io, 'cwd' | 'signal'>): Promise<void> {
  const path = resolve(io.cwd, file)
  if (await isInOrder(path)) return
  const unsorted = `${path}.unsorted`
  const sorted = `${path}.sorted`
  try {
    await rewrite(path, unsorted, line => `${sortable(keyOfLine(line))}\t${line}`)
    const argv = ['sort', '-t', '\t', '-k', '1,1', '-S', '64M', '-T', dirname(path), '-o', sorted, unsorted]
    await exec(command(argv as [string, ...string[]], { env: { LC_ALL: 'C' }, limits: { total: 1800 } }), {
      cwd: io.cwd,
      signal: io.signal,
    })
    await rewrite(sorted, unsorted, line => line.slice(line.indexOf('\t') + 1))
    renameSync(unsorted, path)
  } finally {
    rmSync(unsorted, { force: true })
    rmSync(sorted, { force: true })
  }
}

async function isInOrder(path: string): Promise<boolean> {
  let last: string | undefined
  for await (const line of linesOf(path)) {
    const key = keyOfLine(line)
    if (last !== undefined && compareKeys(last, key) > 0) return false
    last = key
  }
  return true
}

async function rewrite(from: string, to: string, change: (line: string) => string): Promise<void> {
  const lines = new LineFile(to)
  for await (const line of linesOf(from)) lines.add(change(line))
  lines.end()
}

/** A text whose bytes have the order of compareKeys: the length of a number goes before its digits. */
export function sortable(key: string): string {
  if (!NUMBER.test(key)) return `2${escaped(key)}`
  const digits = key.replace('-', '')
  if (digits === key) return `1${String(digits.length).padStart(3, '0')}${digits}`
  const turned = digits.replace(/\d/g, digit => String(9 - Number(digit)))
  return `0${String(999 - digits.length).padStart(3, '0')}${turned}`
}

/** Throws a Problem when the second key may not come behind the first one. */
export function requireAscending(
  last: string | undefined,
  key: string,
  twice: 'may be twice' | 'once',
): void {
  if (last === undefined) return
  const order = compareKeys(last, key)
  if (order < 0 || (order === 0 && twice === 'may be twice')) return
  throw new Problem(
    `the keys ${last} and ${key} came in that order: they cannot be compared with another store`,
    {
      hint: 'is a key there twice? The keys of rows must be unique; did the order change while it was read? Try again',
    },
  )
}

/**
 * Of sorted keys, one a line, those that no sorted row begins with; a partner that has an id of its own stands before
 * its key, and it is that id that is given.
 */
export async function* withoutRows(
  keys: AsyncIterable<string>,
  rows: AsyncGenerator<string>,
): AsyncGenerator<string> {
  let row = await rows.next()
  for await (const line of keys) {
    const [id = '', key = id] = columnsOf(line)
    while (!row.done && compareKeys(keyOfLine(row.value), key) < 0) row = await rows.next()
    if (row.done || keyOfLine(row.value) !== key) yield id
  }
}
