import { writeSync } from 'node:fs'
import { EXIT, Problem } from '../lib/problem.ts'
import { whenLeftAlone } from './own-process.ts'

const STOPPING = '\nstopping after the command in flight; Ctrl-C once more kills it …\n'

/** How a run is ended from outside. */
export interface Interrupts {
  /** Aborted by a Ctrl-C after the first interrupt. */
  kill: AbortSignal
  /** Aborted by any of them: a question that waits is then left, because nobody will answer it. */
  leave: AbortSignal
  /** Throws after the first Ctrl-C, so that no further activity begins. */
  check(): void
  remove(): void
}

/**
 * The first Ctrl-C (or SIGTERM) lets the command in flight finish and begins no other; the next Ctrl-C kills
 * it. SIGTERM kills nothing, however often it comes: a `kill` of the whole group reaches this process by
 * itself and passed on from above. A closed terminal ends no work: SIGHUP is the common death of a recovery
 * over ssh.
 */
export function handleInterrupts(told: (how: string) => void): Interrupts {
  const killer = new AbortController()
  const leaver = new AbortController()
  let asked = false
  /** The end of the process above may be seen before the Ctrl-C that was its cause: that is no second one. */
  let pressed = false
  const stop = (why: string) => {
    if (asked) return
    asked = true
    leaver.abort()
    told(`${why}: stopping after the command in flight`)
    print(STOPPING)
  }
  const onInterrupt = () => {
    if (!pressed) {
      pressed = true
      return asked ? print(STOPPING) : stop('SIGINT')
    }
    if (killer.signal.aborted) return
    told('SIGINT again: killing the command in flight')
    print('\nkilling the command in flight (a critical write is finished first) …\n')
    killer.abort()
  }
  const onTerminate = () => {
    pressed = true
    stop('SIGTERM')
  }
  const onHangup = () => {
    told('SIGHUP: the terminal is gone; the run goes on up to its next question')
    leaver.abort()
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  process.on('SIGHUP', onHangup)
  const ignoreAbove = whenLeftAlone(() => stop('the process above was killed'))
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
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
      process.off('SIGHUP', onHangup)
      ignoreAbove()
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
