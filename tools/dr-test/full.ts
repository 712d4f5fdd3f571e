import { randomBytes, randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../lib/config.ts'
import { exec } from '../../lib/exec.ts'
import { duration } from '../../lib/format.ts'
import { badInput, EXIT, type ExitCode, exitCodeOf, messageOf, Problem } from '../../lib/problem.ts'
import { newRun, RunNote } from '../../lib/run-record.ts'
import { mask } from '../../lib/secret.ts'
import { storesOf, type Target, targetOf } from '../../lib/target.ts'
import type { Evidence } from '../../stores/evidence.ts'
import { conclude, evidenceOf, overRto } from './evidence.ts'
import { type Ended, failedStep, program, recoverSet, tookOf } from './recover.ts'
import { requireSeparate, type Side, SUFFIX } from './separate.ts'
import { bringSet, sabotage, testable } from './sets.ts'

export interface Wishes {
  config: string
  random: boolean
  /** Leaves the restored installation running. */
  keep: boolean
}

/**
 * Restores a set of the real installation into a compose project of its own, as on an empty host, and then nothing of it
 * is left. The real one is only read, its bucket and the names of its containers, but for the note in `runs/`.
 */
export async function testRecovery(real: Target, wishes: Wishes): Promise<ExitCode> {
  const test = testTarget(real, wishes.config)
  const side = await sideOf(real)
  requireSeparate(side, await sideOf(test))
  const set = await chosenSet(real, wishes.random)
  const look = async () => [await containersOf(real), ...(await volumesOf(side))].join(', ')
  const before = await look()
  const run = newRun({ project: real.runtime.project, kind: 'test', name: 'restore' })
  const note = new RunNote(real.backups, run, tell)
  let evidence: Evidence | undefined
  try {
    await empty(test)
    await exec(test.runtime.start([test.backups.service]), { cwd: test.root })
    await answering(test)
    tell(`bringing a copy of ${set} into ${test.runtime.project}`)
    const manifest = await bringSet(real, test, set)
    evidence = evidenceOf('full', manifest)
    evidence.twin = await twinRejected(test, manifest)
    if (!evidence.twin.rejected)
      evidence.failures.push('the sabotaged twin was not rejected: this test proves nothing')
    evidence.failures.push(...(await restored(test, set, evidence)))
  } catch (error) {
    if (!evidence) {
      await note.end(exitCodeOf(error))
      throw error
    }
    evidence.failures.push(mask(messageOf(error)))
  } finally {
    if (!wishes.keep) await empty(test)
  }
  const after = await look()
  if (after !== before)
    evidence.failures.push(`the real installation has changed meanwhile: ${after}; before: ${before}`)
  return conclude(real, evidence, note)
}

/** Credentials that are made for this run and known to nobody; names as in the real installation. */
function testTarget(real: Target, file: string): Target {
  const [postgres, neo4j] = [storesOf(real, 'postgres')[0], storesOf(real, 'neo4j')[0]]
  Object.assign(process.env, {
    DRTEST_PROJECT: `${real.runtime.project}${SUFFIX}`,
    DRTEST_ACCESS_KEY: `key${randomBytes(6).toString('hex')}`,
    DRTEST_PASSWORD: randomBytes(18).toString('hex'),
    ...(postgres ? { POSTGRES_DB: postgres.database, POSTGRES_USER: postgres.user } : {}),
    ...(neo4j ? { NEO4J_USER: neo4j.user } : {}),
  })
  return targetOf(loadConfig(join(real.root, file)))
}

async function sideOf(target: Target): Promise<Side> {
  const { runtime, root } = target
  return { target, layout: runtime.readLayout(await exec(runtime.layout(), { cwd: root })) }
}

async function chosenSet(real: Target, random: boolean): Promise<string> {
  const sets = await testable(real)
  const set = sets[random ? drawn(sets.length) : 0]
  if (set) return set
  throw badInput(
    'there is no verified set of every store to test',
    'npx tsx tools/backup-service.ts --run-once',
  )
}

/** The index of any one of so many. */
export function drawn(among: number): number {
  return randomInt(Math.max(1, among))
}

/** The volumes of the installation that are there. */
async function volumesOf({ target: { runtime, root }, layout }: Side): Promise<string[]> {
  const any = layout.volumes.map(name => name.replaceAll('.', '\\.')).join('|')
  const { stdout } = await exec(runtime.volumes(`(${any})`), { cwd: root })
  return stdout.split('\n').filter(Boolean).sort()
}

/** Names and states of the containers; the test must leave every one of them alone. */
async function containersOf({ runtime, root }: Target): Promise<string> {
  const states = runtime.readStates(await exec(runtime.states(), { cwd: root }))
  return states
    .map(({ container, state }) => `${container} ${state}`)
    .sort()
    .join(', ')
}

/** Only a project of the name that tests have; `requireSeparate` has refused every other one. */
async function empty(test: Target): Promise<void> {
  const { runtime, root } = test
  if (!runtime.project.endsWith(SUFFIX))
    throw new Problem(`${runtime.project} is no test: nothing of it is removed`)
  await exec(runtime.removeAll(), { cwd: root })
  rmSync(test.incidents, { recursive: true, force: true })
}

/** The same recovery on a set that is damaged inside: it has to end with a check that failed. */
async function twinRejected(test: Target, manifest: Parameters<typeof sabotage>[1]) {
  const { set, store } = await sabotage(test, manifest)
  tell(`recovering ${set}, a twin whose ${store} is damaged: it must be rejected`)
  const ended = await recoverSet(test, set)
  const failed = failedStep(test)
  // It must not get past the step that reads the backup: later it would have replaced something.
  const rejected = ended.exitCode !== EXIT.recovered && failed.startsWith('verify-set/')
  if (!rejected) tell(`it ended with exit code ${ended.exitCode}, at "${failed}":\n${ended.tail}`)
  return { set, store, rejected }
}

/** Why the restore of the set itself cannot be believed; empty when it can. */
async function restored(test: Target, set: string, evidence: Evidence): Promise<string[]> {
  tell(`recovering ${set}, as on an empty host`)
  const ended = await recoverSet(test, set)
  if (ended.exitCode !== EXIT.recovered) return [failure('the recovery', ended)]
  evidence.seconds = tookOf(test)
  tell(`it took ${duration(evidence.seconds.total * 1000)}; looking at it once more`)
  const checks: [string, string][] = [
    ['the validation', 'tools/validate-data-integrity.ts'],
    ['a smoke test', 'tools/smoke-tests.ts'],
  ]
  const failures = overRto(evidence.seconds, test)
  for (const [what, file] of checks) {
    const looked = await program(test, file, [])
    if (looked.exitCode !== EXIT.recovered) failures.push(failure(what, looked))
  }
  return failures
}

function failure(what: string, { exitCode, tail }: Ended): string {
  return mask(`${what} ended with exit code ${exitCode}:\n${tail}`)
}

const STARTS_SECONDS = 120

/** A MinIO that has just been started refuses connections for a moment. */
async function answering({ backups, root }: Target): Promise<void> {
  const url = `${backups.endpoint}/minio/health/cluster`
  const retry = [
    '--retry',
    String(STARTS_SECONDS),
    '--retry-delay',
    '1',
    '--retry-all-errors',
    '--retry-connrefused',
  ]
  const argv = [
    'curl',
    '-fsS',
    '-o',
    '/dev/null',
    ...retry,
    '--retry-max-time',
    String(STARTS_SECONDS),
    url,
  ] as const
  await exec({ argv: [...argv], limits: { total: STARTS_SECONDS + 10 } }, { cwd: root })
}

function tell(text: string): void {
  process.stdout.write(`${mask(text)}\n`)
}
