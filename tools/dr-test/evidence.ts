import { appendFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { EXIT, type ExitCode } from '../../lib/problem.ts'
import type { RunNote } from '../../lib/run-record.ts'
import { style } from '../../lib/style.ts'
import type { Target } from '../../lib/target.ts'
import { VERSION } from '../../runbook/version.ts'
import { EVIDENCE_FILE, type Evidence } from '../../stores/evidence.ts'
import { itemsOf, schemaDigest } from '../../stores/kinds.ts'
import type { Manifest } from '../../stores/manifest.ts'

/** The evidence of a test that begins, about this set. */
export function evidenceOf(kind: Evidence['kind'], { set, members }: Manifest): Evidence {
  const stores = members.flatMap(member =>
    member.status === 'success'
      ? [
          [
            member.store,
            {
              engine: member.engine_version,
              image: member.image,
              items: itemsOf(member),
              schema: schemaDigest(member),
            },
          ] as const,
        ]
      : [],
  )
  return {
    at: new Date().toISOString(),
    kind,
    set,
    host: hostname(),
    tool_version: VERSION,
    stores: Object.fromEntries(stores),
    // Until it is concluded.
    verdict: 'failed',
    failures: [],
  }
}

/** Appends it beside the configuration, notes the end in the bucket, and says it. */
export async function conclude({ root }: Target, evidence: Evidence, note: RunNote): Promise<ExitCode> {
  evidence.verdict = evidence.failures.length === 0 ? 'passed' : 'failed'
  appendFileSync(join(root, EVIDENCE_FILE), `${JSON.stringify(evidence)}\n`)
  const exitCode = evidence.verdict === 'passed' ? EXIT.recovered : EXIT.checkFailed
  await note.end(exitCode)
  for (const failure of evidence.failures) process.stdout.write(`${style.bad('✖')} ${failure}\n`)
  const verdict = exitCode === EXIT.recovered ? style.good('PASSED') : style.bad('FAILED')
  process.stdout.write(`DR test of ${evidence.set}: ${verdict}; the evidence is in ${EVIDENCE_FILE}\n`)
  return exitCode
}

/** What took longer than it may. */
export function overRto({ total, stores }: NonNullable<Evidence['seconds']>, target: Target): string[] {
  const late = Object.values(target.stores).filter(
    ({ name, rtoMinutes }) => (stores[name] ?? 0) > rtoMinutes * 60,
  )
  return [
    ...late.map(
      ({ name, rtoMinutes }) => `${name} took ${Math.round(stores[name]!)} s; its RTO is ${rtoMinutes} min`,
    ),
    ...(total > target.rtoMinutes * 60
      ? [`the recovery took ${Math.round(total)} s; the RTO is ${target.rtoMinutes} min`]
      : []),
  ]
}
