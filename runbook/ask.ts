import * as clack from '@clack/prompts'
import { EXIT, Problem } from '../lib/problem.ts'
import type { Choice, Facts, Question } from './model.ts'
import { type Asker, checked, type Leave } from './unattended.ts'

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
    hint: 'if an incident was begun, its log has what was done; go on with it: --resume',
  })
}

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

export const say = {
  intro: (text: string) => clack.intro(text),
  outro: (text: string) => clack.outro(text),
}
