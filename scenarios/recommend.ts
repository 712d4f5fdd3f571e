import type { AnyScenario, StoreKind } from '../runbook/model.ts'
import type { Finding } from '../stores/base.ts'
import { accidentalDeletion } from './accidental-deletion.ts'
import { backupFailure } from './backup-failure.ts'
import { SCENARIOS } from './index.ts'

/** What a look at one store has shown. */
export interface Seen {
  kind: StoreKind
  findings: Finding[]
}

/** Those that recover stores by replacing what is damaged. */
const RESTORES = SCENARIOS.filter(one => one !== accidentalDeletion && one !== backupFailure)

/**
 * The scenario that recovers every kind of store with something wrong, and as few others as possible. Where rows
 * are gone and nothing else is wrong, the one that replaces nothing: a restore would cost every write since.
 */
export function recommended(seen: readonly Seen[]): AnyScenario {
  const findings = seen.flatMap(one => one.findings)
  const rows = seen.some(({ kind, findings }) => kind === 'postgres' && findings.length > 0)
  if (rows && findings.every(finding => finding.deleted)) return accidentalDeletion
  const kinds = new Set(seen.filter(one => one.findings.length > 0).map(({ kind }) => kind))
  const fitting = RESTORES.filter(one => [...kinds].every(kind => one.stores.includes(kind)))
  return [...fitting].sort((a, b) => a.stores.length - b.stores.length)[0] ?? SCENARIOS[0]!
}
