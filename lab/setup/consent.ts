import { createInterface } from 'node:readline/promises'
import { badInput, EXIT, Problem } from '../../lib/problem.ts'
import { say } from './progress.ts'

/** Whether the person has agreed beforehand to what the set-up installs. */
export interface Consent {
  yes: boolean
}

/**
 * Shows what would be installed and asks. `--yes` and CI agree; without a terminal to ask in it refuses with
 * exit 64, a no ends with exit 3.
 */
export async function askToInstall(what: readonly string[], { yes }: Consent): Promise<void> {
  for (const line of what) say(line)
  if (yes || process.env.CI) return
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw badInput(
      'nobody can be asked whether to install this',
      'run the same command with --yes, or in a terminal',
    )
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question('Install it now? [y/N] ')
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    terminal.close()
  }
  throw new Problem('nothing was installed', {
    exitCode: EXIT.declined,
    hint: 'install it yourself, then run this again',
  })
}
