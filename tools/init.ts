import { existsSync, writeFileSync } from 'node:fs'
import { compose } from '../lib/compose.ts'
import { MARK } from '../lib/config.ts'
import { exec } from '../lib/exec.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { program } from '../runbook/perform.ts'
import { readArguments } from './arguments.ts'
import { configText } from './init/config-text.ts'
import { databasesOf } from './init/databases.ts'
import { readWritten, recognise } from './init/recognise.ts'

const HELP = `Looks at a running compose project and writes a first runbook.config.yaml for it: stores by image and port, their
databases (asked of each PostgreSQL that runs), users and variables of passwords, MinIO, and the services that write, in the order to stop them.

  npx tsx tools/init.ts <project> [--file docker-compose.yaml]… [--context default] [--out runbook.config.yaml]

It changes nothing but the file it writes, and never replaces one; --out - prints it. What a compose file cannot tell
begins with "${MARK}" in it, and every tool refuses to begin before that is filled in.`

await program(async () => {
  const text = { type: 'string' } as const
  const options = { file: { ...text, multiple: true }, context: text, out: text } as const
  const { values, positionals } = readArguments(HELP, options)
  const [project] = positionals
  if (project === undefined)
    throw badInput('which compose project?', '`docker compose ls -a` shows those there are')
  const { file: files = ['docker-compose.yaml'], context = 'default', out = 'runbook.config.yaml' } = values
  if (out !== '-' && existsSync(out))
    throw badInput(`${out} is there already`, 'give another name with --out')
  const cwd = process.cwd()
  const runtime = compose({ context, project, files })
  if (runtime.readStates(await exec(runtime.states(), { cwd })).length === 0)
    throw badInput(
      `the compose project "${project.slice(0, 60)}" has no containers`,
      '`docker compose ls -a` shows the projects of this daemon; --file names their files',
    )
  const read = readWritten(await exec(runtime.written(), { cwd }))
  const found = recognise(read, await databasesOf(runtime, read, cwd))
  if (found.stores.length === 0)
    throw badInput(
      `no service of ${project} is a Qdrant, a Neo4j or a PostgreSQL`,
      'are these its files? --file',
    )
  const written = configText({ project, context, files }, found)
  if (out === '-') process.stdout.write(written)
  else writeFileSync(out, written, { flag: 'wx' })
  process.stderr.write(
    `${summary(
      found.stores.map(({ name, kind }) => `${name} (${kind})`),
      written,
      out,
    )}\n`,
  )
  return EXIT.recovered
})

function summary(stores: readonly string[], written: string, out: string): string {
  const open = written.split('\n').flatMap((line, i) => (line.includes(`"${MARK}`) ? [i + 1] : []))
  const where = out === '-' ? '' : ` ${out}`
  return `recognised ${stores.join(', ')}\nto be filled in: ${open.length} places, lines ${open.join(', ')} of${where}`
}
