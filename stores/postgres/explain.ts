import type { Command, Output } from '../../lib/command.ts'
import type { PostgresStore } from '../../lib/target.ts'

type Sentence = { message: string; hint: string }

/** The known refusals of a server, as sentences. */
export function explained(command: Command, store: PostgresStore): Command {
  return { ...command, explain: output => refusal(output, store) ?? command.explain?.(output) }
}

type Known = [RegExp, (match: RegExpExecArray, store: PostgresStore) => Sentence]

/** A write that still got a part of its block is told in other words: wrote only 4096 of 8192 bytes (mdextend in md.c). */
export const DISK_FULL = /No space left on device|wrote only \d+ of \d+ bytes/

const KNOWN: readonly Known[] = [
  [
    /password authentication failed|no password supplied/,
    (_, { name, user, password }) => ({
      message: `${name} refuses the password of ${user}`,
      hint: `set ${password.name} to the right one; a password from the environment wins over .env`,
    }),
  ],
  [
    /database "(.*)" does not exist/,
    (match, { name }) => ({
      message: `${name} has no database "${match[1]}"`,
      hint: 'was it dropped? npx tsx scenarios/postgres-loss.ts; is the name wrong? correct it in runbook.config.yaml',
    }),
  ],
  [
    /role "(.*)" does not exist/,
    (match, { name }) => ({
      message: `${name} has no role "${match[1]}"`,
      hint: 'correct the user in runbook.config.yaml, or create the role: it is in the globals beside the backup',
    }),
  ],
  [
    /database "(.*)" is not currently accepting connections/,
    match => ({
      message: `the database "${match[1]}" is fenced: nobody may connect`,
      hint: `a recovery was interrupted: go on with it (--resume), or open it: ALTER DATABASE "${match[1]}" ALLOW_CONNECTIONS true`,
    }),
  ],
  [
    /the database system is (starting up|shutting down|in recovery mode|not yet accepting connections)/,
    (match, { service }) => ({
      message: `PostgreSQL is ${match[1]}`,
      hint: `wait until it answers: docker compose logs ${service} says how far it is`,
    }),
  ],
  [
    /server closed the connection unexpectedly|terminating connection because of crash/,
    (_, { service }) => ({
      message: 'PostgreSQL broke off the connection',
      hint: `it crashed or was stopped: docker compose logs ${service} says why; once it answers, try again`,
    }),
  ],
  [
    /Connection refused|could not translate host name|is not running|Connection timed out/,
    (_, { service }) => ({
      message: `PostgreSQL does not answer in the service ${service}`,
      hint: `is it up? docker compose ps -a ${service}; its log says why it stopped`,
    }),
  ],
  [
    /is being accessed by other users/,
    (_, { service }) => ({
      message: 'somebody is still connected to the database, so it cannot be renamed',
      hint: `retry; when that does not help, a prepared transaction holds it: SELECT * FROM pg_prepared_xacts on ${service}`,
    }),
  ],
  [
    DISK_FULL,
    (_, { service }) => ({
      message: 'the disk of PostgreSQL is full',
      hint: `docker compose exec ${service} df -h; make room or grow its volume, then retry`,
    }),
  ],
]

export function refusal({ stderr }: Output, store: PostgresStore): Sentence | undefined {
  for (const [pattern, sentence] of KNOWN) {
    const match = pattern.exec(stderr)
    if (match) return sentence(match, store)
  }
  return undefined
}
