import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { validateStores } from './validate-store.ts'

const HELP = `Checks the live data: everything read and compared with the newest backup, aliases, indexes, constraints,
references between the stores.

  npx tsx tools/validate-data-integrity.ts [--config file]

Exit code 0 when nothing is wrong, 2 when something is.`

await program(async () => {
  const target = targetFrom(readArguments(HELP, {}).values)
  return validateStores(target, Object.values(target.stores))
})
