import type { Command, Output } from '../../lib/command.ts'

type Sentence = { message: string; hint: string }

/** What neo4j-admin refuses, as sentences; see LoadDumpExecutor and FormatFamily of Neo4j 5. */
const KNOWN: readonly [RegExp, string, string][] = [
  [
    /neo4j-admin database migrate/,
    'the backup is of an older format, which this Neo4j does not open',
    'load and migrate it with the image that the manifest names, or choose another backup',
  ],
  [
    /block format/i,
    'the backup is in the block format of Enterprise and Aura, which the Community edition does not open',
    'choose another backup: this edition can read nothing of it',
  ],
  [/No space left on device/, 'the disk of Neo4j is full', 'make room or grow its volume, then retry'],
]

export function known({ stdout, stderr }: Output): Sentence | undefined {
  const found = KNOWN.find(([pattern]) => pattern.test(`${stdout}\n${stderr}`))
  return found && { message: found[1], hint: found[2] }
}

/**
 * With --verbose neo4j-admin tells the cause of a failure, and after it where in its code that was: the cause is
 * what people need. It also tells at length that a container does not know its own name, which is no failure.
 */
export function explainAdmin(output: Output): Sentence | undefined {
  const told = known(output)
  if (told) return told
  const lines = output.stderr.split('\n').map(line => line.trim())
  const failed = lines.find(line => /^Failed to (?:load|dump) database '/.test(line))
  const causes = lines.filter(line => /^Caused by: /.test(line) && !line.includes('UnknownHostException'))
  const cause = causes.at(-1)?.replace(/^Caused by: (?:[\w.$]+\.)?/, '')
  const thrown = lines.find(line => line.startsWith('org.neo4j.cli.CommandFailedException: '))
  const said = failed ?? thrown?.replace(/^\S+ /, '')
  if (said === undefined) return undefined
  const message = cause && !said.includes(cause) ? `${said} (${cause})` : said
  return { message: `neo4j-admin: ${message}`, hint: HINT }
}

const HINT = 'its output is in the journal; is the backup damaged, or the disk? npx tsx tools/diagnose.ts'

/** A command of neo4j-admin whose failures are told as sentences. */
export function explained(command: Command): Command {
  return { ...command, explain: output => explainAdmin(output) ?? command.explain?.(output) }
}
