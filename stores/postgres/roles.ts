import { type Command, command, type Output } from '../../lib/command.ts'
import type { WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { staging } from '../base.ts'
import { admin, connect, inside, MAINTENANCE, script } from './commands.ts'
import { explained } from './explain.ts'
import type { PostgresAssessed, PostgresBase, PostgresChosen } from './facts.ts'
import { ident } from './sql.ts'
import { globals } from './verify.ts'

type Needs = PostgresBase & PostgresAssessed & PostgresChosen

/** Runs the statements that were picked from the roles beside the backup: all of them or none. */
export const bringRoles = (s: Sequence<Needs>) =>
  s.write('bring back the roles', {
    run: f => {
      const argv = ['psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', ...connect(f.store, MAINTENANCE)]
      const options = { ...inside(f.store), stdin: { file: picked(f) } }
      return explained(f.target.runtime.exec(f.store.service, argv, options), f.store)
    },
    probe: { look: f => admin(f, 'SELECT rolname FROM pg_roles'), state: rolesState },
    undo: f => script(f, [...f.missingRoles].map(role => `DROP ROLE IF EXISTS ${ident(role)};`).join('\n')),
  })

/** For a cluster that lives and lacks some of them. */
export const bringMissingRoles = (s: Sequence<Needs>) =>
  s.keep('pick the roles that are missing', onlyMissing).use(bringRoles)

/**
 * Everything but the roles that the image and its scripts (docker-entrypoint-initdb.d) have made: they cannot be made
 * twice, and their password of today may be another.
 */
export function allButPresent(f: Needs & { present: readonly string[] }): Command {
  const present = `^(CREATE|ALTER) ROLE (${[...f.present].map(quotedOrNot).join('|')})[ ;]`
  return command(['grep', '-vE', present, globals(f)], { stdout: picked(f), ok: [1] })
}

/** The roles themselves with their passwords, and of whom they are members. */
function onlyMissing(f: Needs): Command {
  const names = [...f.missingRoles].map(quotedOrNot).join('|')
  const lines = `^((CREATE|ALTER) ROLE (${names})[ ;]|GRANT .* TO (${names})[ ;])`
  return command(['grep', '-E', lines, globals(f)], { stdout: picked(f), ok: [1] })
}

function quotedOrNot(role: string): string {
  return `"?${`${role}`.replace(/[^\w ]/g, '\\$&')}"?`
}

function picked(f: PostgresBase): string {
  return `${staging(f.run)}/${f.store.name}-roles.sql`
}

function rolesState(o: Output, f: Needs): WorldState {
  const there = o.stdout.split('\n')
  return [...f.missingRoles].every(role => there.includes(role)) ? 'done' : 'absent'
}
