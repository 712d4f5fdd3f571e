import { randomUUID } from 'node:crypto'
import { hostname, userInfo } from 'node:os'
import type { Output } from './command.ts'
import { exec, type Held, hold } from './exec.ts'
import { type Recorded, sentence, withoutSecrets } from './journal.ts'
import { EXIT, Problem } from './problem.ts'
import { type Message, messageIn, Records, recordLine } from './records.ts'
import type { Runtime } from './runtime.ts'

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
  /** Called with what others say through the container: a navigator, an engineer who takes over. */
  hear(listener: (message: Message) => void): void
  /** Aborted when it is passed on. */
  passed: AbortSignal
  /** Removes the container. One that is passed on is left to whoever passes it on, so that nobody comes in between. */
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
  /** It only keeps the place of an incident that was handed over to this person; empty for a run. */
  reservedFor: string
}

const LABEL = 'recovery'

/** What the name of a holder begins with that takes a backup and recovers nothing. */
export const BACKUP = 'backup '

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
 * this process dies, its stdin closes and the container stops, so a stopped one is a dead holder. The place of an
 * incident that was handed over is taken by whoever resumes that incident.
 * Throws a Problem (exit 75) that names the holder while it lives.
 */
export async function takeLock(
  runtime: Runtime,
  cwd: string,
  incident: string,
  image: string,
): Promise<Lock> {
  const holder = await holderOf(runtime, cwd)
  const expected = holder?.reservedFor && holder.incident === incident
  if (holder?.running && !expected) throw held(runtime, holder)
  // By id, not by name: of two who both saw the dead holder, neither removes the other's new lock.
  if (holder) await exec(runtime.removeContainer(holder.id), { cwd }).catch(() => undefined)
  const token = randomUUID()
  const ear = listen()
  const labels = labelsOf(incident, token)
  const child = await hold(runtime.lock(lockName(runtime), image, labels), { cwd, heard: ear.heard })
  const id = await ready(runtime, cwd, child, token)
  process.env[HELD] = token
  const check = () => {
    if (ear.to !== undefined) throw handedOver(runtime, ear.to)
    if (child.ended()) throw lost(runtime)
  }
  return {
    check,
    async confirm() {
      check()
      const holder = await holderOf(runtime, cwd)
      check()
      if (holder?.token !== token || !holder.running) throw lost(runtime, holder)
    },
    tell: event => child.write(told(event)),
    hear: ear.hear,
    passed: ear.passed,
    async release() {
      delete process.env[HELD]
      await child.end()
      if (ear.to !== undefined) return
      await exec(runtime.removeContainer(id), { cwd }).catch(() => undefined)
    },
  }
}

/** An event as it stands in the log of a lock container: a sentence for people, the whole of it for programs. */
export function told(event: Recorded): string {
  return `${event.at}  ${sentence(event)}\n${recordLine(withoutSecrets(event))}`
}

/** What others write into the log of the container comes back to the client that runs it. */
function listen() {
  const records = new Records()
  const passing = new AbortController()
  const listeners: ((message: Message) => void)[] = []
  const ear = {
    /** To whom it was passed on. */
    to: undefined as string | undefined,
    passed: passing.signal,
    hear: (listener: (message: Message) => void) => void listeners.push(listener),
    heard: (chunk: Buffer) => {
      for (const message of records.add(chunk).map(messageIn)) if (message) tell(message)
    },
  }
  function tell(message: Message) {
    if (message.kind === 'handing') ear.to = message.to
    for (const listener of listeners) listener(message)
    if (ear.to !== undefined) passing.abort()
  }
  return ear
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
    reservedFor: label[`${LABEL}.for`] ?? '',
  }
}

/** The labels that keep the place of an incident for somebody. */
export function reservation(incident: string, to: string): Record<string, string> {
  // Labels come back separated by commas.
  return { ...labelsOf(incident, ''), [`${LABEL}.for`]: to.replaceAll(',', ' ') }
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

/** The command that goes on with an incident; its name ends with that of its scenario. */
export function resumeCommand(incident: string): string {
  return `npx tsx scenarios/${incident.replace(/^\d{8}_\d{6}-/, '')}.ts --resume ${incident}`
}

function held(runtime: Runtime, holder: Holder): Problem {
  const { operator, host, since, incident, reservedFor } = holder
  if (reservedFor !== '') {
    return new Problem(
      `${runtime.project} is reserved for ${reservedFor}: ${operator} on ${host} handed ${incident} over at ${since}`,
      { exitCode: EXIT.locked, hint: `who takes it over goes on with it: ${resumeCommand(incident)}` },
    )
  }
  return new Problem(
    `${runtime.project} is held by ${operator} on ${host} since ${since} (incident ${incident})`,
    {
      exitCode: EXIT.locked,
      hint: `watch that run with \`npx tsx tools/follow.ts\` or \`docker logs -f ${lockName(runtime)}\`; when it has died, start again and choose to resume it`,
    },
  )
}

function lost(runtime: Runtime, now?: Holder): Problem {
  if (now?.running && now.reservedFor !== '') return handedOver(runtime, now.reservedFor)
  const by = now?.running ? `; ${now.operator} on ${now.host} holds it since ${now.since}` : ''
  return new Problem(`the lock of ${runtime.project} is gone${by}`, {
    exitCode: EXIT.locked,
    hint: 'somebody handed it over or removed it, or the daemon was restarted: find out who works on the target, then --resume',
  })
}

function handedOver(runtime: Runtime, to: string): Problem {
  return new Problem(`${runtime.project} was handed over to ${to}: this run may not write any more`, {
    exitCode: EXIT.locked,
    hint: 'watch how it goes on: npx tsx tools/follow.ts',
  })
}
