import * as clack from '@clack/prompts'
import { EXIT, Problem } from '../lib/problem.ts'
import type { Choice, Facts, Question } from './model.ts'

/** How questions are answered: by a person at a terminal, or by what was given on the command line. */
export interface Asker {
  interactive: boolean
  answer(question: Question<Facts>, facts: Facts): Promise<string>
  phrase(say: string, phrase: string): Promise<void>
  choose(say: string, choices: readonly Choice[]): Promise<string>
  note(text: string, title: string): void
}

/** A slip of the finger may be corrected; somebody who guesses may not. */
const PHRASE_TRIES = 3

// A prompt under a running list is invisible and still listens (listr2 issue 296).
let listRuns = false

/** Marks that a list draws on the terminal; nothing may be asked until it has ended. */
export function whileListRuns<T>(run: () => Promise<T>): Promise<T> {
  listRuns = true
  return run().finally(() => {
    listRuns = false
  })
}

/** Thrown by Esc and Ctrl-C at a question: nothing further is done. */
export function declined(): Problem {
  return new Problem('declined: nothing further was done', {
    exitCode: EXIT.declined,
    hint: 'what was done so far is in the incident log; go on with --resume',
  })
}

/** The signal that ends a waiting question; there is none before a run has begun. */
export type Leave = () => AbortSignal | undefined

/** A person answers. Every answer that is not one is a refusal: clack's cancel is a truthy symbol. */
export function terminal(given: ReadonlyMap<string, string>, leave: Leave = () => undefined): Asker {
  return {
    interactive: true,
    async answer(question, facts) {
      const prepared = given.get(question.id)
      if (prepared !== undefined) return checked(question, prepared, facts)
      for (;;) {
        const answer = await prompt(question, facts, leave)
        const wrong = question.refuse?.(answer, facts)
        if (wrong === undefined) return answer
        clack.log.warn(wrong)
      }
    },
    async phrase(say, phrase) {
      for (let tries = 1; tries <= PHRASE_TRIES; tries++) {
        const typed = await asked(leave, signal => clack.text({ message: `${say}:  ${phrase}`, ...signal }))
        if (typed.trim() === phrase) return
        clack.log.warn(`"${typed.slice(0, 40)}" is not the phrase; nothing was changed (Esc declines)`)
      }
      throw declined()
    },
    choose: (say, choices) => select(say, choices, choices[0]?.value, leave),
    note: (text, title) => clack.note(text, title, { format: line => line }),
  }
}

async function prompt(question: Question<Facts>, facts: Facts, leave: Leave): Promise<string> {
  const choices = question.choices?.(facts) ?? []
  const suggestion = question.suggest?.(facts)
  if (choices.length > 0) return select(question.say, choices, suggestion, leave)
  const placeholder = suggestion === undefined ? {} : { placeholder: suggestion }
  const preset = suggestion === undefined || question.typed ? {} : { defaultValue: suggestion }
  return asked(leave, signal => clack.text({ message: question.say, ...placeholder, ...preset, ...signal }))
}

function select(
  say: string,
  choices: readonly Choice[],
  first: string | undefined,
  leave: Leave,
): Promise<string> {
  const options = choices.map(({ value, label, hint }) => ({ value, label, ...(hint ? { hint } : {}) }))
  return asked(leave, signal =>
    clack.select({ message: say, options, ...(first ? { initialValue: first } : {}), ...signal }),
  )
}

async function asked(
  leave: Leave,
  show: (options: { signal?: AbortSignal }) => Promise<string | symbol>,
): Promise<string> {
  if (listRuns) throw new Error('a question was asked while a list is running')
  const signal = leave()
  if (signal?.aborted) throw declined()
  const answer = await show(signal ? { signal } : {})
  if (typeof answer !== 'string') throw declined()
  return answer
}

/** Nobody is there: answers come from `--set`, the phrase from `--confirm`; a suggestion only where it may be assumed. */
export function unattended(given: ReadonlyMap<string, string>, confirm: string | undefined): Asker {
  return {
    interactive: false,
    async answer(question, facts) {
      const prepared = given.get(question.id)
      if (prepared !== undefined) return checked(question, prepared, facts)
      const suggestion = question.assume && (question.assume.answer ?? question.suggest?.(facts))
      if (suggestion !== undefined) return suggestion
      throw unanswered([question])
    },
    async phrase(_, phrase) {
      if (confirm === phrase) return
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

function checked(question: Question<Facts>, answer: string, facts: Facts): string {
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

/** All questions without an answer at once, before anything is touched. */
export function unanswered(questions: readonly Question<Facts>[], confirm = false): Problem {
  const lines = questions.map(question => `  --set ${question.id}=…   ${question.say}`)
  if (confirm) lines.push('  --confirm <phrase>   the phrase that --plan shows')
  return new Problem(`there is no terminal to ask at, and these have no answer:\n${lines.join('\n')}`, {
    exitCode: EXIT.badInput,
    hint: '--plan shows what can be chosen, and the phrase for --confirm',
  })
}

export const say = {
  intro: (text: string) => clack.intro(text),
  outro: (text: string) => clack.outro(text),
}
