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
