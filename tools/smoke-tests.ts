import { stamp } from '../lib/format.ts'
import { perform, program } from '../runbook/perform.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Asks the platform as its users do, and every store, as the last step of a recovery does: the smoke_tests of the
configuration. Each is told with what was found, how long it took and what is expected; data and inference apart.

  npx tsx tools/smoke-tests.ts [--config file]

Exit code 0 only when all passed, 2 when one did not.`

await program(async () => {
  const target = targetFrom(readArguments(HELP, {}).values)
  const facts = { target, run: { id: stamp(new Date()), folder: '.' } }
  await perform(smokeTest, facts, { plain: true })
  return undefined
})
