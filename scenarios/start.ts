import { loadConfig } from '../lib/config.ts'
import { stamp } from '../lib/format.ts'
import { EXIT } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import { type Target, targetOf } from '../lib/target.ts'
import { terminal } from '../runbook/ask.ts'
import type { AnyScenario } from '../runbook/model.ts'
import { parseOptions } from '../runbook/options.ts'
import { perform, program } from '../runbook/perform.ts'
import { recover } from '../runbook/recover.ts'
import { downServices } from '../steps/assess.ts'
import { assessPlatform } from '../steps/assess-platform.ts'
import { KINDS } from '../steps/platform.ts'
import { late } from '../stores/backup-service/causes.ts'
import { backupFailure } from './backup-failure.ts'
import { SCENARIOS } from './index.ts'
import { recommended, type Seen } from './recommend.ts'

const HELP = `The front door: looks at the target, says what is wrong, recommends a scenario and runs it.

  npm start
  npm start -- --config <file> --plain

Without a terminal it only looks: exit code 0 when nothing is wrong, 2 when something is.
`

/** Looks, says what it sees, and leads into the scenario that fits. */
await program(async () => {
  const argv = process.argv.slice(2)
  const options = parseOptions(argv)
  if (options.help) {
    process.stdout.write(HELP)
    return EXIT.recovered
  }
  const target = targetOf(loadConfig(options.config))
  const { down, seen, overdue } = await look(target)
  const damage = seen.flatMap(({ findings }) => findings.map(finding => finding.sentence))
  const wrong = [...down, ...damage, ...overdue]
  if (wrong.length === 0) {
    process.stdout.write(
      `${style.good('✔')} nothing is wrong as far as can be seen: every service is up, all data reads as in the backup\n`,
    )
    return EXIT.recovered
  }
  for (const sentence of wrong) process.stdout.write(`${style.bad('✖')} ${sentence}\n`)
  const backups = damage.length === 0 && (overdue.length > 0 || onlyBackups(target, down))
  return lead(argv, backups ? backupFailure : recommended(seen))
})

/** The assessment of a complete failure: every store, side by side, and nothing is written. */
async function look(target: Target): Promise<{ down: string[]; seen: Seen[]; overdue: string[] }> {
  const run = { id: stamp(new Date()), folder: '.' }
  const facts = await perform(assessPlatform, { target, run }, { lookOnly: true })
  const seen = KINDS.flatMap(kind => facts.seen[kind].map(({ findings }) => ({ kind, findings })))
  return { down: downServices(facts), seen, overdue: late(target, facts.candidates, Date.now()) }
}

/** The services that are down are needed for backups and for nothing else. */
function onlyBackups({ backups, nightly }: Target, down: readonly string[]): boolean {
  const needed = [backups.service, nightly.service?.name].filter(Boolean)
  return down.length > 0 && down.every(sentence => needed.some(name => sentence.startsWith(`${name} is `)))
}

/** Recommends, asks, runs; without a terminal it names the command. */
async function lead(argv: readonly string[], scenario: AnyScenario): Promise<number> {
  const command = `npx tsx scenarios/${scenario.id}.ts`
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env.CI) {
    process.stdout.write(`recommended: ${scenario.title}\n  ${command} --plan\n  ${command}\n`)
    return EXIT.checkFailed
  }
  // The first one is what Enter takes.
  const inOrder = [scenario, ...SCENARIOS.filter(one => one !== scenario)]
  const choice = await terminal(new Map()).choose(`Recommended: ${scenario.title}. What now?`, [
    ...inOrder.map(one => ({ value: one.id, label: one.title, hint: one.symptoms[0]! })),
    { value: 'none', label: 'nothing', hint: `later: ${command}` },
  ])
  const chosen = SCENARIOS.find(one => one.id === choice)
  return chosen ? recover(chosen, argv) : EXIT.declined
}
