import type { Command, Output } from '../../lib/command.ts'
import { script } from './commands.ts'
import type { PostgresBase, PostgresChosen } from './facts.ts'
import { literal } from './sql.ts'

/** Whether a database has to make way. */
export interface Replacing {
  replaces: boolean
}

type Needs = PostgresBase & PostgresChosen & Replacing

/** After the swap the restored database has the live name; a resumed run must find it there. */
export function isSwapped(o: Output, { side, kept, store, replaces }: Needs): boolean {
  const names = o.stdout.split('\n')
  return !names.includes(side) && names.includes(store.database) && (!replaces || names.includes(kept))
}

/**
 * A query in the restored database, under whichever name it has now. Prints nothing when it is nowhere:
 * the damaged one is never taken for it.
 */
export function inRestored(f: Needs, query: string): Command {
  const { side, kept, store, replaces } = f
  const is = (name: string) => `EXISTS (SELECT FROM pg_database WHERE datname = ${literal(name)})`
  const swapped = replaces ? is(kept) : 'true'
  const where = `SELECT datname AS name FROM pg_database WHERE datname = ${literal(side)}
  OR (datname = ${literal(store.database)} AND NOT ${is(side)} AND ${swapped}) \\gset`
  return script(f, `${where}\n\\if :{?name}\n\\connect :"name"\n${query};\n\\endif`)
}
