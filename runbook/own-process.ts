import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { EXIT } from '../lib/problem.ts'
import type { AnyScenario } from './model.ts'

/** Set for the process that does the work; never inherited by what it starts. */
const MARK = 'RUNBOOK_OWN_PROCESS'

const own = process.env[MARK] !== undefined
delete process.env[MARK]

/** Whether this is the process that does the work, below the one that tsx watches. */
export function isOwnProcess(): boolean {
  return own
}

/**
 * Runs a scenario in a process of its own below this one and gives its exit code; 128 + n when a signal
 * ended it.
 *
 * Why: tsx gives the program it started 30 ms to say that it got a SIGINT or SIGTERM, sends the signal again,
 * and 30 ms later sends SIGKILL (relaySignals in node_modules/tsx/dist/cli.mjs, 4.23). A program that works,
 * or a machine that is busy, is easily later than that, and would be killed in the middle of a write. The
 * process here does nothing else, so it answers at once; the one below has all the time its write needs.
 */
export function inOwnProcess(scenario: AnyScenario, argv: readonly string[]): Promise<number> {
  // Another program may have chosen the scenario (npm start, restore-backup): it must not choose again.
  const file = join(import.meta.dirname, '..', 'scenarios', `${scenario.id}.ts`)
  const program = existsSync(file) ? [file, ...argv] : process.argv.slice(1)
  const terminal = [0, 1, 2].some(fd => isatty(fd))
  const child = spawn(process.execPath, [...process.execArgv, ...program], {
    // The channel carries nothing: its end tells the program that this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
    // Without a terminal a signal to the group would reach the program twice: by itself and passed on.
    detached: !terminal,
  })
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal)
  const deaf = () => undefined
  // A terminal gives Ctrl-C to the whole group, the program too: passed on, it would count as the second.
  const onInterrupt = terminal ? deaf : passOn
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', passOn)
  process.on('SIGHUP', deaf)
  return new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (constants.signals[signal!] ?? EXIT.commandFailed)),
    )
  }).finally(() => {
    process.off('SIGINT', onInterrupt)
    process.off('SIGTERM', passOn)
    process.off('SIGHUP', deaf)
  })
}

/** Calls back once when the process above is gone: killed, because nothing else ends it first. Gives the way to stop. */
export function whenLeftAlone(told: () => void): () => void {
  if (!own) return () => undefined
  if (!process.connected) told()
  process.once('disconnect', told)
  // A listener must not keep the program alive.
  process.channel?.unref()
  return () => void process.off('disconnect', told)
}
