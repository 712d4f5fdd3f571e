import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { EXIT, Problem } from '../lib/problem.ts'
import type { Choice, Facts, Node, Question } from './model.ts'
import type { Options } from './options.ts'
import { walk } from './tree.ts'

/** How questions are answered: by a person at a terminal, or by what was given on the command line. */
export interface Asker {
  interactive: boolean
  answer(question: Question<Facts>, facts: Facts): Promise<string>
  phrase(say: string, phrase: string): Promise<void>
  choose(say: string, choices: readonly Choice[]): Promise<string>
  note(text: string, title: string): void
}

/** `--confirm -`: whoever reads the output types the phrase into standard input, once the plan has been shown. */
const FROM_STDIN = '-'

/** The signal that ends a waiting question; there is none before a run has begun. */
export type Leave = () => AbortSignal | undefined

/** Nobody is there: answers come from `--set`, the phrase from `--confirm`; a suggestion only where it may be assumed. */
export function unattended(
  given: ReadonlyMap<string, string>,
  confirm: string | undefined,
  leave: Leave = () => undefined,
  input: Readable = process.stdin,
): Asker {
  return {
    interactive: false,
    async answer(question, facts) {
      const prepared = given.get(question.id)
      if (prepared !== undefined) return checked(question, prepared, facts)
      const suggestion = question.assume && (question.assume.answer ?? question.suggest?.(facts))
      if (suggestion !== undefined) return suggestion
      throw unanswered([question])
    },
    async phrase(say, phrase) {
      if (confirm === FROM_STDIN) process.stdout.write(`? ${say}:  ${phrase}\n`)
      if ((confirm === FROM_STDIN ? await typedLine(input, leave()) : confirm) === phrase) return
      throw new Problem(`the confirmation is not the phrase of this plan, which is: ${phrase}`, {
        exitCode: confirm === undefined ? EXIT.badInput : EXIT.declined,
        hint: `if this plan is what you want, say so: --confirm '${phrase}' (with --resume when it goes on with an incident)`,
      })
    },
    async choose(_, choices) {
      return choices.at(-1)?.value ?? 'stop'
    },
    note: (text, title) => void process.stdout.write(`${title}\n${text}\n`),
  }
}

/** The phrase that a run with `--confirm -` asks for, out of what it has printed; undefined until it does. */
export function phraseIn(printed: string): string | undefined {
  return /: {2}(\S+ .*[0-9a-f]{4}-[0-9a-f]{4})\n/.exec(printed)?.[1]
}

/** The first line; empty when it ends without one, or when the signal comes first. */
async function typedLine(input: Readable, signal: AbortSignal | undefined): Promise<string> {
  const lines = createInterface({ input, ...(signal ? { signal } : {}) })
  try {
    for await (const line of lines) return line.trim()
    return ''
  } finally {
    lines.close()
  }
}

/** An answer that was given in advance. Throws a Problem (exit 64) that says why it cannot be used. */
export function checked(question: Question<Facts>, answer: string, facts: Facts): string {
  const choices = question.choices?.(facts)
  const wrong =
    question.refuse?.(answer, facts) ?? (question.refuse ? undefined : notOffered(choices, answer))
  if (wrong === undefined) return answer
  throw new Problem(`--set ${question.id}: ${wrong}`, { exitCode: EXIT.badInput, hint: offered(choices) })
}

function notOffered(choices: readonly Choice[] | undefined, answer: string): string | undefined {
  if (!choices || choices.length === 0 || choices.some(choice => choice.value === answer)) return undefined
  return `"${answer.slice(0, 40)}" is not one of the answers`
}

function offered(choices: readonly Choice[] | undefined): string {
  if (!choices || choices.length === 0) return 'nothing can be chosen here'
  return `it can be ${choices
    .slice(0, 6)
    .map(choice => choice.value)
    .join(', ')}${choices.length > 6 ? ', …' : ''}`
}

/** Without a terminal, all that is missing is said at once, before anything is touched. Throws a Problem (exit 64). */
export function refuseUnanswered(nodes: readonly Node[], { resume, set, confirm }: Options): void {
  if (resume !== undefined) return
  const missing = [...walk(withoutBranches(nodes))]
    .flatMap(({ node }): Question<Facts>[] => (node.kind === 'ask' ? [node.question] : []))
    .filter(question => !question.assume && !set.has(question.id))
  if (missing.length > 0 || confirm === undefined) throw unanswered(missing, confirm === undefined)
}

/** A question inside of a branch may never be asked; it is missed when its branch is taken. */
function withoutBranches(nodes: readonly Node[]): Node[] {
  return nodes.flatMap((node): Node[] => {
    if (node.kind === 'when') return []
    if (node.kind !== 'step') return [node]
    return [{ kind: 'step', step: { ...node.step, nodes: withoutBranches(node.step.nodes) } }]
  })
}

/** All questions without an answer at once. */
export function unanswered(questions: readonly Question<Facts>[], confirm = false): Problem {
  const lines = questions.map(question => `  --set ${question.id}=…   ${question.say}`)
  if (confirm) lines.push('  --confirm <phrase>   the phrase that --plan shows')
  return new Problem(`there is no terminal to ask at, and these have no answer:\n${lines.join('\n')}`, {
    exitCode: EXIT.badInput,
    hint: '--plan shows what can be chosen, and the phrase for --confirm',
  })
}
