import type { Command, Output } from './command.ts'
import { Problem } from './problem.ts'
import type { InContainer, LastStart, Layout, Likeness, Mount, Runtime, ServiceState } from './runtime.ts'

export interface ComposeOptions {
  /** Docker context; `default` is this host or what DOCKER_HOST says. */
  context: string
  project: string
  /** Compose files, relative to the directory of the configuration. */
  files: readonly string[]
}

/** The opposite of `isUp`, for a person who reads the lines. */
const NOT_UP = '"Health":"(starting|unhealthy)"|"State":"(created|dead|exited|paused|restarting)"'

/** The log of a container is what its first process prints. */
const SPEAK = `cat >/proc/1/fd/1; printf '%s\\n' "$1" >/proc/1/fd/1`

/** Docker Compose v2. The only file that writes `docker`. */
export function compose(options: ComposeOptions): Runtime {
  const env: Record<string, string> = {
    COMPOSE_PROJECT_NAME: options.project,
    COMPOSE_FILE: options.files.join(':'),
    ...(options.context === 'default' ? {} : { DOCKER_CONTEXT: options.context }),
  }
  const docker = (argv: readonly string[], rest: Partial<Command> = {}): Command => ({
    limits: { total: 120 },
    explain,
    ...rest,
    env: { ...env, ...rest.env },
    argv: ['docker', ...argv],
  })
  return {
    project: options.project,
    version: () => docker(['version', '--format', '{{.Server.Version}}'], { limits: { total: 20 } }),
    identity: () => docker(['info', '--format', '{{.ID}}'], { limits: { total: 20 } }),
    layout: () => docker(['compose', 'config', '--format', 'json']),
    written: () => docker(['compose', 'config', '--no-interpolate', '--format', 'json']),
    // Without -a a dead database vanishes from the list.
    states: (services = []) => docker(['compose', 'ps', '-a', '--format', 'json', ...services]),
    notUp: NOT_UP,
    stop: (services, grace) =>
      docker(['compose', 'stop', '-t', String(grace), ...atLeastOne('stop', services)], {
        limits: { total: grace * services.length + 60 },
      }),
    // `up --no-recreate` also starts what has no container any more (`start` then fails), and never
    // exchanges one whose file or image changed meanwhile. Never -y: from Compose 2.32 on it agrees to
    // re-creating volumes.
    start: services =>
      docker(
        [
          ...['compose', 'up', '-d', '--no-deps', '--no-recreate', '--no-build', '--pull', 'never'],
          ...atLeastOne('start', services),
        ],
        { limits: { total: 300 } },
      ),
    removeAll: () => docker(['compose', 'down', '--volumes', '--timeout', '5'], { limits: { total: 300 } }),
    logs: (service, lines) =>
      docker([
        'compose',
        'logs',
        '--no-color',
        '--timestamps',
        '--no-log-prefix',
        `--tail=${lines}`,
        service,
      ]),
    exec: (service, argv, inside = {}) =>
      docker(['compose', 'exec', '-T', ...named(inside), service, ...limited(argv, inside)], {
        ...outer(argv[0], inside),
      }),
    oneOff: (service, name, [entry, ...argv], inside = {}) =>
      docker(
        [
          'compose',
          'run',
          '--rm',
          '--no-deps',
          '-T',
          '--name',
          name,
          ...named(inside),
          ...mounted(inside),
          '--entrypoint',
          entry,
          service,
          ...argv,
        ],
        { ...outer(entry, inside), cleanup: docker(['rm', '-f', name]) },
      ),
    lock: (name, image, labels) => docker(holding('-i', name, labels, 'cat', image)),
    reserve: (name, image, labels, seconds) =>
      docker([...holding('-d', name, labels, 'sleep', image), String(seconds)]),
    logOf: (container, { follow } = { follow: false }) =>
      docker(['logs', ...(follow ? ['-f'] : []), container], follow ? { limits: { total: 7 * 86_400 } } : {}),
    // The shell itself says the last line, so that it is said however its client ends.
    speakIn: (container, lastLine) => docker(['exec', '-i', container, 'sh', '-c', SPEAK, 'sh', lastLine]),
    renameContainer: (id, name) => docker(['rename', id, name]),
    containerNamed: name =>
      docker(
        [
          'ps',
          '-a',
          '--no-trunc',
          '--filter',
          `name=^${name}$`,
          '--format',
          '{"id":{{json .ID}},"state":{{json .State}},"labels":{{json .Labels}}}',
        ],
        { limits: { total: 20 } },
      ),
    leftBehind: () => {
      const named = `name=^${options.project}-.+-[0-9]{8}_[0-9]{6}$`
      const format = '{"name":{{json .Names}},"state":{{json .State}},"since":{{json .RunningFor}}}'
      return docker(['ps', '-a', '--filter', named, '--format', format], { limits: { total: 20 } })
    },
    // -v: the nameless volumes of its image; those with a name stay.
    removeContainer: id => docker(['rm', '-f', '-v', id]),
    image: service => docker(['compose', 'images', '-q', service]),
    likeness: container =>
      docker(['inspect', '--format', '{{.Image}} {{.HostConfig.Memory}}', container], {
        limits: { total: 20 },
      }),
    apart: (like, name, argv, inside = {}) =>
      docker(['run', '--rm', '-i', ...apart(like, name, inside, argv)], {
        ...outer(argv[0], inside),
        cleanup: docker(['rm', '-f', '-v', name]),
      }),
    serveApart: (like, name, argv, { env, limits }) =>
      docker(
        ['run', '--rm', '-d', ...apart(like, name, { env }, ['timeout', String(limits.total), ...argv])],
        {
          ...(env ? { env } : {}),
          limits: { total: 60 },
        },
      ),
    execIn: (container, argv, inside = {}) =>
      docker(['exec', '-i', ...named(inside), container, ...limited(argv, inside)], outer(argv[0], inside)),
    restarts: container =>
      docker(['inspect', '--format', '{{.RestartCount}}', container], { limits: { total: 20 }, ok: [1] }),
    lastStart: container =>
      docker(['inspect', '--format', '{{.State.StartedAt}} {{.RestartCount}}', container], {
        limits: { total: 20 },
        ok: [1],
      }),
    inspectImages: images =>
      docker(['image', 'inspect', '--format', '{{.Id}}', ...images], { limits: { total: 20 }, ok: [1] }),
    createVolume: name => docker(['volume', 'create', name], { limits: { total: 60 } }),
    removeVolume: name => docker(['volume', 'rm', name], { limits: { total: 60 } }),
    volumes: name => docker(['volume', 'ls', '-q', '--filter', `name=^${name}$`], { limits: { total: 20 } }),
    usersOf: volume =>
      docker(['ps', '-a', '--filter', `volume=${volume}`, '--format', '{{.Names}}'], {
        limits: { total: 20 },
      }),
    readStates,
    readLayout,
    readLikeness,
    readLastStart,
  }
}

