import { Problem } from '../../lib/problem.ts'
import { attempt } from '../shell.ts'
import { logFile } from './paths.ts'
import { tailOf, track } from './progress.ts'

/**
 * Runs a long command with progress; its whole output goes to `.lab/logs/<name>.log`. Throws a Problem with
 * the last lines of that file when the command fails.
 */
export async function logged(name: string, doing: string, argv: readonly string[]): Promise<void> {
  const log = logFile(name)
  await track(name, doing, () => runInto(log, name, argv), log)
}

async function runInto(log: string, name: string, argv: readonly string[]): Promise<void> {
  const output = await attempt`${argv} > ${log} 2>&1`
  if (output.exitCode === 0) return
  throw new Problem(`${name} did not succeed`, {
    hint: `the whole output is in ${log}; run the same command again when the cause is gone`,
    command: argv.join(' '),
    ...(output.exitCode === null ? {} : { code: output.exitCode }),
    tail: await tailOf(log, 12),
  })
}
