import { EXIT } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import { program } from '../runbook/perform.ts'
import { catalogue } from '../stores/backups.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { backupChecks } from './health/backups.ts'
import { examine, type Finding } from './health/check.ts'
import { machineChecks } from './health/machine.ts'
import { platformChecks } from './health/platform.ts'

const HELP = `Looks whether the platform is well, its backups are fresh and verified, and this machine is ready to recover it.
It changes nothing and takes seconds: for cron, Nagios and the first minute of a shift.

  npx tsx tools/health-check.ts [--json] [--config file]

The first line is the sum of it. Exit code 0 when all of it is well, 1 (for Nagios a warning) when anything is wrong
or could not be checked.
For what is wrong with the data itself: npm start.`

/** A pager shows one line. */
const NAMED = 5

await program(async () => {
  const { values } = readArguments(HELP, { json: { type: 'boolean' } })
  const target = targetFrom(values)
  const listed = catalogue(target, undefined, { progress: () => undefined })
  // Each check that needs it tells its own story.
  listed.catch(() => undefined)
  const checks = [
    ...platformChecks(target),
    ...backupChecks(target, listed),
    ...machineChecks(target, listed),
  ]
  const findings = await examine(checks, target)
  const wrong = findings.filter(({ verdict }) => verdict !== 'proven')
  process.stdout.write(values.json ? json(findings, wrong) : text(findings, wrong))
  return wrong.length === 0 ? EXIT.recovered : EXIT.commandFailed
})

function json(findings: readonly Finding[], wrong: readonly Finding[]): string {
  return `${JSON.stringify({ healthy: wrong.length === 0, at: new Date().toISOString(), findings }, null, 2)}\n`
}

/** What is wrong comes first: a monitor shows one line, a person reads from the top. */
function text(findings: readonly Finding[], wrong: readonly Finding[]): string {
  const names = wrong.map(({ name }) => name)
  const more = names.length > NAMED ? `; and ${names.length - NAMED} more` : ''
  const sum =
    wrong.length === 0
      ? `OK: all ${findings.length} checks are well`
      : `NOT OK: ${wrong.length} of ${findings.length} are not so: ${names.slice(0, NAMED).join('; ')}${more}`
  const lines = [...wrong, ...findings.filter(({ verdict }) => verdict === 'proven')].map(line)
  return `${sum}\n${lines.join('\n')}\n`
}

function line({ area, name, verdict, found, hint }: Finding): string {
  const mark = { proven: style.good('✔'), failed: style.bad('✖'), unchecked: style.bad('?') }[verdict]
  return `${mark} ${area}: ${name}: ${found}${hint ? `\n    HINT: ${hint}` : ''}`
}
