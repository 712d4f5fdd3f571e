import type { Output } from '../../lib/command.ts'
import type { WorldState } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { beside, DUMPS, dumpsVolume } from './commands.ts'
import { createVolume } from './staging.ts'
import { type OneDump, object, type Stored, stagedFile } from './verify.ts'

/**
 * Brings the verified dumps into a volume where Neo4j runs, each under the one name that neo4j-admin looks for: that
 * of its database.
 */
export function stageDumps<F extends Stored>(s: Sequence<F>): Sequence<F> {
  const part = createVolume(
    s as unknown as Sequence<Stored>,
    'make a volume for the dump where Neo4j runs',
    dumpsVolume,
  ).each(
    'database',
    f => f.restoring,
    s => s.use(stageDump),
  )
  return part as unknown as Sequence<F>
}

function stageDump(s: Sequence<OneDump>): Sequence<OneDump> {
  return s.write('bring the dump to where Neo4j runs', {
    run: f =>
      beside(f, 'stage', ['sh', '-c', 'cat > "$1"', 'stage', inDumps(f)], {
        stdin: { file: stagedFile(f) },
        limits: { total: 3600 },
      }),
    probe: {
      look: f =>
        beside(f, 'staged', ['sh', '-c', 'sha256sum "$1" || true', 'staged', inDumps(f)], {
          limits: { total: 900 },
        }),
      state: (o, f) => stagedState(o, object(f).sha256),
    },
    undo: f => f.target.runtime.removeVolume(dumpsVolume(f)),
  })
}

function inDumps(f: OneDump): string {
  return `${DUMPS}/${f.database}.dump`
}

export function stagedState(o: Output, sha256: string): WorldState {
  const found = o.stdout.trim().split(' ')[0] ?? ''
  if (found === sha256) return 'done'
  return found === '' ? 'absent' : 'partial'
}
