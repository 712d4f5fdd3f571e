import { count, plural } from '../../../lib/format.ts'
import type { StoreBinding } from '../../base.ts'
import { bindPostgres } from '../binding.ts'
import { contentsPostgres } from '../member.ts'
import type { RowsBase } from './facts.ts'

/** Keys are written down, rows taken out, held against the live database, copied and looked for. */
const COPY_SECONDS = 20
const UNDO_SECONDS = 10

/** Bound to the databases there are; what is missing is shown, because writers go on. */
export const bindRows: StoreBinding<RowsBase> = {
  looks: bindPostgres.looks,
  derive: bindPostgres.derive,
  lines: f => [
    `restore   ${f.candidate.id} (${contentsPostgres(f.candidate.member)}) as ${f.side}, for as long as it is needed`,
    `copy      ${f.tables.map(table => `${table} (${missing(f, table)})`).join(', ')}; at most what is missing`,
    `triggers  ${triggers(f)}`,
    'loss      none: nothing live is changed, replaced or stopped',
  ],
  seconds: f => bindPostgres.seconds(f) + COPY_SECONDS,
  undoSeconds: () => UNDO_SECONDS,
}

function missing({ searched, candidate }: RowsBase, table: string): string {
  const set = searched.find(({ backup }) => backup === candidate.id)
  return `${count(set?.missing.tables.find(one => one.table === table)?.missing ?? 0)} missing`
}

/** They run as for any other INSERT; one that changes or drops a row ends the transaction. */
function triggers({ catalogue, tables }: RowsBase): string {
  const some = catalogue.tables.filter(({ name, triggers }) => tables.includes(name) && triggers.length > 0)
  if (some.length === 0) return 'none'
  const named = some.flatMap(({ name, triggers }) => triggers.map(trigger => `${trigger} on ${name}`))
  return `${plural(named.length, 'trigger')} will run as for any INSERT: ${named.join(', ')}`
}
