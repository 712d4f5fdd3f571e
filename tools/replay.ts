import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { noMoreThan } from '../lib/arguments.ts'
import { count, plural } from '../lib/format.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { style } from '../lib/style.ts'
import { program } from '../runbook/perform.ts'
import { type RecordedRun, readRecordedRun } from '../runbook/recording.ts'
import { type Replayed, replay } from '../runbook/replay.ts'
import type { Difference } from '../runbook/replay-differences.ts'
import { VERSION } from '../runbook/version.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { readArguments } from './arguments.ts'

const HELP = `Runs the steps of today against the recorded outputs of a past run, and says where they decide otherwise.
Nothing is executed and no file is written.

  npx tsx tools/replay.ts <incident>   its folder, its journal, or its name in incidents/
  --json                               the same for a program

Every run keeps its outputs (outputs.jsonl) and its target (target.json) beside its journal.
Exit codes: 0 today's steps decide as they did then, 2 they do not, 64 wrong input.`

/** More of them are one change that a person has to look at anyway. */
const SHOWN = 20

await program(async () => {
  const { values, positionals } = readArguments(HELP, { json: { type: 'boolean' } })
  noMoreThan(1, positionals, 'npx tsx tools/replay.ts --help')
  const [given] = positionals
  if (!given) throw badInput('which incident?', 'npx tsx tools/replay.ts --help')
  const folder = folderOf(given)
  const run = readRecordedRun(folder)
  const opened = openingOf(folder, run)
  const scenario = SCENARIOS.find(({ id }) => id === opened.scenario)
  if (!scenario)
    throw badInput(
      `there is no scenario "${opened.scenario}" today`,
      `those there are: ${SCENARIOS.map(({ id }) => id).join(', ')}`,
    )
  const replayed = await replay(scenario, run)
  const { incident, version } = opened
  const about = { incident, scenario: scenario.id, version, today: VERSION }
  process.stdout.write(
    values.json ? `${JSON.stringify({ ...about, ...replayed }, null, 2)}\n` : text(about, replayed),
  )
  return replayed.differences.length === 0 ? EXIT.recovered : EXIT.checkFailed
})

function folderOf(given: string): string {
  const found = [given, join('incidents', given)].find(path => existsSync(path))
  if (!found) throw badInput(`there is no incident ${given.slice(0, 80)}`, 'those there are: ls incidents')
  return statSync(found).isDirectory() ? found : dirname(resolve(found))
}

function openingOf(folder: string, { events }: RecordedRun) {
  const [opened] = events
  if (opened?.kind === 'opened') return opened
  throw badInput(`the journal of ${basename(folder)} does not begin with the opening of an incident`)
}

interface About {
  incident: string
  version: string
  today: string
}

function text({ incident, version, today }: About, { differences, commands, runs }: Replayed): string {
  const resumed = runs > 1 ? `, resumed ${plural(runs - 1, 'time')}` : ''
  const what = `${incident} (${version}, today ${today}): ${plural(commands, 'command')}${resumed}`
  if (differences.length === 0)
    return `${style.good('✔')} ${what}: the steps of today decide as they did then\n`
  const more = differences.length - SHOWN
  return [
    `${style.bad('✖')} ${what}: ${plural(differences.length, 'difference')}`,
    ...differences.slice(0, SHOWN).flatMap(lines),
    ...(more > 0 ? [`  … and ${count(more)} more: --json has all of them`] : []),
    '',
  ].join('\n')
}

function lines({ path, sentence, was, is }: Difference): string[] {
  return [
    `  ${sentence}${path === '' ? '' : `  ${style.quiet(path)}`}`,
    ...(was === undefined ? [] : [`      was: ${was}`]),
    ...(is === undefined ? [] : [`      is:  ${is}`]),
  ]
}
