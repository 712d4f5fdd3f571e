import { type Command, type Io, type Output, ownCommand } from '../../lib/command.ts'
import type { InContainer } from '../../lib/runtime.ts'
import type { QdrantStore, Target } from '../../lib/target.ts'
import type { Verdict } from '../../runbook/model.ts'
import type { Sequence } from '../../runbook/tree.ts'
import { removeServer, requireRoom, seeLikeness, serve, serverName, TRIAL_SECONDS } from '../apart.ts'
import { type Answer, ask } from './client.ts'
import type { Restoring } from './facts.ts'
import { inspectCollection } from './inspect.ts'
import { content } from './restore.ts'
import { accessApart } from './tunnel.ts'
import type { Stored } from './verify.ts'

/** Recovers every verified snapshot in an empty Qdrant on nobody's network, and reads all of its points. */
export const restoreQdrantApart = (s: Sequence<Stored>) => {
  // The snapshot as it is brought, as it is unpacked, and the collection.
  const roomy = requireRoom(seeLikeness(s), f => 3 * f.candidate.member.size_bytes)
  const up = serve(roomy, 'start an empty Qdrant that nobody reaches', ['./entrypoint.sh'])
  const restored = up
    .until(
      'it is ready',
      f => inServer(f, ['bash', '-c', READY], { limits: { total: 10 }, ok: [1, 126, 137] }),
      o => o.exitCode === 0,
      { total: 300, every: 1 },
    )
    .each(
      'collection',
      f => f.restoring,
      s => s.use(recoverApart),
    )
  return removeServer(restored)
}

const READY = `exec 3<>/dev/tcp/127.0.0.1/6333 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <&3`

const recoverApart = (s: Sequence<Stored & { collection: Restoring }>) =>
  s
    .keep('bring its snapshot there', f =>
      inServer(f, ['sh', '-c', 'cat > "$1"', 'snapshot', inSnapshots(f.collection)], {
        stdin: { file: f.collection.file },
        limits: { total: 3600 },
      }),
    )
    .check(
      'Qdrant recovers it',
      f => recoverIn(f.target, f.store, serverName(f), f.collection.fresh, f.collection.sha256),
      recovered,
    )
    .check(
      'its content is that of the backup',
      f => inspectIn(f.target, f.store, serverName(f), f.collection.fresh),
      (o, f) => content(o, f.collection),
    )

export function recovered(o: Output): Verdict {
  const { status, body } = JSON.parse(o.stdout) as Answer
  if (status === 200) return { verdict: 'proven', found: 'without an error' }
  return { verdict: 'failed', found: `${status}: ${body.slice(0, 200)}` }
}

/** Qdrant recovers from a file only when it lies among its snapshots (1.17.1 and later). */
function inSnapshots({ fresh }: Pick<Restoring, 'fresh'>): string {
  return `/qdrant/snapshots/${fresh}.snapshot`
}

/** Recovers a snapshot that lies in the container of a trial (tools/points.ts recover-apart). */
export function recoverIn(
  target: Target,
  store: QdrantStore,
  container: string,
  fresh: string,
  sha256: string,
): Command {
  return own(['recover-apart', store.name, container, fresh, sha256], async io => {
    const access = { ...accessApart(target, container, io), seconds: TRIAL_SECONDS }
    const body = { location: `file://${inSnapshots({ fresh })}`, priority: 'snapshot', checksum: sha256 }
    try {
      const answer = await ask(access, 'PUT', `/collections/${fresh}/snapshots/recover?wait=true`, body)
      return `${JSON.stringify(answer)}\n`
    } finally {
      access.agent.destroy()
    }
  })
}

/** Reads every point of a collection in the container of a trial (tools/points.ts inspect-apart). */
export function inspectIn(target: Target, store: QdrantStore, container: string, fresh: string): Command {
  return own(['inspect-apart', store.name, container, fresh], async io => {
    const access = accessApart(target, container, io)
    try {
      return `${JSON.stringify(await inspectCollection(access, fresh, io.progress))}\n`
    } finally {
      access.agent.destroy()
    }
  })
}

function own(words: readonly string[], main: (io: Io) => Promise<string>): Command {
  return ownCommand('points', words, (_, io) => main(io), { limits: { total: TRIAL_SECONDS } })
}

function inServer(f: Stored, argv: readonly string[], inside: InContainer): Command {
  return f.target.runtime.execIn(serverName(f), argv, inside)
}
