import { type Command, type Io, type Output, ownCommand } from '../../lib/command.ts'
import type { InContainer } from '../../lib/runtime.ts'
import type { PostgresStore, Target } from '../../lib/target.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { removeServer, requireRoom, seeLikeness, serve, serverName } from '../apart.ts'
import { MAINTENANCE, READABLE, SILENT } from './commands.ts'
import { sameContent } from './compare.ts'
import { readDump, readInspection } from './inspect.ts'
import { explainRestore } from './restoring.ts'
import { archive, globals, type Stored, versionOf } from './verify.ts'

/** Nobody has it: roles of the backup are made beside it, and its name must be none of theirs. */
const OWNER = 'restored_apart'

/** Restores the verified archive with its roles into an empty cluster on nobody's network, and reads all of it. */
export const restorePostgresApart = (s: Sequence<Stored>) => {
  // The write-ahead log grows with it.
  const roomy = requireRoom(seeLikeness(s), f => 2.5 * f.candidate.member.database_bytes)
  const up = serve(
    roomy.read(
      'see which version that is',
      f => f.target.runtime.exec(f.store.service, ['pg_restore', '--version'], { limits: { total: 20 } }),
      o => ({ version: versionOf(o) }),
    ),
    'start an empty PostgreSQL that nobody reaches',
    ['docker-entrypoint.sh', 'postgres'],
    // No secret: without a network there is nobody to keep out.
    () => ({ POSTGRES_USER: OWNER, POSTGRES_PASSWORD: OWNER }),
  )
  const restored = up
    // Over TCP: while the image makes the cluster, the server listens on its socket only.
    .until(
      'it answers',
      f => inServer(f, ['pg_isready', '-h', '127.0.0.1'], { limits: { total: 10 }, ok: [...SILENT, 3] }),
      o => o.exitCode === 0,
      { total: 300, every: 1 },
    )
    .check(
      'its roles can be made',
      f => {
        const argv = ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', ...AS_OWNER]
        return inServer(f, argv, { stdin: { file: globals(f) }, ok: [1, 3] })
      },
      accepted,
    )
    .check('its database can be made and restored into', restore, accepted)
    .check(
      'its content is that of the backup',
      f => inspectApart(f.target, f.store, serverName(f), f.candidate.member.database),
      (o, f) =>
        sameContent(readInspection(o), f.candidate.member, f.version === f.candidate.member.engine_version),
    )
  return removeServer(restored)
}

const AS_OWNER = ['-U', OWNER, '-d', MAINTENANCE]

function restore(f: Stored): Command {
  const argv = ['pg_restore', '--create', '--exit-on-error', ...AS_OWNER]
  return inServer(f, argv, { stdin: { file: archive(f) }, limits: { total: 7200 }, ok: [1] })
}

/** What the server says no to would stop a recovery as well. */
export function accepted(o: Output): Verdict {
  if (o.exitCode === 0) return { verdict: 'proven', found: 'without an error' }
  const said = o.stderr.split('\n').find(line => /error|fatal/i.test(line)) ?? `exit code ${o.exitCode}`
  return { verdict: 'failed', found: explainRestore(o)?.message ?? said.trim().slice(0, 200) }
}

/** Reads all of a database in a container that belongs to no service (tools/rows.ts apart). */
export function inspectApart(
  { runtime }: Target,
  store: PostgresStore,
  container: string,
  database: string,
): Command {
  const main = async ([, , name, from]: readonly string[], io: Io) => {
    const dump = runtime.execIn(name!, ['pg_dump', '-U', OWNER, '-d', from!], {
      env: READABLE,
      limits: LIMITS,
    })
    return `${JSON.stringify(await readDump(dump, io))}\n`
  }
  return ownCommand('rows', ['apart', store.name, container, database], main, { limits: LIMITS })
}

const LIMITS = { total: 7200 }

function inServer(f: Stored, argv: readonly string[], inside: InContainer = {}): Command {
  return f.target.runtime.execIn(serverName(f), argv, { limits: { total: 120 }, ...inside })
}
