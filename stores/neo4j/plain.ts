import { Problem } from '../../lib/problem.ts'

/** A value of a query that asks for names, numbers and lists of them. */
export type Value = string | number | boolean | null | Value[]

/**
 * One record of `cypher-shell --format plain`, as far as names, numbers and lists go: that format writes
 * NULL and TRUE, escapes quotes and leaves backslashes and line breaks as they are, so a text of any
 * content cannot be told from its neighbours. Throws a Problem for a record it cannot read.
 */
export function parseRecord(record: string): Value[] {
  return parse(record, /"(?:\\"|[^"])*"|NULL|TRUE|FALSE/g, text => text.replaceAll('\\"', '"'))
}

/** A record whose query has doubled every backslash: then a text of any content can be told. */
export function parseDoubled(record: string): Value[] {
  const undo = (text: string) => text.replace(/\\(["\\])/g, '$1')
  return parse(record, /"(?:\\["\\]|[^"\\])*"|NULL|TRUE|FALSE/g, undo)
}

function parse(record: string, words: RegExp, textOf: (escaped: string) => string): Value[] {
  const json = record.replace(words, word =>
    word.startsWith('"') ? JSON.stringify(textOf(word.slice(1, -1))) : word.toLowerCase(),
  )
  try {
    return JSON.parse(`[${json}]`) as Value[]
  } catch (error) {
    throw new Problem(`cypher-shell printed a record that cannot be read: ${record.slice(0, 120)}`, {
      hint: 'does a name in the graph end in a backslash? Rename it',
      cause: error,
    })
  }
}

const [SMALL_A = 0, SMALL_Z = 0] = Buffer.from('az')

/**
 * Cuts the output of cypher-shell into records as it passes by. Every query gives a word of small letters first, so a
 * record begins where a line begins with a quote and a letter: inside of a text a quote has a backslash before it, and
 * behind the quote that ends a text, which may end with a line break itself, comes no letter.
 */
export class Records {
  #rest = Buffer.alloc(0)
  #failure: unknown
  readonly #give: (record: Buffer) => void

  constructor(give: (record: Buffer) => void) {
    this.#give = give
  }

  /** Never throws: it is called by the stream. */
  add(chunk: Buffer): void {
    if (this.#failure !== undefined) return
    try {
      this.#cut(chunk)
    } catch (error) {
      this.#failure = error
    }
  }

  #cut(chunk: Buffer): void {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let begin = 0
    for (let at = all.indexOf('\n"'); at !== -1; at = all.indexOf('\n"', at + 1)) {
      const letter = all[at + 2]
      // Its letter has not come yet.
      if (letter === undefined) break
      if (letter < SMALL_A || letter > SMALL_Z) continue
      this.#give(all.subarray(begin, at))
      begin = at + 1
    }
    this.#rest = Buffer.from(all.subarray(begin))
  }

  /** The last record ends with the output. Throws what a record has thrown. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure
    const last = this.#rest.at(-1) === 10 ? this.#rest.subarray(0, -1) : this.#rest
    if (last.length > 0) this.#give(last)
    this.#rest = Buffer.alloc(0)
  }
}

/** The answer lacks its last record. */
export function endedEarly(): Problem {
  return new Problem('cypher-shell ended before its last answer', {
    hint: 'is Neo4j being stopped? Its log says why; then try again',
  })
}
