import { badInput } from '../lib/problem.ts'
import { writeReport } from '../lib/report.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'

const HELP = `Writes report.md and the validation report of an incident from its journal.

  npx tsx tools/report.ts <incident folder>`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {})
  const [folder] = positionals
  if (!folder) throw badInput('which incident folder?', 'npx tsx tools/report.ts --help')
  process.stdout.write(writeReport(targetFrom(values).root, folder))
  return undefined
})
