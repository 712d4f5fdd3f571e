import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stamp } from '../lib/format.ts'
import { badInput, EXIT, type ExitCode, exitCodeOf, messageOf, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { style } from '../lib/style.ts'
import type { Store, Target } from '../lib/target.ts'
import { perform } from '../runbook/perform.ts'
import { stepsFor } from '../steps/by-kind.ts'
import { catalogue, ofSet } from '../stores/backups.ts'
import type { Finding, Run } from '../stores/base.ts'
import type { Sampled } from '../stores/content.ts'
import { ownIo } from './arguments.ts'
import { ValidationReport } from './validation-report.ts'

const FOLDER = '.validate'
/** Reports of an installation that are kept, with their lists of what has to be repaired. */
const KEPT = 30

/** How live data is checked. */
export interface Validation extends Sampled {
  /** The set or the backup to compare with; the newest usable one without. */
  against?: string | undefined
}

/**
 * Looks at stores and checks them, one after the other, also behind one that failed; writes what was found. Exit code 2
 * when something is wrong, 1 when it could not be looked at. Throws a Problem (exit 64) when there is no such one of these stores.
 */
export async function validateStores(
  target: Target,
  stores: readonly Store[],
  { against, ...sampled }: Validation = {},
): Promise<ExitCode> {
  const { project } = target.runtime
  if (against !== undefined) await refuseUnknown(target, stores, against)
  const id = stamp(new Date())
  const run: Run = { id, folder: `${FOLDER}/${project}-${id}`, ...(against === undefined ? {} : { against }) }
  mkdirSync(join(target.root, run.folder), { recursive: true })
  const report = new ValidationReport(project, id)
  const codes: ExitCode[] = []
  try {
    for (const store of stores) codes.push(await validate(target, store, run, report, sampled))
  } finally {
    clearUp(target, run)
  }
  const written = report.write(join(target.root, run.folder), run.folder)
  process.stdout.write(`${written}\n`)
  return (
    codes.find(code => code === EXIT.checkFailed) ??
    codes.find(code => code !== EXIT.recovered) ??
    EXIT.recovered
  )
}

async function refuseUnknown(target: Target, stores: readonly Store[], against: string): Promise<void> {
  const all = await catalogue(target, undefined, ownIo(target))
  const missing = stores.filter(({ name }) => !ofSet(all, against).candidates.some(one => one.store === name))
  if (missing.length === 0) return
  throw badInput(
    `there is no backup ${against.slice(0, 60)} of ${missing.map(({ name }) => name).join(', ')}`,
    'npx tsx tools/restore-backup.ts --list shows which there are; --type leaves the other stores out',
  )
}

async function validate(
  target: Target,
  store: Store,
  run: Run,
  report: ValidationReport,
  sampled: Sampled,
): Promise<ExitCode> {
  const steps = stepsFor(store.kind)
  const record = report.recorder(store.name)
  try {
    const facts = await perform(steps.assess, { target, store, run }, { record })
    const findings = facts.findings as Finding[]
    for (const { sentence } of findings) {
      process.stdout.write(`${style.bad('✖')} ${sentence}\n`)
      report.add({
        store: store.name,
        check: 'nothing is wrong with it',
        verdict: 'failed',
        found: sentence,
        ms: 0,
      })
    }
    if (facts.up) await perform(steps.integrity, { ...facts, ...sampled }, { record })
    return findings.length === 0 ? EXIT.recovered : EXIT.checkFailed
  } catch (error) {
    const code = exitCodeOf(error)
    if (code === EXIT.interrupted) throw error
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
    // A check that failed has told its own story; anything else kept the rest from being looked at.
    if (report.passed(store.name))
      report.add({
        store: store.name,
        check: 'it can be looked at',
        verdict: 'unchecked',
        found: mask(messageOf(error)),
        ms: 0,
      })
    return code
  }
}

/** What was only needed to compare, and the oldest reports; nobody else removes them. */
function clearUp({ root, runtime }: Target, { folder }: Run): void {
  for (const name of readdirSync(join(root, folder)))
    if (/^rows_/.test(name)) rmSync(join(root, folder, name))
  const own = readdirSync(join(root, FOLDER)).filter(name => name.startsWith(`${runtime.project}-`))
  const older = own.filter(name => /^\d{8}_\d{6}$/.test(name.slice(runtime.project.length + 1))).sort()
  for (const name of older.slice(0, -KEPT)) rmSync(join(root, FOLDER, name), { recursive: true, force: true })
}
