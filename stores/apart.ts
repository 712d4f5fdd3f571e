import type { Command, Io, Output } from '../lib/command.ts'
import { exec } from '../lib/exec.ts'
import { Problem } from '../lib/problem.ts'
import { type Likeness, stateOf } from '../lib/runtime.ts'
import type { Sequence } from '../runbook/tree.ts'
import type { StoreBase } from './base.ts'
import { room } from './room.ts'

/** What a container is made like that a backup is tried in: the store's own one. */
export interface Like {
  like: Likeness
}

/** Learns image and memory limit of the store's own container. Fails when it has none. */
export function seeLikeness<F extends StoreBase>(s: Sequence<F>): Sequence<F & Like> {
  const part = (s as unknown as Sequence<StoreBase>)
    .read(
      'see the container of the store',
      f => f.target.runtime.states([f.store.service]),
      (o, f) => ({ container: containerOf(o, f) }),
    )
    .read(
      'see its image and how much memory it may take',
      f => f.target.runtime.likeness(f.container),
      (o, f) => ({ like: f.target.runtime.readLikeness(o) }),
    )
  return part as unknown as Sequence<F & Like>
}

/** The same for a command of our own. */
export async function likenessOf(f: StoreBase, { cwd, signal }: Io): Promise<Likeness> {
  const run = (command: Command) => exec(command, { cwd, signal })
  const { runtime } = f.target
  const container = containerOf(await run(runtime.states([f.store.service])), f)
  return runtime.readLikeness(await run(runtime.likeness(container)))
}

function containerOf(o: Output, { target, store }: StoreBase): string {
  const { container } = stateOf(target.runtime.readStates(o), store.service)
  if (container !== '') return container
  throw new Problem(`${store.service} has no container to take the image from`, {
    hint: `docker compose up -d --no-deps ${store.service}`,
  })
}

/** A trial must not fill the disk that the live stores write to. `needed` is in bytes. */
export function requireRoom<F extends StoreBase & Like>(
  s: Sequence<F>,
  needed: (f: F) => number,
): Sequence<F> {
  return s.check(
    'there is room for a trial where the engines run',
    f => {
      const name = `${f.target.runtime.project}-${f.store.name}-room-${f.run.id}`
      return f.target.runtime.apart(f.like, name, ['df', '-Pk', '/'], { limits: { total: 60 } })
    },
    (o, f) => room(o, needed(f)),
  )
}

/** The name of the server that a run tries a backup in. */
export function serverName({ target, store, run }: StoreBase): string {
  return `${target.runtime.project}-${store.name}-apart-${run.id}`
}

/** Seconds after which such a server ends by itself. */
export const TRIAL_SECONDS = 7200

/** Starts the server of the image on an empty volume of its own, on nobody's network. */
export function serve<F extends StoreBase & Like>(
  s: Sequence<F>,
  say: string,
  argv: readonly [string, ...string[]],
  env: (f: StoreBase) => Record<string, string> = () => ({}),
): Sequence<F> {
  const part = (s as unknown as Sequence<StoreBase & Like>).write(say, {
    run: f =>
      f.target.runtime.serveApart(f.like, serverName(f), argv, {
        env: env(f),
        limits: { total: TRIAL_SECONDS },
      }),
    probe: {
      look: f => f.target.runtime.containerNamed(serverName(f)),
      state: o => (o.stdout.trim() === '' ? 'absent' : 'done'),
    },
    undo: f => f.target.runtime.removeContainer(serverName(f)),
  })
  return part as unknown as Sequence<F>
}

/** Removes it with all it holds. */
export function removeServer<F extends StoreBase>(s: Sequence<F>): Sequence<F> {
  const part = (s as unknown as Sequence<StoreBase>).write('remove it with all it holds', {
    run: f => f.target.runtime.removeContainer(serverName(f)),
    probe: {
      look: f => f.target.runtime.containerNamed(serverName(f)),
      state: o => (o.stdout.trim() === '' ? 'done' : 'absent'),
    },
    undo: { none: 'this run has made it' },
  })
  return part as unknown as Sequence<F>
}
