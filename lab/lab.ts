import { badInput, exitCodeOf, problemLines } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { breakIt } from './commands/break.ts'
import { type LabCommand, parse } from './commands/command.ts'
import { down } from './commands/down.ts'
import { pristine } from './commands/pristine.ts'
import { record } from './commands/record.ts'
import { reset } from './commands/reset.ts'
import { seed } from './commands/seed.ts'
import { status } from './commands/status.ts'
import { up } from './commands/up.ts'

const COMMANDS: Record<string, LabCommand> = {
  up,
  seed,
  break: breakIt,
  status,
  pristine,
  reset,
  record,
  down,
}

function help(): string {
  const lines = Object.entries(COMMANDS).map(([word, each]) => `  ${word.padEnd(10)} ${each.summary}`)
  return `npm run lab -- <command>: the practice ground by hand

${lines.join('\n')}

Each has --help. COMPOSE_PROJECT_NAME and PUBLISH_* (ports below 32768: those above are
given to outgoing connections) in the environment make a second practice ground beside
the first. Exit codes: 0 done, 1 a command failed, 64 wrong input.`
}

async function main(args: readonly string[]): Promise<void> {
  const [word = 'help', ...rest] = args
  if (['help', '--help', '-h'].includes(word)) return console.log(help())
  const command = COMMANDS[word]
  if (!command)
    throw badInput(`there is no lab command "${word}"`, `one of ${Object.keys(COMMANDS).join(', ')}`)
  const given = parse(word, command, rest)
  if (given.values.help) {
    return console.log(`npm run lab -- ${word} ${command.usage}\n\n${command.summary}\n\n${command.details}`)
  }
  await command.run(given)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  for (const line of problemLines(error)) console.error(mask(line))
  process.exitCode = exitCodeOf(error)
}
