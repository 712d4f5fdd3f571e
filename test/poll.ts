const FIRST_MS = 20
const LAST_MS = 500

/** For a look that costs next to nothing and a moment that is soon over. */
export const AT_ONCE_MS = FIRST_MS

/**
 * Asks until the answer is there and gives it; the only place in the tests that waits. The limit of the
 * test ends it, so a state that never comes is a failure and not a pass. It asks often at first and then ever less
 * often: what is asked is mostly a program, and one that waits must not take the processor from what it waits for.
 */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  lastMs = LAST_MS,
): Promise<T> {
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 1.5, lastMs)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise(resolve => setTimeout(resolve, wait))
  }
}

const PACE_MS = 10

/** Does something again and again beside a test, often, and leaves the processor to what is tested. */
export function againAndAgain(work: () => Promise<unknown>): { stop(): Promise<void> } {
  let over = false
  const working = (async () => {
    while (!over) {
      await work()
      await new Promise(resolve => setTimeout(resolve, PACE_MS))
    }
  })()
  return {
    stop() {
      over = true
      return working
    },
  }
}
