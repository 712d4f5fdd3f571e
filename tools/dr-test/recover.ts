import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Recorded, readJournal } from '../../lib/journal.ts'
import type { Target } from '../../lib/target.ts'
import { laneOf } from '../../runbook/tree.ts'
import { phraseIn } from '../../runbook/unattended.ts'
import type { Evidence } from '../../stores/evidence.ts'

/** How a program of ours ended, and its last lines. */
export interface Ended {
  exitCode: number
  seconds: number
  tail: string
}

/** The whole recovery of a set on an empty host, by the scenario that people run. */
export function recoverSet(test: Target, set: string): Promise<Ended> {
  const answers = { stores: 'all', set, accept: set, description: 'a test of this set', affected: 'nothing' }
  const given = Object.entries(answers).flatMap(([name, value]) => ['--set', `${name}=${value}`])
  return program(test, 'scenarios/complete-failure.ts', [...given, '--confirm', '-'])
}

/** Runs a program of ours on the test, and types the phrase of its plan when it asks for it. */
export async function program(test: Target, file: string, args: readonly string[]): Promise<Ended> {
  const begun = Date.now()
  // As this very program was started: with tsx.
  const argv = [...process.execArgv, join(import.meta.dirname, '..', '..', file), ...args]
  const child = spawn(process.execPath, [...argv, '--config', test.config], { cwd: test.root })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    printed += chunk
    const phrase = child.stdin.writableEnded ? undefined : phraseIn(printed)
    if (phrase) child.stdin.end(`${phrase}\n`)
  })
  child.stderr.setEncoding('utf8').on('data', chunk => {
    printed += chunk
  })
  const exitCode = await new Promise<number>((ended, failed) => {
    child.on('error', failed)
    child.on('close', code => ended(code ?? 1))
  })
  const tail = printed.trimEnd().split('\n').slice(-12).join('\n')
  return { exitCode, seconds: (Date.now() - begun) / 1000, tail }
}

/** What the newest recovery of the test took, by its journal: seconds from the stop of the writers to the last smoke test. */
export function tookOf(test: Target): NonNullable<Evidence['seconds']> {
  const { stores } = test
  const events = newestJournal(test).filter(event => 'path' in event)
  const within = (from: (path: string) => boolean) => {
    const times = events.filter(({ path }) => from(path)).map(({ at }) => Date.parse(at))
    return times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000
  }
  const part = (step: string, lane: string) =>
    within(path => path.startsWith(`${step}/`) && laneOf(path) === lane)
  return {
    total: within(path =>
      /^(stop-services|restore-set|validate-set|restart-services|smoke-test)\//.test(path),
    ),
    stores: Object.fromEntries(
      Object.values(stores).map(({ name, kind }) => [
        name,
        part('restore-set', kind) + part('validate-set', kind),
      ]),
    ),
  }
}

/** Where the newest recovery of the test has failed, by its journal; empty when it has not. */
export function failedStep(test: Target): string {
  const failed = newestJournal(test).find(event => event.kind === 'failed')
  return failed?.kind === 'failed' ? failed.path : ''
}

function newestJournal({ incidents }: Target): Recorded[] {
  const name = readdirSync(incidents).sort().at(-1)
  return name ? readJournal(join(incidents, name)) : []
}
