import { keepHeapSmall } from '../lib/heap.ts'
import { EXIT, type ExitCode, exitCodeOf, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import type { AnyScenario } from './model.ts'
import { helpText, parseOptions } from './options.ts'
import { inOwnProcess, isOwnProcess } from './own-process.ts'

/** Runs a scenario from the command line and gives the exit code; 128 + n when a signal ended the run. */
export async function recover(scenario: AnyScenario, argv: readonly string[]): Promise<number> {
  keepHeapSmall()
  try {
    const options = parseOptions(argv)
    if (options.help) return print(helpText(scenario))
    if (!options.plan && !isOwnProcess()) return await inOwnProcess(scenario, argv)
    // What only a run needs is loaded for a run only: --help answers at once.
    const [{ loadConfig }, { targetOf }] = await Promise.all([
      import('../lib/config.ts'),
      import('../lib/target.ts'),
    ])
    const target = targetOf(loadConfig(options.config))
    if (options.plan) {
      const { preview } = await import('./preview-run.ts')
      return print(await preview(scenario, target, options))
    }
    const { Recovery } = await import('./recovery.ts')
    return await new Recovery(scenario, target, options).run()
  } catch (error) {
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
    return exitCodeOf(error)
  }
}

function print(text: string): ExitCode {
  process.stdout.write(text)
  return EXIT.recovered
}
