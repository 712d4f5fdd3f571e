import { splitArguments } from '../lib/arguments.ts'
import { badInput, EXIT_MEANING } from '../lib/problem.ts'
import type { AnyScenario } from './model.ts'
import { walk } from './tree.ts'

/** What was given on the command line. */
export interface Options {
  plan: boolean
  /** The plan as a script for a person who recovers by hand. */
  shell: boolean
  /** Empty: the newest unfinished one. */
  resume: string | undefined
  /** Of a resumed run: what was done by hand meanwhile counts, if its probe agrees. */
  adopt: boolean
  set: ReadonlyMap<string, string>
  confirm: string | undefined
  config: string
  plain: boolean
  /** A navigator says what each write will lead to before it begins. */
  pair: boolean
  help: boolean
}

const OPTIONS = {
  plan: { type: 'boolean' },
  shell: { type: 'boolean' },
  resume: { type: 'boolean' },
  adopt: { type: 'boolean' },
  set: { type: 'string', multiple: true },
  confirm: { type: 'string' },
  config: { type: 'string' },
  plain: { type: 'boolean' },
  pair: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Throws a Problem (exit 64) with one sentence for anything it does not know. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = splitArguments(argv, OPTIONS, '--help shows what there is')
  const [extra, ...more] = positionals
  const resume = values.resume ? (extra ?? '') : undefined
  if ((extra !== undefined && !values.resume) || more.length > 0) {
    throw badInput(`"${(extra ?? '').slice(0, 60)}" is not an option`, '--help shows what there is')
  }
  if (values.adopt && !values.resume)
    throw badInput(
      '--adopt goes with --resume',
      'it goes on with an incident in which something was done by hand',
    )
  return {
    plan: (values.plan ?? false) || (values.shell ?? false),
    shell: values.shell ?? false,
    resume,
    adopt: values.adopt ?? false,
    set: new Map((values.set ?? []).map(pair)),
    confirm: values.confirm,
    config: values.config ?? 'runbook.config.yaml',
    plain: values.plain ?? false,
    pair: values.pair ?? false,
    help: values.help ?? false,
  }
}

function pair(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at < 1) throw badInput(`--set ${text.slice(0, 60)} has no value`, 'write --set name=value')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** The text of --help: what it is for, what can be said in advance, what the exit codes mean. */
export function helpText(scenario: AnyScenario): string {
  const questions = [...walk(scenario.nodes)].flatMap(({ node }) =>
    node.kind === 'ask' ? [node.question] : [],
  )
  return `${scenario.title}: the recovery, step by step, with the real commands.

Symptoms
${scenario.symptoms.map(symptom => `  - ${symptom}`).join('\n')}

  npx tsx scenarios/${scenario.id}.ts [options]

  --plan              show every command and change nothing
  --plan --shell      the same as a commented POSIX script, to recover by hand
  --resume [id]       go on with an interrupted incident (the newest one)
  --resume --adopt    the same, where a person has gone on by hand meanwhile: what a
                      probe finds done is not done again
  --set name=value    answer a question in advance; without a terminal needed for
                      those below that have no default
  --confirm <phrase>  the phrase that --plan shows; for when there is no terminal
                      ("-": it is read from standard input, once the plan is shown)
  --config <file>     the target (runbook.config.yaml)
  --plain             one line per event, nothing overwritten
  --pair              a second person says what each write will lead to before it
                      begins, in a terminal of their own, here or elsewhere:
                      npx tsx tools/follow.ts --navigate
  -h, --help          this text

Questions
${questions.map(q => `  ${q.id.padEnd(18)}  ${q.say}${q.assume ? '' : '  (no default)'}`).join('\n')}

Exit codes
${Object.entries(EXIT_MEANING)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  .join('\n')}
`
}
