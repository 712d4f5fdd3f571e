import { stamp } from '../lib/format.ts'
import { perform, program } from '../runbook/perform.ts'
import { smokeTest } from '../steps/smoke-test.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Asks the front door and every database once, as the last step of a recovery does.

  npx tsx tools/smoke-tests.ts [--config file]

Exit code 0 only when all passed.`

await program(async () => {
  const target = targetFrom(readArguments(HELP, {}).values)
  await perform(smokeTest, { target, run: { id: stamp(new Date()), folder: '.' } })
  return undefined
})
