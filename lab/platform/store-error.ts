export type StoreName = 'qdrant' | 'neo4j' | 'postgres'

/** A store did not do what it was asked: which one, and what it said. */
export class StoreError extends Error {
  readonly store: StoreName
  /** True when nothing answered at all (503); false when the store answered with an error (502). */
  readonly unreachable: boolean

  constructor(store: StoreName, message: string, unreachable: boolean) {
    super(`${store}: ${message}`)
    this.name = 'StoreError'
    this.store = store
    this.unreachable = unreachable
  }
}

/** One line for people from whatever was thrown; fetch hides the reason in `cause`. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  if (!(error instanceof Error)) return String(error)
  if (error.cause instanceof Error) return `${error.message}: ${reason(error.cause)}`
  return error.message || error.name
}
