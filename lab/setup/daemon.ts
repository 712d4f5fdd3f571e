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
    const ended = existsSync('/run/systemd/system') ? await bySystemd() : byHand(log)
    const deadline = Date.now() + PATIENCE_MS
    while (!(await answers())) {
      if (ended()) throw await problem('the docker daemon ended at once', log)
      if (Date.now() > deadline) {
        throw await problem(`the docker daemon does not answer after ${PATIENCE_MS / 1000} s`, log)
      }
      await pause(300)
    }
  })
}

async function bySystemd(): Promise<() => boolean> {
  await attempt`systemctl start docker`
  return () => false
}

/**
 * Percent by which its memory may grow before it is collected (Go's GOGC, 100 without). It starts itself anew two or three
 * times for each container that starts (libnetwork's netns-create and setkey), and with 100 a third of that is collecting.
 */
const COLLECT_AT = '400'

/** Starts it in a session of its own: neither a Ctrl-C nor the end of the terminal reaches it. */
function byHand(log: string): () => boolean {
  const out = openSync(log, 'a')
  const env = { GOGC: COLLECT_AT, ...process.env }
  const daemon = spawn('dockerd', [], { detached: true, stdio: ['ignore', out, out], cwd: '/', env })
  daemon.on('error', () => {}) // shows as an end, below
  daemon.unref()
  return () => daemon.exitCode !== null || daemon.pid === undefined
}

async function problem(what: string, log: string): Promise<Problem> {
  return new Problem(what, {
    hint: `read ${log} or \`journalctl -u docker\``,
    tail: await tailOf(log, 12),
  })
}