/** Without a name `docker compose stop` and `up` mean every service, the stores included. */
function atLeastOne(what: 'stop' | 'start', services: readonly string[]): readonly string[] {
  const names = [...services]
  if (names.length > 0 && names.every(name => `${name}` !== '')) return names
  throw new Problem(`no service to ${what} was named, and without a name Docker takes every service`, {
    hint: 'name the services in runbook.config.yaml: writers, backups.service, the service of each store',
  })
}

/** Arguments of `docker run`; `compose run` always joins the network of the project. */
function apart(
  { image, memory }: Likeness,
  name: string,
  inside: InContainer,
  [entry, ...argv]: readonly string[],
): string[] {
  const limit = memory > 0 ? ['--memory', String(memory)] : []
  // A container without a network does not know its own name, and Neo4j asks for its address.
  const place = [
    '--network',
    'none',
    '--hostname',
    'localhost',
    '--pull',
    'never',
    ...limit,
    ...named(inside),
    ...mounted(inside),
  ]
  return ['--name', name, ...place, '--entrypoint', entry ?? '', image, ...argv]
}

/** A container on no network whose name nobody else can have; it runs one program of an image that is here. */
function holding(
  how: '-i' | '-d',
  name: string,
  labels: Record<string, string>,
  program: string,
  image: string,
): string[] {
  const alone = ['--network', 'none', '--pull', 'never', ...labelled(labels)]
  return ['run', how, '--name', name, ...alone, '--entrypoint', program, image]
}

