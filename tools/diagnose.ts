import type { Command } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { badInput, EXIT, messageOf } from '../lib/problem.ts'
import { exportsOf, renderLine } from '../lib/render.ts'
import { mask } from '../lib/secret.ts'
import { style } from '../lib/style.ts'
import type { Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { catalogue } from '../stores/backups.ts'
import { type Diagnosis, type Looking, lookingRun, PROBLEMS, type Problem } from '../stores/diagnosis.ts'
import { ownIo, readArguments, targetFrom } from './arguments.ts'
import { type Place, placesOf } from './diagnosis/looks.ts'

const NAMES = Object.keys(PROBLEMS) as Problem[]

const HELP = `Looks for the troubles of the runbook's section "Troubleshooting", and says for each that it finds what was seen,
what the cause probably is, and what to run next. It changes nothing.

  npx tsx tools/diagnose.ts [<problem>…] [--json] [--config file]

${NAMES.map(name => `  ${name.padEnd(14)} ${PROBLEMS[name]}`).join('\n')}

Without a name it looks for all of them. "checksum" downloads the newest backup of every store: name others where
that takes too long. Exit code 0 when nothing was found, 2 when something was, 1 when it could not be looked at.`

interface Found extends Diagnosis {
  problem: Problem
}

/** Where a problem could not be looked for: never the same as not having it. */
interface Unchecked extends Pick<Place, 'problem' | 'at'> {
  why: string
}

await program(async () => {
  const { values, positionals } = readArguments(HELP, { json: { type: 'boolean' } })
  const wanted = problemsOf(positionals)
  const target = targetFrom(values)
  const { found, unchecked } = await examine(target, wanted)
  process.stdout.write(mask(values.json ? json(found, unchecked) : text(found, unchecked, wanted)))
  if (found.length > 0) return EXIT.checkFailed
  return unchecked.length > 0 ? EXIT.commandFailed : EXIT.recovered
})

function problemsOf(words: readonly string[]): readonly Problem[] {
  const unknown = words.find(word => !NAMES.includes(word as Problem))
  if (unknown !== undefined)
    throw badInput(`there is no problem "${unknown.slice(0, 40)}"`, `it can be ${NAMES.join(', ')}`)
  return words.length === 0 ? NAMES : (words as Problem[])
}

async function examine(target: Target, wanted: readonly Problem[]) {
  const { runtime, root } = target
  const io = ownIo(target)
  const looking: Looking = {
    target,
    run: lookingRun(),
    states: exec(runtime.states(), { cwd: root }).then(output => runtime.readStates(output)),
    listed: catalogue(target, undefined, io),
    signal: io.signal,
  }
  // Each look that needs them tells its own story.
  for (const shared of [looking.states, looking.listed]) shared.catch(() => undefined)
  const found: Found[] = []
  const unchecked: Unchecked[] = []
  const places = placesOf(target).filter(({ problem }) => wanted.includes(problem))
  const seen = await Promise.all(
    places.map(async ({ problem, at, look }) => {
      try {
        return (await look(looking)).map(one => ({ problem, ...one }))
      } catch (error) {
        unchecked.push({ problem, at, why: messageOf(error).split('\n')[0]! })
        return []
      }
    }),
  )
  found.push(...seen.flat())
  return { found, unchecked }
}

function json(found: readonly Found[], unchecked: readonly Unchecked[]): string {
  const all = found.map(one => ({ ...one, next: one.next.map(asText) }))
  const environment = exportsOf(commandsOf(found))
  return `${JSON.stringify({ at: new Date().toISOString(), found: all, environment, unchecked }, null, 2)}\n`
}

function text(found: readonly Found[], unchecked: readonly Unchecked[], wanted: readonly Problem[]): string {
  const environment = exportsOf(commandsOf(found))
  return [
    ...found.flatMap(({ problem, about, evidence, cause, next }) => [
      `${style.bad('✖')} ${PROBLEMS[problem]}: ${about}`,
      ...evidence.map(line => `    ${line}`),
      `  likely: ${cause}`,
      '  next:',
      ...next.map(each => `    ${asText(each)}`),
      '',
    ]),
    ...unchecked.map(({ problem, at, why }) => `${style.bad('?')} ${PROBLEMS[problem]}: ${at}: ${why}`),
    ...(environment.length > 0 ? ['before these commands:', ...environment.map(line => `    ${line}`)] : []),
    sum(found, unchecked, wanted),
    '',
  ].join('\n')
}

function sum(found: readonly Found[], unchecked: readonly Unchecked[], wanted: readonly Problem[]): string {
  const looked = wanted.map(each => PROBLEMS[each]).join(', ')
  const dark = unchecked.length > 0 ? `; ${unchecked.length} could not be looked at` : ''
  if (found.length > 0) return `${found.length} found${dark}; looked for: ${looked}`
  return `${unchecked.length === 0 ? `${style.good('✔')} ` : ''}nothing found${dark}; looked for: ${looked}`
}

function commandsOf(found: readonly Found[]): Command[] {
  return found.flatMap(({ next }) => next).filter((each): each is Command => typeof each !== 'string')
}

function asText(next: Command | string): string {
  return typeof next === 'string' ? next : renderLine(next)
}
