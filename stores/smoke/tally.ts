import type { SmokeKind } from '../../lib/config-schema.ts'
import type { SmokeTests } from '../../lib/smoke-tests.ts'

/**
 * "data: 8 of 8 · inference: 1 of 2", and when not all passed what that means. `missed` is what was said of the tests
 * that did not pass; it begins with their kind.
 */
export function told(tests: SmokeTests, missed: readonly string[]): string {
  const data = tally('data', tests, missed)
  const inference = tally('inference', tests, missed)
  const figures = [data, inference].filter(({ all }) => all > 0).map(({ text }) => text)
  return `${figures.join(' · ')}${meaning(data, inference)}`
}

interface Tally {
  all: number
  failed: number
  text: string
}

function tally(kind: SmokeKind, { requests, queries }: SmokeTests, missed: readonly string[]): Tally {
  const all = requests.filter(test => test.kind === kind).length + (kind === 'data' ? queries.length : 0)
  const failed = missed.filter(said => said.startsWith(kind)).length
  return { all, failed, text: `${kind}: ${all - failed} of ${all}` }
}

function meaning(data: Tally, inference: Tally): string {
  if (data.failed > 0) return inference.failed > 0 ? ': both failed' : ': what failed is data'
  return inference.failed > 0
    ? ': the data is there and answers; what failed is inference, which needs its model'
    : ''
}
