import type { Amount } from '../../lib/config-schema.ts'

export function isEnough(n: number, { exactly, at_least = 1 }: Amount): boolean {
  return exactly === undefined ? n >= at_least : n === exactly
}

export function amountText({ exactly, at_least = 1 }: Amount): string {
  return exactly === undefined ? `at least ${at_least}` : `exactly ${exactly}`
}
