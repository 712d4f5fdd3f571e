import { writeSync } from 'node:fs'
import { EXIT, Problem } from '../lib/problem.ts'

/** How a run is ended from outside. */
export interface Interrupts {
  /** Aborted by the second Ctrl-C. */
  kill: AbortSignal
  /** Aborted by any of them: a question that waits is then left, because nobody will answer it. */
  leave: AbortSignal
  /** Throws after the first Ctrl-C, so that no further activity begins. */
  check(): void
  remove(): void
}

/** tsx passes a signal on when a busy program has not shown within 30 ms that it got it: one press, two signals. */
const ECHO_MS = 150

/**
 * The first Ctrl-C (or SIGTERM) lets the command in flight finish and begins no other; the second kills
 * it. A closed terminal ends no work: SIGHUP is the common death of a recovery over ssh.
 */
export function handleInterrupts(told: (how: string) => void): Interrupts {
  const killer = new AbortController()
  const leaver = new AbortController()
  let asked = false
  let last = 0
  const onSignal = (signal: NodeJS.Signals) => {
    const now = Date.now()
    const echo = now - last < ECHO_MS
    last = now
    if (echo) return
    const again = asked
    asked = true
    leaver.abort()
    told(
      again
        ? `${signal} again: killing the command in flight`
        : `${signal}: stopping after the command in flight`,
    )
    print(
      again
        ? '\nkilling the command in flight …\n'
        : '\nstopping after the command in flight; once more kills it …\n',
    )
    if (again) killer.abort()
  }
  const onHangup = () => {
    told('SIGHUP: the terminal is gone; the run goes on up to its next question')
    leaver.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('SIGHUP', onHangup)
  const deaf = () => undefined
  process.stdout.on('error', deaf)
  process.stderr.on('error', deaf)
  return {
    kill: killer.signal,
    leave: leaver.signal,
    check() {
      if (!asked) return
      throw new Problem('interrupted: nothing further was begun', {
        exitCode: EXIT.interrupted,
        hint: 'go on with --resume: it looks at what was done and repeats nothing',
      })
    },
    remove() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
      process.off('SIGHUP', onHangup)
    },
  }
}

// Past the list renderer, which holds back what others write.
function print(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // The terminal is gone; the journal has it.
  }
}

/** Shows the cursor again: a list that died in the middle leaves it hidden. */
export function restoreCursor(): void {
  if (process.stdout.isTTY) print('\x1b[?25h')
}
