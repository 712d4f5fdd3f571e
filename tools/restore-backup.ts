import { badInput, EXIT, type ExitCode } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { recover } from '../runbook/recover.ts'
import { qdrantCorruption } from '../scenarios/qdrant-corruption.ts'
import { type Candidate, type Catalogue, catalogue } from '../stores/backups.ts'
import { kindOf } from '../stores/kinds.ts'
import { ownIo, readArguments, targetFrom } from './arguments.ts'
import { validateStore } from './validate-store.ts'

const HELP = `Lists backups and restores them: the scenario's own steps, asked for by store.

  npx tsx tools/restore-backup.ts --list [--type qdrant] [--json]
  npx tsx tools/restore-backup.ts --type qdrant [--backup-id <id>] [--plan] [--set …] [--confirm <phrase>]
  npx tsx tools/restore-backup.ts --validate-only --type qdrant     compare the live data with the newest backup`

const KINDS = ['qdrant']

await program(async () => {
  const { values } = readArguments(HELP, {
    list: { type: 'boolean' },
    json: { type: 'boolean' },
    type: { type: 'string' },
    'backup-id': { type: 'string' },
    'validate-only': { type: 'boolean' },
    plan: { type: 'boolean' },
    plain: { type: 'boolean' },
    set: { type: 'string', multiple: true },
    confirm: { type: 'string' },
  })
  const type = values.type as string | undefined
  if (type !== undefined && !KINDS.includes(type)) {
    throw badInput(
      `there is nothing to restore of type "${type.slice(0, 40)}" yet`,
      `it can be ${KINDS.join(', ')}`,
    )
  }
  if (values.list) return list(targetFrom(values), type, Boolean(values.json))
  if (!type) throw badInput('which store? give --type', `--type ${KINDS.join(' or --type ')}`)
  if (values['validate-only']) return validateStore(targetFrom(values), type)
  return recover(qdrantCorruption, scenarioArguments(values))
})

function scenarioArguments(values: Record<string, unknown>): string[] {
  const argv: string[] = []
  for (const name of ['plan', 'plain']) if (values[name]) argv.push(`--${name}`)
  for (const name of ['config', 'confirm']) if (values[name]) argv.push(`--${name}`, String(values[name]))
  for (const pair of (values.set as string[] | undefined) ?? []) argv.push('--set', pair)
  if (values['backup-id']) argv.push('--set', `backup=${values['backup-id']}`)
  return argv
}

/** The paper's format, with what a choice rests on behind it. */
async function list(target: Target, type: string | undefined, json: boolean): Promise<ExitCode> {
  const found = await catalogue(target, type, ownIo(target))
  if (json) {
    process.stdout.write(`${JSON.stringify(found)}\n`)
    return EXIT.recovered
  }
  for (const line of listing(found)) process.stdout.write(`${line}\n`)
  return EXIT.recovered
}

function listing({ candidates, broken }: Catalogue): string[] {
  if (candidates.length + broken.length === 0)
    return ['there are no backups; take one: npx tsx tools/backup-service.ts --run-once']
  const stores = [...new Set(candidates.map(candidate => candidate.store))]
  return [
    ...stores.flatMap(store => [
      `${store.toUpperCase()} Backups:`,
      ...candidates.filter(c => c.store === store).map(entry),
      '',
    ]),
    ...broken.map(({ reason }) => `not usable: ${reason}`),
  ]
}

function entry({ id, member, verified, refused }: Candidate): string {
  if (member.status === 'failed') return `  ${id}: failed: ${member.reason}`
  const time = member.started.replace('T', ' ').replace('Z', '')
  const size = `(${(member.size_bytes / 1024 / 1024).toFixed(2)} MB)`
  const contents = kindOf(member.kind).contents(member as never)
  const state = refused ? `NOT USABLE: ${refused}` : verified ? `verified ${verified}` : 'not verified'
  return `  ${id}: ${time} ${size}  ${state}  ${contents}`
}
