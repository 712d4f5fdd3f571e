import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, Problem } from '../lib/problem.ts'
import { program } from '../runbook/perform.ts'
import { readArguments } from './arguments.ts'
import { page } from './page.ts'

const HELP = `Writes RUNBOOK.md from the steps and scenarios.

  npx tsx tools/docs.ts            write it
  npx tsx tools/docs.ts --check    exit code 2 when it is stale`

await program(async () => {
  const { values } = readArguments(HELP, { check: { type: 'boolean' } })
  const root = join(import.meta.dirname, '..')
  const file = join(root, 'RUNBOOK.md')
  const text = page(root)
  if (!values.check) {
    writeFileSync(file, text)
    process.stdout.write('RUNBOOK.md written\n')
    return EXIT.recovered
  }
  if (readFileSync(file, 'utf8') === text) return EXIT.recovered
  throw new Problem('RUNBOOK.md is stale', {
    exitCode: EXIT.checkFailed,
    hint: 'run `npm run docs` and commit it',
  })
})
