import { duration } from '../lib/format.ts'
import { badInput, EXIT, type ExitCode } from '../lib/problem.ts'
import type { Store, Target } from '../lib/target.ts'
import type { AnyScenario } from '../runbook/model.ts'
import { program } from '../runbook/perform.ts'
import { recover } from '../runbook/recover.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import { type Candidate, type Catalogue, catalogue, verifiedText } from '../stores/backups.ts'
import { kindOf } from '../stores/kinds.ts'
import { ownIo, readArguments, targetFrom } from './arguments.ts'
import { validateStores } from './validate-store.ts'

const HELP = `Lists backups and restores them: the scenarios' own steps, asked for by store.

  npx tsx tools/restore-backup.ts --list [--type <store>] [--json]
  npx tsx tools/restore-backup.ts --type <store> [--backup-id <id>] [--plan] [--set …] [--confirm <phrase>]
  npx tsx tools/restore-backup.ts --type all [--backup-id <set>]
  npx tsx tools/restore-backup.ts --validate-only [--type <store>]     compare the live data with the newest backup

<store> is a kind (qdrant, neo4j, postgres) or the name of a store in the configuration; --type can be given more
than once. <id> is that of one store's backup or of a set; without one the newest usable is taken.`

await program(async () => {
  const { values } = readArguments(HELP, {
    list: { type: 'boolean' },
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
  const id = values['backup-id'] as string | undefined
  const stores = storesOf(target, (values.type as string[] | undefined) ?? typeOf(target, id))
  if (values.list) return list(target, stores, Boolean(values.json))
  if (values['validate-only']) return validateStores(target, stores)
  if (!values.type && id === undefined)
    throw badInput('which store? give --type', 'qdrant, neo4j, postgres or all')
  return recover(scenarioFor(stores), scenarioArguments(target, stores, id, values))
})

/** Every store, or those that the types name. Throws a Problem (exit 64) for a type that names none. */
function storesOf(target: Target, types: readonly string[] = ['all']): Store[] {
  const all = Object.values(target.stores)
  for (const type of types) {
    if (type === 'all' || all.some(store => isOf(store, type))) continue
    throw badInput(
      `there is no store of type "${type.slice(0, 40)}"`,
      `it can be all, ${all.map(store => store.name).join(', ')}`,
    )
  }
  return types.includes('all') ? all : all.filter(store => types.some(type => isOf(store, type)))
}

function isOf(store: Store, type: string): boolean {
  return store.kind === type || store.name === type
}

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

/** The paper's format, with what a choice rests on behind it. */
async function list(target: Target, stores: readonly Store[], json: boolean): Promise<ExitCode> {
  const all = await catalogue(target, undefined, ownIo(target))
  const names = stores.map(({ name }) => name)
  const found = { ...all, candidates: all.candidates.filter(({ store }) => names.includes(store)) }
  const lines = json ? [JSON.stringify(found)] : listing(found)
  for (const line of lines) process.stdout.write(`${line}\n`)
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

function entry(candidate: Candidate): string {
  const { id, member, refused } = candidate
  if (member.status === 'failed') return `  ${id}: failed: ${member.reason}`
  const age = `${duration(Date.now() - Date.parse(member.started))} old`
  const time = member.started.slice(0, 19).replace('T', ' ')
  const size = `(${(member.size_bytes / 1024 / 1024).toFixed(2)} MB)`
  const contents = kindOf(member.kind).contents(member as never)
  const state = refused ? `NOT USABLE: ${refused}` : verifiedText(candidate)
  return `  ${id}: ${time} ${size}  ${[age, state, contents].join(' · ')}`
}
