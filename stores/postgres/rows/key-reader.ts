import { COPY } from '../dump-reader.ts'
import { Lines } from '../lines.ts'
import { type Catalogue, keyed } from './catalogue.ts'

const TAB = 9

/**
 * Reads the text that `pg_restore -f -` writes and gives, of every row of a table with a primary key, the number
 * of the table and its key as COPY writes it. Constant memory.
 */
export class KeyReader {
  bytes = 0
  /** Rows per table that were in the archive. */
  readonly rows = new Map<string, number>()
  /** Tables of the archive that have no primary key in the catalogue. */
  readonly keyless: string[] = []
  readonly #numbers: Map<string, number>
  readonly #keys: string[][]
  readonly #lines = new Lines(line => this.#line(line))
  readonly #give: (line: Buffer) => void
  #table: { name: string; number: number; places: number[] } | undefined
  #inside = false

  constructor(catalogue: Catalogue, give: (line: Buffer) => void) {
    const tables = keyed(catalogue)
    this.#numbers = new Map(tables.map(({ name }, number) => [name, number]))
    this.#keys = tables.map(({ key }) => key)
    this.#give = give
  }

  write(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#lines.write(chunk)
  }

  #line(line: Buffer): void {
    if (!this.#inside) this.#begin(line)
    else if (line.length === 2 && line[0] === 0x5c && line[1] === 0x2e) this.#inside = false
    else if (this.#table) this.#row(this.#table, line)
  }

  #begin(line: Buffer): void {
    if (line[0] !== 0x43) return
    const [, name, columns] = COPY.exec(line.toString('utf8')) ?? []
    if (name === undefined) return
    this.#inside = true
    const number = this.#numbers.get(name)
    const there = columnsOf(columns ?? '')
    const places = number === undefined ? [] : this.#keys[number]!.map(column => there.indexOf(column))
    const known = number !== undefined && !places.includes(-1)
    this.#table = known ? { name, number: number!, places } : undefined
    if (known) this.rows.set(name, 0)
    else this.keyless.push(name)
  }

  #row({ name, number, places }: { name: string; number: number; places: number[] }, line: Buffer): void {
    this.rows.set(name, this.rows.get(name)! + 1)
    const fields = split(line)
    this.#give(
      Buffer.concat([Buffer.from(`${number}`), ...places.flatMap(at => [SEPARATOR, fields[at]!]), END]),
    )
  }
}

const SEPARATOR = Buffer.from([TAB])
const END = Buffer.from('\n')

/** Fields of a row: a tab inside of a value is written as \t. */
function split(line: Buffer): Buffer[] {
  const fields: Buffer[] = []
  let from = 0
  for (let at = line.indexOf(TAB); at !== -1; at = line.indexOf(TAB, from)) {
    fields.push(line.subarray(from, at))
    from = at + 1
  }
  return [...fields, line.subarray(from)]
}

/** The names in "(id, "odd name")". */
function columnsOf(list: string): string[] {
  return [...list.matchAll(/"((?:[^"]|"")+)"|[^\s,()"]+/g)].map(
    ([word, quoted]) => quoted?.replaceAll('""', '"') ?? word,
  )
}
