import { setTimeout as pause } from 'node:timers/promises'
import { badInput, Problem } from '../lib/problem.ts'
import { attempt, failed } from './shell.ts'
import type { LabTarget } from './target.ts'

/** Carried by every container and volume of a practice ground; without it nothing is damaged or emptied. */
export const LABEL = 'ai-platform.practice-ground'

export interface ServiceState {
  service: string
  /** running, exited, restarting, … */
  state: string
  /** healthy, unhealthy, starting, or empty when the service has no health check. */
  health: string
  exitCode: number
  image: string
}

/** Runs `docker` with the variables of this practice ground. Gives stdout; throws a Problem. */
export async function docker(target: LabTarget, args: readonly string[]): Promise<string> {
  const command = attempt({ cwd: target.root, env: composeEnv(target) })`docker ${args}`
  const output = await command
  if (output.exitCode === 0) return output.stdout.trim()
  throw taken(output.stderr) ?? failed(command.cmd, output)
}

/** Docker's most frequent refusal on a machine where other things run too. */
function taken(stderr: string): Problem | undefined {
  const port = /127\.0\.0\.1:(\d+)(?=.*(already allocated|address already in use))/.exec(stderr)?.[1]
  if (!port) return undefined
  const hint = `set the PUBLISH_ variable of ${port} in .env to a free port below 32768, then: npm run lab -- up`
  return new Problem(`port ${port} of this machine is taken by another program or practice ground`, { hint })
}

/** The container that Compose makes for a service of this practice ground. */
export function containerOf({ project }: LabTarget, service: string): string {
  return `${project}-${service}-1`
}

/** As `docker`, for `docker compose` on the project of this practice ground. */
export function compose(target: LabTarget, ...args: string[]): Promise<string> {
  return docker(target, ['compose', ...args])
}

/**
 * Variables for a compose process: the project by name, so that a second ground stays apart. The schedule is off:
 * a backup that catches up in the middle of a drill would stop its Neo4j. LAB_BACKUP_SCHEDULE turns it on.
 */
export function composeEnv({ env, project }: LabTarget): Record<string, string> {
  return { ...env, COMPOSE_PROJECT_NAME: project, BACKUP_SCHEDULE: env.LAB_BACKUP_SCHEDULE || 'off' }
}

const STATE = ['{{.Label "com.docker.compose.service"}}', '{{.State}}', '{{.Status}}', '{{.Image}}'].join(
  '\t',
)

/**
 * Every service's container, the dead included; empty when nothing was ever started. Docker itself is asked: Compose
 * takes ten times as long to say the same, and whoever waits asks often.
 */
export async function states(target: LabTarget): Promise<ServiceState[]> {
  return readStates(await listed(target, STATE))
}

/** What `docker ps` says of this project's containers; what `compose run` left behind is no service. */
function listed(target: LabTarget, format: string): Promise<string> {
  const labels = [`com.docker.compose.project=${target.project}`, 'com.docker.compose.oneoff=False']
  const filters = labels.flatMap(label => ['--filter', `label=${label}`])
  return docker(target, ['ps', '-a', '--no-trunc', ...filters, '--format', format])
}

/** A line is service, state, status ("Up 3 seconds (health: starting)", "Exited (137) …") and image, with tabs. */
function readStates(text: string): ServiceState[] {
  const lines = text.split('\n').filter(Boolean)
  return lines.map(line => {
    const [service = '', state = '', status = '', image = ''] = line.split('\t')
    const health = /\((?:health: )?(healthy|unhealthy|starting)\)/.exec(status)?.[1] ?? ''
    return { service, state, health, exitCode: Number(/\((\d+)\)/.exec(status)?.[1] ?? 0), image }
  })
}

/** Refuses a project whose containers do not all carry the label of a practice ground. */
export async function requirePracticeGround(target: LabTarget): Promise<void> {
  const ids = (await listed(target, '{{.ID}}')).split('\n').filter(Boolean)
  if (ids.length === 0) {
    throw badInput(`there is no practice ground "${target.project}"`, 'start one: npm run lab -- up')
  }
  const format = `{{index .Config.Labels "${LABEL}"}} {{.Name}}`
  const labels = (await docker(target, ['inspect', '--format', format, ...ids])).split('\n')
  const foreign = labels.filter(line => !line.startsWith('true ')).map(line => line.split('/').at(-1))
  if (foreign.length === 0) return
  throw badInput(
    `"${target.project}" is not a practice ground: ${foreign.join(', ')} without the label ${LABEL}`,
    'the lab damages and empties practice grounds only; check COMPOSE_PROJECT_NAME and .env',
  )
}

/**
 * Refuses when a port of this practice ground is not that of its own container: another ground may publish
 * the same one, and would be filled or damaged in place of this one.
 */
export async function requireOwnPorts(target: LabTarget, services: readonly Published[]): Promise<void> {
  for (const service of services) {
    const { inside, url } = PUBLISHED[service](target)
    const bound = await compose(target, 'port', service, String(inside)).catch(() => '')
    if (bound.endsWith(`:${new URL(url).port}`)) continue
    throw badInput(
      `${url} is not ${service} of "${target.project}"${bound ? `, which is on ${bound}` : ', which does not run'}`,
      'check PUBLISH_* in .env and the environment, then: npm run lab -- up',
    )
  }
}

type Published = keyof typeof PUBLISHED

/** Services that the lab itself talks to: their port inside the container, and where it is expected outside. */
const PUBLISHED = {
  qdrant: ({ urls }: LabTarget) => ({ inside: 6333, url: urls.qdrant }),
  neo4j: ({ urls }: LabTarget) => ({ inside: 7474, url: urls.neo4j }),
  minio: ({ urls }: LabTarget) => ({ inside: 9000, url: urls.minio }),
  postgres: ({ postgresPort }: LabTarget) => ({ inside: 5432, url: `tcp://127.0.0.1:${postgresPort}` }),
}

/** A look is often a program, and takes the processor from what it waits for. */
const [FIRST_MS, LAST_MS] = [250, 1000]

/** Asks again until `look` gives something, at most `seconds`; then throws a Problem with `what` in it. */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000
  for (let wait = FIRST_MS; ; wait = Math.min(wait * 1.5, LAST_MS)) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) {
      throw new Problem(`${what}: not within ${seconds} s`, { hint: 'look: npm run lab -- status' })
    }
    await pause(wait)
  }
}
