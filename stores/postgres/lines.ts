import { closeSync, openSync, writeSync } from 'node:fs'

const NEWLINE = 10

/** Cuts a stream of bytes into lines as it passes by; a line never has its line break. */
export class Lines {
  #rest: Buffer[] = []
  readonly #give: (line: Buffer) => void

  constructor(give: (line: Buffer) => void) {
    this.#give = give
  }

  write(chunk: Buffer): void {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#give(this.#joined(chunk.subarray(from, end)))
      from = end + 1
    }
    if (from < chunk.length) this.#rest.push(chunk.subarray(from))
  }

  #joined(end: Buffer): Buffer {
    if (this.#rest.length === 0) return end
    const line = Buffer.concat([...this.#rest, end])
    this.#rest = []
    return line
  }
}

const HELD = 1024 * 1024

/** A new file, private to its owner, that is written at once: a stream would hold in memory what the disk cannot take yet. */
export class Appender {
  readonly #file: number
  #held: Buffer[] = []
  #bytes = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w', 0o600)
  }

  add(text: Buffer | string): void {
    const bytes = Buffer.from(text)
    this.#held.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes > HELD) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    const all = Buffer.concat(this.#held)
    for (let at = 0; at < all.length; ) at += writeSync(this.#file, all, at)
    this.#held = []
    this.#bytes = 0
  }
}
