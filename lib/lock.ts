import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { Output } from './command.ts'
import { exec, type Held, hold } from './exec.ts'
import { type Recorded, sentence } from './journal.ts'
import { EXIT, Problem } from './problem.ts'
import type { Runtime } from './runtime.ts'
import { masked } from './secret.ts'

/** The lock of a target: held while this process lives, seen from every machine that reaches the daemon. */
export interface Lock {
  /** Throws when the lock was lost: somebody removed the container, or the daemon went away. */
  check(): void
  /**
   * The same, asked of the daemon: a machine that has slept, or whose connection hangs, does not hear that its
   * container is gone and somebody else has the name.
   */
  confirm(): Promise<void>
  /** Shows an event to those who follow the log of the container: a sentence for people, the event for programs. */
  tell(event: Recorded): void
  release(): Promise<void>
}

export interface Holder {
  id: string
  running: boolean
  operator: string
  host: string
  since: string
  incident: string
  /** Tells our own container from one that somebody else made a moment earlier. */
  token: string
}

const LABEL = 'recovery'

/** What the name of a holder begins with that takes a backup and recovers nothing. */
export const BACKUP = 'backup '

/** Begins a line of the container's log that is an event as JSON (record separator, RFC 7464). */
export const EVENT = '\x1e'

/** Tells the programs that a run starts itself, such as a backup, that they work under its lock. */
const HELD = 'RECOVERY_LOCK'

/** Whether this process was started by the one that holds the lock. */
export function isOurs(holder: Pick<Holder, 'token'>): boolean {
  return holder.token !== '' && process.env[HELD] === holder.token
}

export function lockName(runtime: Runtime): string {
  return `${runtime.project}-recovery-lock`
}

/**
 * Takes the lock by creating a container whose name only one can have. It runs `cat` on our stdin: when
 * this process dies, its stdin closes and the container stops, so a stopped one is a dead holder.
 * Throws a Problem (exit 75) that names the holder while it lives.
 */
export async function takeLock(
  runtime: Runtime,
  cwd: string,
  incident: string,
  image: string,
): Promise<Lock> {
  const holder = await holderOf(runtime, cwd)
  if (holder?.running) throw held(runtime, holder)
  // By id, not by name: of two who both saw the dead holder, neither removes the other's new lock.
  if (holder) await exec(runtime.removeContainer(holder.id), { cwd }).catch(() => undefined)
  const token = randomUUID()
  const child = await hold(runtime.lock(lockName(runtime), image, labelsOf(incident, token)), { cwd })
  const id = await ready(runtime, cwd, child, token)
  process.env[HELD] = token
  return {
    check() {
      if (child.ended()) throw lost(runtime)
    },
    async confirm() {
      const holder = await holderOf(runtime, cwd)
      if (holder?.token !== token || !holder.running) throw lost(runtime, holder)
    },
    tell: event => child.write(`${event.at}  ${sentence(event)}\n${EVENT}${JSON.stringify(masked(event))}\n`),
    async release() {
      delete process.env[HELD]
      await child.end()
      await exec(runtime.removeContainer(id), { cwd }).catch(() => undefined)
    },
  }
}

/**
 * An image for the lock: that of a service's container, because it is there and has `cat`; where no container
 * exists (`emptyHost`) that of the compose file. Throws a Problem (exit 64) when there is none, most often
 * because the project is misspelt.
 */
export async function lockImage(
  runtime: Runtime,
  cwd: string,
  service: string,
  { emptyHost = false } = {},
): Promise<string> {
  const running = (await exec(runtime.image(service), { cwd })).stdout.trim().split('\n')[0]
  if (running) return running
  const image = emptyHost
    ? runtime.readLayout(await exec(runtime.layout(), { cwd })).images[service]
    : undefined
  if (image) return image
  throw new Problem(`the project "${runtime.project}" has no container for ${service}`, {
    exitCode: EXIT.badInput,
    hint: '`docker compose ls -a` shows the projects of this daemon; correct docker.project or docker.context',
  })
}

/** Who holds the lock, or held it when they died; undefined when nobody does. */
export async function holderOf(runtime: Runtime, cwd: string): Promise<Holder | undefined> {
  return readHolder(await exec(runtime.containerNamed(lockName(runtime)), { cwd }))
}

function readHolder(output: Output): Holder | undefined {
  const line = output.stdout.trim().split('\n')[0]
  if (!line) return undefined
  const { id, state, labels } = JSON.parse(line) as { id: string; state: string; labels: string }
  const label = Object.fromEntries(labels.split(',').map(pair => pair.split(/=(.*)/s).slice(0, 2)))
  return {
    id,
    running: state === 'running' || state === 'created',
    operator: label[`${LABEL}.operator`] ?? 'unknown',
    host: label[`${LABEL}.host`] ?? 'unknown',
    since: label[`${LABEL}.since`] ?? 'unknown',
    incident: label[`${LABEL}.incident`] ?? 'unknown',
    token: label[`${LABEL}.token`] ?? '',
  }
}

function labelsOf(incident: string, token: string): Record<string, string> {
  return {
    [`${LABEL}.operator`]: operator(),
    [`${LABEL}.host`]: hostname(),
    [`${LABEL}.since`]: new Date().toISOString(),
    [`${LABEL}.incident`]: incident,
    [`${LABEL}.token`]: token,
  }
}

export function operator(): string {
  return process.env.SUDO_USER || userInfo().username
}

/** Waits until the container runs; its refusal (name taken) comes back as the end of the client. */
async function ready(runtime: Runtime, cwd: string, child: Held, token: string): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const holder = await holderOf(runtime, cwd)
    if (child.ended()) {
      if (holder?.running) throw held(runtime, holder)
      throw new Problem('could not take the lock of the target', { tail: [child.said()] })
    }
    if (holder?.running && holder.token === token) return holder.id
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Problem('the lock container does not start', { tail: [child.said()] })
}

function held(runtime: Runtime, holder: Holder): Problem {
  return new Problem(
    `${runtime.project} is held by ${holder.operator} on ${holder.host} since ${holder.since} (incident ${holder.incident})`,
    {
      exitCode: EXIT.locked,
      hint: `watch that run with \`docker logs -f ${lockName(runtime)}\`; when it has died, start again and choose to resume it`,
    },
  )
}

function lost(runtime: Runtime, now?: Holder): Problem {
  const by = now?.running ? `; ${now.operator} on ${now.host} holds it since ${now.since}` : ''
  return new Problem(`the lock of ${runtime.project} is gone${by}`, {
    exitCode: EXIT.locked,
    hint: 'somebody removed it or the daemon was restarted: find out who works on the target, then --resume',
  })
}
