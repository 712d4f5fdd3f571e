import { type ParseArgsConfig, parseArgs } from 'node:util'
import { badInput, messageOf } from './problem.ts'

export type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Splits arguments into values and what stands between them. Throws a Problem (exit 64) of one sentence for an
 * option that there is not; `hint` says where those that there are stand.
 */
export function splitArguments<const O extends Options>(args: readonly string[], options: O, hint: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    // Node goes on with sentences about dashes in file names.
    throw badInput(lower(messageOf(error).split('. ')[0]!.slice(0, 200)), hint)
  }
}

/** Every error here begins with what happened, in lower case. */
function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** Refuses words that a program cannot understand. */
export function noMoreThan(most: number, positionals: readonly string[], hint: string): void {
  const extra = positionals[most]
  if (extra !== undefined) throw badInput(`"${extra.slice(0, 60)}" is one word too many`, hint)
}
