import type { Output } from '../../lib/command.ts'
import type { WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { whichExist } from './cluster-state.ts'
import { admin, script } from './commands.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { ident, literal } from './sql.ts'
import { isSwapped, type Replacing } from './where.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen & Replacing

/** Puts the proven database in the place of the damaged one. */
export const swap = (s: Sequence<Needs>) =>
  s.when(
    'there is a database to replace',
    f => f.replaces,
    s => s.use(fence).use(exchange),
    s => s.use(takeName),
  )

/** A database cannot be renamed while somebody is connected, and clients come back faster than one looks. */
const fence = (s: Sequence<Needs>) =>
  s.write('fence the damaged database: nobody can connect any more', {
    run: f => script(f, `${allow(f.store.database, false)}`),
    probe: {
      look: f => admin(f, openness([f.side, f.kept, f.store.database])),
      state: fenceState,
    },
    undo: f => script(f, allow(f.store.database, true)),
    critical: true,
  })

const exchange = (s: Sequence<Needs>) =>
  s.write('end its sessions and exchange the names, in one transaction', {
    run: f => {
      const { side, kept, store } = f
      return script(
        f,
        exchangeNames([store.database, side], [rename(store.database, kept), rename(side, store.database)]),
      )
    },
    probe: { look: existing, state: (o, f) => (isSwapped(o, f) ? 'done' : 'absent') },
    undo: f => {
      const { side, kept, store } = f
      const back = exchangeNames(
        [store.database],
        [rename(store.database, side), rename(kept, store.database)],
      )
      // Both are open again: what follows in an undo looks into the one beside.
      const open = [allow(store.database, true), allow(side, true)]
      return script(f, [allow(store.database, false), back, ...open].join('\n'))
    },
    critical: true,
  })

const takeName = (s: Sequence<Needs>) =>
  s.write('give it the name the platform uses', {
    run: f => script(f, exchangeNames([f.side], [rename(f.side, f.store.database)])),
    probe: { look: existing, state: (o, f) => (isSwapped(o, f) ? 'done' : 'absent') },
    undo: f => {
      const { side, store } = f
      const back = exchangeNames([store.database], [rename(store.database, side)])
      return script(f, [allow(store.database, false), back, allow(side, true)].join('\n'))
    },
    critical: true,
  })

function existing(f: Needs) {
  return admin(f, whichExist([f.side, f.kept, f.store.database]))
}

function allow(database: string, open: boolean): string {
  return `ALTER DATABASE ${ident(database)} WITH ALLOW_CONNECTIONS ${open};`
}

function rename(from: string, to: string): string {
  return `ALTER DATABASE ${ident(from)} RENAME TO ${ident(to)};`
}

/** Renames that happen all or not at all, after the last session has gone. */
function exchangeNames(busy: readonly string[], renames: readonly string[]): string {
  return [endSessions(busy), 'BEGIN;', ...renames, 'COMMIT;'].join('\n')
}

/** For fifteen seconds at most; a rename of a database in use is then refused, and nothing has changed. */
function endSessions(databases: readonly string[]): string {
  const others = `datname IN (${databases.map(literal).join(', ')}) AND pid <> pg_backend_pid()`
  return `DO $$ BEGIN
  FOR attempt IN 1..60 LOOP
    PERFORM pg_stat_clear_snapshot();
    EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE ${others});
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others};
    PERFORM pg_sleep(0.25);
  END LOOP;
END $$;`
}

/** Names with "t" when one can connect to them. */
function openness(names: readonly string[]): string {
  return `SELECT datname, datallowconn FROM pg_database WHERE datname IN (${names.map(literal).join(', ')})`
}

/** Done also when the fenced one has been renamed already. */
export function fenceState(o: Output, f: Needs): WorldState {
  const open = new Map(o.stdout.split('\n').map(line => [line.slice(0, -2), line.endsWith('|t')]))
  return open.get(open.has(f.kept) ? f.kept : f.store.database) === false ? 'done' : 'absent'
}
