import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { testRecovery } from './dr-test/full.ts'
import { quickTest } from './dr-test/quick.ts'

const HELP = `The monthly test: restores a backup into a compose project of its own, proves it, and removes it again.

  npx tsx tools/test-recovery.ts [--random] [--keep] [--config file] [--test-config file]
  npx tsx tools/test-recovery.ts --quick      list the backups, read the newest set back, look at the live data

  --random        any verified set instead of the newest
  --keep          leave what was restored running, to look at it
  --test-config   where it is restored (runbook.test.yaml, beside the configuration)

The real installation is only read, but for a note in its bucket that this was tested. The test has another project
name, other volumes, ports and credentials, and is refused on any overlap. It can fail: a twin of the set that is damaged inside runs through the same recovery, and must
be rejected there. Every test appends a line to dr_test_log.jsonl.
Exit code 0 when it passed, 2 when it did not, 64 when it could not begin.`

await program(async () => {
  const { values } = readArguments(HELP, {
    random: { type: 'boolean' },
    keep: { type: 'boolean' },
    quick: { type: 'boolean' },
    'test-config': { type: 'string' },
  })
  const target = targetFrom(values)
  if (values.quick) return quickTest(target)
  return testRecovery(target, {
    config: values['test-config'] ?? 'runbook.test.yaml',
    random: values.random ?? false,
    keep: values.keep ?? false,
  })
})