function labelled(labels: Record<string, string>): string[] {
  return Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`])
}

function readLikeness(output: Output): Likeness {
  const [image = '', memory = '0'] = output.stdout.trim().split(' ')
  return { image, memory: Number(memory) }
}

/** One that was only created has started in the year 1. */
function readLastStart(output: Output): LastStart | undefined {
  const [at = '', restarts] = output.stdout.trim().split(' ')
  if (output.exitCode !== 0 || at.startsWith('0001-')) return undefined
  return { at, again: Number(restarts) > 0 }
}

function named(inside: InContainer): string[] {
  const names = Object.keys(inside.env ?? {}).flatMap(name => ['-e', name])
  return inside.user ? ['--user', inside.user, ...names] : names
}

function mounted(inside: InContainer): string[] {
  return (inside.mounts ?? []).flatMap(({ volume, at, readOnly }) => [
    '-v',
    `${volume}:${at}${readOnly ? ':ro' : ''}`,
  ])
}

// A killed `docker compose exec` leaves its command running inside (moby issue 9098), so the limit is
// enforced there as well.
function limited(argv: readonly string[], inside: InContainer): string[] {
  return inside.limits ? ['timeout', '-k', '15', String(inside.limits.total), ...argv] : [...argv]
}

function outer(program: string | undefined, inside: InContainer): Partial<Command> {
  return {
    explain: output => explain(output) ?? killed(program, output),
    ...(inside.env ? { env: inside.env } : {}),
    ...(inside.ok ? { ok: inside.ok } : {}),
    ...(inside.stdin ? { stdin: inside.stdin } : {}),
    ...(inside.stdout === undefined ? {} : { stdout: inside.stdout }),
    ...(inside.limits ? { limits: { ...inside.limits, total: inside.limits.total + 30 } } : {}),
  }
}

const ONE_OFF = 'com.docker.compose.oneoff=True'

interface PsEntry {
  Service: string
  Name: string
  State: ServiceState['state']
  Health: ServiceState['health']
  ExitCode: number
  /** Comma-separated `key=value`. */
  Labels?: string
}

/**
 * Compose 2.21 and later print one object a line, older ones one array. What \`compose run\` left behind is
 * listed as a container of its service too (seen with 2.26): it says nothing about the service.
 */
function readStates(output: Output): ServiceState[] {
  const text = output.stdout.trim()
  if (text === '') return []
  const entries: PsEntry[] = text.startsWith('[')
    ? JSON.parse(text)
    : text.split('\n').map(line => JSON.parse(line) as PsEntry)
  const ofServices = entries.filter(({ Labels = '' }) => !Labels.split(',').includes(ONE_OFF))
  return ofServices.map(entry => ({
    service: entry.Service,
    container: entry.Name,
    state: entry.State,
    health: entry.Health,
    exitCode: entry.ExitCode,
  }))
}

function readLayout(output: Output): Layout {
  const config = JSON.parse(output.stdout) as ComposeConfig
  return {
    services: Object.keys(config.services).sort(),
    volumes: Object.values(config.volumes ?? {})
      .map(volume => volume.name)
      .sort(),
    images: Object.fromEntries(
      Object.entries(config.services).map(([name, service]) => [name, service?.image ?? '']),
    ),
    mounts: Object.fromEntries(Object.keys(config.services).map(name => [name, mountsOf(config, name)])),
    binds: Object.fromEntries(Object.keys(config.services).map(name => [name, bindsOf(config, name)])),
    ports: Object.values(config.services)
      .flatMap(service => service?.ports ?? [])
      .flatMap(({ published }) => (published ? [`${published}`] : []))
      .sort(),
  }
}

interface ComposeService {
  image?: string
  volumes?: { type: string; source?: string; target: string; read_only?: boolean }[]
  ports?: { published?: string | number }[]
}

interface ComposeConfig {
  services: Record<string, ComposeService | null>
  volumes?: Record<string, { name: string }>
}

function mountsOf({ services, volumes }: ComposeConfig, service: string): Mount[] {
  return (services[service]?.volumes ?? []).flatMap(({ type, source, target }) =>
    type === 'volume' && source ? [{ volume: volumes?.[source]?.name ?? source, at: target }] : [],
  )
}

function bindsOf({ services }: ComposeConfig, service: string): Mount[] {
  return (services[service]?.volumes ?? []).flatMap(({ type, source, target, read_only }): Mount[] =>
    type === 'bind' && source
      ? [{ volume: source, at: target, ...(read_only ? { readOnly: true } : {}) }]
      : [],
  )
}

const KNOWN: [RegExp, string, string][] = [
  [
    /permission denied.*docker\.sock|docker\.sock.*permission denied/is,
    'this user may not talk to Docker',
    'add the user to the group "docker" and log in again, or run as root',
  ],
  [
    /Cannot connect to the Docker daemon|error during connect|Is the docker daemon running/i,
    'the Docker daemon does not answer',
    'is it running? `systemctl status docker`, or choose another context in runbook.config.yaml',
  ],
  [
    /is not a docker command|unknown command: docker compose/,
    'Docker has no Compose v2 plug-in',
    'install the package docker-compose-plugin (or docker-compose-v2)',
  ],
  [
    /no such service: (\S+)/,
    'the compose file has no such service',
    'compare the services of runbook.config.yaml with `docker compose config --services`',
  ],
  [
    /context "?([^"\s]+)"? (?:not found|does not exist)|context.*not found/i,
    'there is no such Docker context',
    '`docker context ls` shows those there are',
  ],
]

function explain(output: Output): { message: string; hint: string } | undefined {
  for (const [pattern, message, hint] of KNOWN) {
    if (pattern.test(output.stderr)) return { message, hint }
  }
  return undefined
}

/** 128 + SIGKILL: such a program has no last words, and Docker has none for it. */
const KILLED = 137

function killed(program: string | undefined, { exitCode }: Output) {
  if (exitCode !== KILLED) return undefined
  return {
    message: `${program} was killed in its container`,
    hint: 'by somebody, or for want of memory: `dmesg | grep -i oom` names it then; raise the limit, and try again',
  }
}

/** The names of services that the compose file does not have, as one Problem; undefined when all exist. */
export function unknownServices(layout: Layout, wanted: readonly string[]): Problem | undefined {
  const missing = wanted.filter(service => !layout.services.includes(service))
  if (missing.length === 0) return undefined
  return new Problem(`the compose file has no service ${missing.join(', ')}`, {
    exitCode: 64,
    hint: `it has ${layout.services.join(', ')}; correct runbook.config.yaml`,
  })
}
