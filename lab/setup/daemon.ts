import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { Problem } from '../../lib/problem.ts'
import { attempt } from '../shell.ts'
import { logFile } from './paths.ts'
import { tailOf, track } from './progress.ts'

const PATIENCE_MS = 60_000

/**
 * Starts Docker's daemon and waits until it answers: through systemd where that runs, else by hand, detached,
 * so that it outlives this program. Throws a Problem with the last lines of its log.
 */
export async function startDaemon(answers: () => Promise<boolean>): Promise<void> {
  const log = logFile('dockerd')
  await track('docker', 'starting the daemon', async () => {
    if (existsSync('/run/systemd/system')) await attempt`systemctl start docker`
    else byHand(log)
    const deadline = Date.now() + PATIENCE_MS
    while (!(await answers())) {
      if (Date.now() > deadline) throw await silent(log)
      await pause(300)
    }
  })
}

function byHand(log: string): void {
  const out = openSync(log, 'a')
  // Its own session: neither a Ctrl-C nor the end of the terminal reaches it.
  spawn('dockerd', [], { detached: true, stdio: ['ignore', out, out], cwd: '/' }).unref()
}

async function silent(log: string): Promise<Problem> {
  return new Problem(`the docker daemon does not answer after ${PATIENCE_MS / 1000} s`, {
    hint: `read ${log} or \`journalctl -u docker\``,
    tail: await tailOf(log, 12),
  })
}
