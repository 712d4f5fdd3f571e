import { ContentSum } from '../fingerprint.ts'
import { Lines } from './lines.ts'
import type { SequenceValue, Table } from './member.ts'

/** What a dump holds, counted while it went by. */
export interface Contents {
  tables: Table[]
  sequences: SequenceValue[]
  /** A digest of the definition of every object: "TABLE public.documents" → digest. */
  objects: Record<string, string>
  large_objects: number
  /** Roles that own something. */
  owners: string[]
  /** False when the text ends in the middle. */
  complete: boolean
}

const NAME = '(?:"(?:[^"]|"")+"|[^\\s".(]+)'
/** The table and its columns. */
export const COPY = new RegExp(`^COPY (${NAME}\\.${NAME}) (.*)FROM stdin;$`)
const ENTRY = /^-- (Data for )?Name: (.*); Type: (.+?); Schema: (.+?); Owner: (.*?)(?:; Tablespace: .*)?$/
const SETVAL = /^SELECT pg_catalog\.setval\('((?:[^']|'')+)', (-?\d+, (?:true|false))\);$/

/** Lines that stand before whichever object comes next, and those that differ from dump to dump. */
const PASSING = /^(?:--|SET |\\|$)/

/**
 * Reads the text that `pg_restore -f -` and `pg_dump` write, in one pass and constant memory. A row is one
 * line between COPY and `\.`: newlines and backslashes in values are escaped, so nothing else can end it.
 */
export class DumpReader {
  bytes = 0
  #rows: ContentSum | undefined
  #object: ContentSum | undefined
  #largeObjects = 0
  #complete = false
  readonly #owners = new Set<string>()
  readonly #tables = new Map<string, ContentSum>()
  readonly #sequences = new Map<string, string>()
  readonly #objects = new Map<string, ContentSum>()
  readonly #lines = new Lines(line => this.#line(line))

  write(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#lines.write(chunk)
  }

  end(): Contents {
    const digests = (sums: Map<string, ContentSum>) => [...sums].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      tables: digests(this.#tables).map(([name, sum]) => ({ name, rows: sum.count, fingerprint: sum.whole })),
      sequences: [...this.#sequences].map(([name, value]) => ({ name, value })).sort(byName),
      objects: Object.fromEntries(digests(this.#objects).map(([name, sum]) => [name, sum.whole])),
      large_objects: this.#largeObjects,
      owners: [...this.#owners].sort(),
      complete: this.#complete && this.#rows === undefined,
    }
  }

  #line(line: Buffer): void {
    if (!this.#rows) this.#statement(line.toString('utf8'))
    else if (line.length === 2 && line[0] === 0x5c && line[1] === 0x2e) this.#rows = undefined
    else this.#rows.addBytes(line)
  }

  #statement(line: string): void {
    const entry = ENTRY.exec(line)
    const copy = COPY.exec(line)
    const setval = SETVAL.exec(line)
    if (entry) this.#begin(entry)
    else if (copy) this.#rows = sumOf(this.#tables, copy[1]!)
    else if (setval) this.#sequences.set(setval[1]!, setval[2]!.replace(',', ''))
    else if (line.startsWith('SELECT pg_catalog.lo_open(')) this.#largeObjects++
    else if (line === '-- PostgreSQL database dump complete') this.#complete = true
    else if (!PASSING.test(line)) this.#object?.addText(line)
  }

  /** Values of sequences and rows are no definitions: they are compared on their own. */
  #begin([, data, name, type, schema, owner = '-']: RegExpExecArray): void {
    if (owner !== '-' && owner !== '') this.#owners.add(owner)
    const isDefinition = !data && !['SEQUENCE SET', 'BLOB', 'BLOBS', 'BLOB METADATA'].includes(type!)
    const key = schema === '-' ? `${type} ${name}` : `${type} ${schema}.${name}`
    this.#object = isDefinition ? sumOf(this.#objects, key) : undefined
  }
}

function sumOf(sums: Map<string, ContentSum>, name: string): ContentSum {
  const found = sums.get(name) ?? new ContentSum()
  sums.set(name, found)
  return found
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
