import { noMoreThan, type Options, splitArguments } from '../../lib/arguments.ts'

/** One word of `npm run lab -- <word>`. */
export interface LabCommand {
  /** What follows the word: `<fault> [--collection <name>]`. */
  usage: string
  /** One line for the list of commands. */
  summary: string
  /** The rest of its help. */
  details: string
  options: Options
  run: (given: Given) => Promise<void>
}

/** Parsed arguments; `values` only holds what was given. */
export interface Given {
  positionals: string[]
  values: Record<string, string | boolean | undefined>
}

/** Splits arguments; throws a Problem (exit 64) for an option that the command does not have. */
export function parse(word: string, command: LabCommand, args: readonly string[]): Given {
  const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const
  const { values, positionals } = splitArguments(args, options, `npm run lab -- ${word} --help`)
  return { positionals, values: values as Given['values'] }
}

export function text(given: Given, name: string): string | undefined {
  const value = given.values[name]
  return typeof value === 'string' ? value : undefined
}

/** Refuses what a command without positional arguments cannot understand. */
export function noMore(given: Given, atMost = 0): void {
  noMoreThan(atMost, given.positionals, 'see --help')
}
