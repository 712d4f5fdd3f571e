import { program } from '../runbook/perform.ts'
import { sampleOf } from '../stores/content.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { storesOfTypes } from './stores-of-types.ts'
import { validateStores } from './validate-store.ts'

const HELP = `Checks the live data: everything read and compared with the newest backup, aliases, indexes, constraints,
references between the stores. Writes validation_report_<stamp>.txt, for programs .json, and lists of what has to be made
again or has lost its row, into .validate/.

  npx tsx tools/validate-data-integrity.ts [--type <store>] [--set <id>] [--sample all|1/n] [--config file]

<store> is a kind (qdrant, neo4j, postgres) or the name of a store in the configuration; --type can be given more than once.
<id> is that of a set or of one store's backup: the live data is held against it instead of the newest. Rows are compared
with points and nodes by their keys, all of them, and by content on a sample; --sample says how large. All checks are made,
also behind one that fails; one that could not be made is no pass.
Exit code 0 when nothing is wrong, 2 when something is, 1 when it could not be looked at.`

await program(async () => {
  const { values } = readArguments(HELP, {
    type: { type: 'string', multiple: true },
    set: { type: 'string' },
    sample: { type: 'string' },
  })
  const target = targetFrom(values)
  const stores = storesOfTypes(target, values.type as string[] | undefined)
  const sample = sampleOf(values.sample as string | undefined)
  return validateStores(target, stores, { against: values.set as string | undefined, sample })
})
