import { badInput, EXIT } from '../lib/problem.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { alone } from './backup/lock.ts'
import { takeSet, verifyAndTell } from './backup/take.ts'

const HELP = `Backs up every store, and proves that what was backed up can be read back.

  npx tsx tools/backup-service.ts --run-once [--config file]   a set now, each member read back and proven
  npx tsx tools/backup-service.ts --verify [set]               read a set back again (the newest), and note what was found

A store that fails does not stop the others; it is recorded as failed, with its reason.
Exit code 0 when the set is verified; 1 when a store failed, 2 when the verification did, 75 during a recovery.`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {
    'run-once': { type: 'boolean' },
    verify: { type: 'boolean' },
  })
  const [set, ...more] = positionals
  const modes = Object.keys(values).filter(name => name !== 'config')
  if (modes.length !== 1 || more.length > 0 || (set !== undefined && !values.verify))
    throw badInput('what is it to do?', 'one of --run-once, --verify [set]')
  const target = targetFrom(values)
  if (values['run-once']) return alone(target, run => takeSet(target, run))
  const verified = await alone(target, run => verifyAndTell(target, run, set))
  return verified ? EXIT.recovered : EXIT.checkFailed
})
