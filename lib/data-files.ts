import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  rmSync,
  type WriteStream,
  writeFileSync,
  writeSync,
} from 'node:fs'

/** Empties a file, and makes it one that nobody else can read: it is going to hold data. */
export function ownerOnly(file: string): void {
  rmSync(file, { force: true })
  writeFileSync(file, '', { mode: 0o600 })
}

/** The same as a stream. */
export function privateFile(file: string): WriteStream {
  ownerOnly(file)
  return createWriteStream(file)
}

/**
 * The lines of a file as it is read, without the empty ones. Not readline: that also ends a line at U+2028, which JSON
 * leaves as it is (ECMA-404).
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}

/** A file of lines that grows without growing the memory. */
export class LineFile {
  readonly #file: number
  #pending: string[] = []

  constructor(file: string) {
    ownerOnly(file)
    this.#file = openSync(file, 'a')
  }

  add(line: string): void {
    if (this.#pending.push(line) >= 4096) this.#flush()
  }

  end(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    if (this.#pending.length > 0) writeSync(this.#file, `${this.#pending.join('\n')}\n`)
    this.#pending = []
  }
}
