import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ended } from '../../lab/drills/program.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert } from '../describe.ts'
import { last } from './said.ts'

export const VALIDATE = 'tools/validate-data-integrity.ts'

/** One check of a validation, as its report has it. */
export interface Checked {
  store: string
  check: string
  verdict: string
  expected?: string
  found: string
  seconds: number
}

/** The checks of the report that a validation has written. */
export function checksOf(target: LabTarget, ended: Ended): Checked[] {
  const [, path = ''] = /passed(?:, \d+ skipped)?: (\S+)\.txt/.exec(ended.stdout) ?? []
  assert.ok(path !== '', last(ended))
  const report = readFileSync(join(target.root, `${path}.json`), 'utf8')
  return (JSON.parse(report) as { checks: Checked[] }).checks
}
