import { createHash, type Hash, hash } from 'node:crypto'

/**
 * A digest of many things that does not depend on their order: the sum, modulo 2^64, of one hash each. A
 * sum and not an XOR, so that a thing that is there twice does not cancel itself. Constant memory.
 */
export class ContentSum {
  count = 0
  #sum = 0n

  /** Adds one thing by its hash; gives what was added. */
  add(hash: Hash): bigint {
    const digest = hash.digest().readBigUInt64LE(0)
    this.count++
    this.#sum = BigInt.asUintN(64, this.#sum + digest)
    return digest
  }

  /** Adds one thing by its bytes; twice as fast as a Hash when there are millions. */
  addBytes(bytes: Uint8Array): void {
    this.count++
    this.#sum = BigInt.asUintN(64, this.#sum + hash('sha256', bytes, 'buffer').readBigUInt64LE(0))
  }

  /** Adds a text. */
  addText(text: string): bigint {
    return this.add(createHash('sha256').update(text))
  }

  /** `count:digest`. */
  get whole(): string {
    return `${this.count}:${this.#sum.toString(16).padStart(16, '0')}`
  }
}
