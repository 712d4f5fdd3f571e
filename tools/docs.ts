import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaForEditors } from '../lib/config-editors.ts'
import { EXIT, Problem } from '../lib/problem.ts'
import { program } from '../runbook/perform.ts'
import { readArguments } from './arguments.ts'
import { page } from './page.ts'

const HELP = `Writes RUNBOOK.md from the steps and scenarios, and the schema of the configuration for editors.

  npx tsx tools/docs.ts            write them
  npx tsx tools/docs.ts --check    exit code 2 when one is stale`

const FILES: [string, (root: string) => string][] = [
  ['RUNBOOK.md', page],
  ['runbook.config.schema.json', schemaForEditors],
]

await program(async () => {
  const { values } = readArguments(HELP, { check: { type: 'boolean' } })
  const root = join(import.meta.dirname, '..')
  for (const [name, make] of FILES) {
    const file = join(root, name)
    const text = make(root)
    if (values.check) requireFresh(file, name, text)
    else writeFileSync(file, text)
  }
  if (!values.check) process.stdout.write(`${FILES.map(([name]) => name).join(' and ')} written\n`)
  return EXIT.recovered
})

function requireFresh(file: string, name: string, text: string): void {
  if (readFileSync(file, 'utf8') === text) return
  throw new Problem(`${name} is stale`, {
    exitCode: EXIT.checkFailed,
    hint: 'run `npm run docs` and commit it',
  })
}
