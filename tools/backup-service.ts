import { badInput, EXIT } from '../lib/problem.ts'
import { newRun, notedFirst, type RunRecord } from '../lib/run-record.ts'
import { mask } from '../lib/secret.ts'
import type { Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import type { Run } from '../stores/base.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { closeIncident } from './backup/close-incident.ts'
import { alone } from './backup/lock.ts'
import { replicateAndTell } from './backup/replicate.ts'
import { retain, tellPlan } from './backup/retain.ts'
import { serve } from './backup/service.ts'
import { takeSet, verifyAndTell } from './backup/take.ts'

const HELP = `Backs up every store, and proves that what was backed up can be read back.

  npx tsx tools/backup-service.ts --run-once [--config file]   a set now, each member read back and proven
  npx tsx tools/backup-service.ts --schedule [--listen host:port]   stay and keep the schedule; /health at 127.0.0.1:8081
  npx tsx tools/backup-service.ts --verify [set]               read a set back again (the newest), and note what was found
  npx tsx tools/backup-service.ts --verify --deep [set]        the same, and restore it in throw-away containers without network
  npx tsx tools/backup-service.ts --retention [--plan]         remove what is too old; --plan only says what would go
  npx tsx tools/backup-service.ts --replicate                  copy the verified sets that the replica lacks
  npx tsx tools/backup-service.ts --close-incident <name>      let schedule and retention go on after an incident

A store that fails does not stop the others; it is recorded as failed, with its reason.
Exit code 0 when the set is verified; 1 when a store or the copy failed, 2 when the verification did, 75 during a recovery.`

const MODES = ['run-once', 'schedule', 'verify', 'retention', 'replicate', 'close-incident']

await program(async () => {
  const { values, positionals } = readArguments(HELP, {
    'run-once': { type: 'boolean' },
    schedule: { type: 'boolean' },
    listen: { type: 'string' },
    verify: { type: 'boolean' },
    deep: { type: 'boolean' },
    retention: { type: 'boolean' },
    plan: { type: 'boolean' },
    replicate: { type: 'boolean' },
    'close-incident': { type: 'string' },
  })
  const [set, ...more] = positionals
  const modes = Object.keys(values).filter(name => MODES.includes(name))
  const odd =
    ((set !== undefined || values.deep) && !values.verify) ||
    (values.plan && !values.retention) ||
    (values.listen !== undefined && !values.schedule)
  if (modes.length !== 1 || more.length > 0 || odd)
    throw badInput(
      'what is it to do?',
      'one of --run-once, --schedule, --verify [set], --retention, --replicate, --close-incident',
    )
  const target = targetFrom(values)
  if (values['run-once'])
    return alone(target, run =>
      notedFirst(target.backups, backupRun(target, run), tell, () => takeSet(target, run)),
    )
  if (values.schedule)
    return serve(target, { config: values.config, listen: values.listen ?? '127.0.0.1:8081' })
  if (values['close-incident'] !== undefined) return closeIncident(target, values['close-incident'])
  if (values.retention) return values.plan ? tellPlan(target) : alone(target, () => retain(target))
  if (values.replicate) return alone(target, run => replicateAndTell(target, run))
  const verified = await alone(target, run => verifyAndTell(target, run, { set, deep: Boolean(values.deep) }))
  return verified ? EXIT.recovered : EXIT.checkFailed
})

/** Its note and its objects have one stamp: so the next run knows what to look for when this one is killed. */
function backupRun({ runtime: { project } }: Target, { id }: Run): RunRecord {
  return newRun({ project, kind: 'backup', name: 'set' }, id)
}

function tell(text: string): void {
  process.stderr.write(`${mask(text)}\n`)
}
