import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { validateStore } from './validate-store.ts'

const HELP = `Checks the live data: every point read and compared with the newest backup, aliases, indexes, references
between the stores.

  npx tsx tools/validate-data-integrity.ts [--config file]

Exit code 0 when nothing is wrong, 2 when something is.`

await program(async () => validateStore(targetFrom(readArguments(HELP, {}).values), 'all'))
