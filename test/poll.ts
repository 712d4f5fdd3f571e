/**
 * Asks until the answer is there and gives it; the only place in the tests that waits. The limit of the
 * test ends it, so a state that never comes is a failure and not a pass.
 */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
