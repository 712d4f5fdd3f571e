import { badInput } from '../lib/problem.ts'
import type { Store, Target } from '../lib/target.ts'
import type { AnyScenario } from '../runbook/model.ts'
import { program } from '../runbook/perform.ts'
import { recover } from '../runbook/recover.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { rebuildHistory } from './backup/history.ts'
import { list } from './backup/list.ts'
import { storesOfTypes } from './stores-of-types.ts'
import { validateStores } from './validate-store.ts'

const HELP = `Lists backups and restores them: the scenarios' own steps, asked for by store.

  npx tsx tools/restore-backup.ts --list [--type <store>] [--backup-id <id>] [--json]
  npx tsx tools/restore-backup.ts --type <store> [--backup-id <id>] [--plan] [--set …] [--confirm <phrase>]
  npx tsx tools/restore-backup.ts --type all [--backup-id <set>]
  npx tsx tools/restore-backup.ts --validate-only [--type <store>] [--backup-id <id>]
                                            compare the live data with the newest backup, or with that one
  npx tsx tools/restore-backup.ts --rebuild-catalogue                  fill the table backup_history from the bucket

<store> is a kind (qdrant, neo4j, postgres) or the name of a store in the configuration; --type can be given more
than once. <id> is that of one store's backup or of a set, a day as 2026-11-22 (the last of that day, UTC), latest, or
previous (the one before it).`

await program(async () => {
  const { values } = readArguments(HELP, {
    list: { type: 'boolean' },
    'rebuild-catalogue': { type: 'boolean' },
    json: { type: 'boolean' },
    type: { type: 'string', multiple: true },
    'backup-id': { type: 'string' },
    'validate-only': { type: 'boolean' },
    plan: { type: 'boolean' },
    plain: { type: 'boolean' },
    set: { type: 'string', multiple: true },
    confirm: { type: 'string' },
  })
  const target = targetFrom(values)
  if (values['rebuild-catalogue']) return rebuildHistory(target)
  const id = values['backup-id'] as string | undefined
  const stores = storesOfTypes(target, (values.type as string[] | undefined) ?? typeOf(target, id))
  if (values.list) return list(target, stores, { json: Boolean(values.json), set: id })
  if (values['validate-only']) return validateStores(target, stores, { against: id })
  if (!values.type && id === undefined)
    throw badInput('which store? give --type', 'qdrant, neo4j, postgres or all')
  return recover(scenarioFor(stores), scenarioArguments(target, stores, id, values))
})

/** A member's id begins with the name of its store. */
function typeOf(target: Target, id: string | undefined): string[] | undefined {
  const store = Object.values(target.stores).find(({ name }) => id?.startsWith(`${name}_`))
  return store && [store.name]
}

function scenarioFor(stores: readonly Store[]): AnyScenario {
  const whole = SCENARIOS.find(scenario => scenario.stores.length > 1)!
  const [only] = stores
  if (!only || stores.length > 1) return whole
  return SCENARIOS.find(({ stores: kinds }) => kinds.length === 1 && kinds[0] === only.kind) ?? whole
}

function scenarioArguments(
  target: Target,
  stores: readonly Store[],
  id: string | undefined,
  values: Record<string, unknown>,
): string[] {
  const argv: string[] = []
  for (const name of ['plan', 'plain']) if (values[name]) argv.push(`--${name}`)
  for (const name of ['config', 'confirm']) if (values[name]) argv.push(`--${name}`, String(values[name]))
  for (const pair of (values.set as string[] | undefined) ?? []) argv.push('--set', pair)
  for (const answer of answers(target, stores, id)) argv.push('--set', answer)
  return argv
}

/** One store is asked for by its backup, several by their set. */
function answers(target: Target, stores: readonly Store[], id: string | undefined): string[] {
  const [only] = stores
  if (stores.length === 1 && only) {
    const several = Object.values(target.stores).filter(({ kind }) => kind === only.kind).length > 1
    const backup = id?.replace(/^set_/, `${only.name}_`)
    return [...(several ? [`store=${only.name}`] : []), ...(backup ? [`backup=${backup}`] : [])]
  }
  const all = stores.length === Object.values(target.stores).length
  const set = id === undefined ? [] : [`set=${id}`]
  return [`stores=${all ? 'all' : stores.map(({ name }) => name).join(',')}`, ...set]
}
