import type { Command, FilePath, Limits, Output, Printf } from './command.ts'
import type { Secret } from './secret.ts'

/** What a container runtime must offer. lib/compose.ts is the first; Kubernetes would be one more file. */
export interface Runtime {
  /** Name of the installation: the compose project. */
  readonly project: string
  /** Version of the engine: fails when the daemon is away or not permitted. */
  version(): Command
  /** Identity of the machine the containers run on; part of every confirmation. */
  identity(): Command
  /** The services and real volume names as the runtime resolves them. */
  layout(): Command
  /** The same as they are written, with their variables. */
  written(): Command
  /** The containers of these services, or of every one, the dead included. */
  states(services?: readonly string[]): Command
  /** An extended regular expression that the answer of `states` shows as long as one of them is not up. */
  readonly notUp: string
  stop(services: readonly string[], graceSeconds: number): Command
  /** Starts what is stopped without ever re-creating a container. */
  start(services: readonly string[]): Command
  /** Removes every container, network and volume of the installation. For one that was made to be removed. */
  removeAll(): Command
  logs(service: string, lines: number): Command
  exec(service: string, argv: readonly string[], options?: InContainer): Command
  /** A container of its own on the service's image and volumes, removed afterwards. */
  oneOff(service: string, name: string, argv: readonly [string, ...string[]], options?: InContainer): Command
  /** Creates and holds the lock container; refused by the daemon while the name is taken. */
  lock(name: string, image: string, labels: Record<string, string>): Command
  /** A container like the lock, but with nobody behind it: it ends by itself after so many seconds. */
  reserve(name: string, image: string, labels: Record<string, string>, seconds: number): Command
  /** What a container has printed from its begin; with `follow` on and on, until it ends. */
  logOf(container: string, options?: { follow: boolean }): Command
  /** Prints what it reads from its stdin into the log of a container, and at the end of it a last line. */
  speakIn(container: string, lastLine: string): Command
  /** Gives a container another name; refused while that is taken. */
  renameContainer(id: string, name: string): Command
  /** Id, state and labels of the container of that name, running or not; nothing when there is none. */
  containerNamed(name: string): Command
  /** Containers that a run has named with its id: name, state and age of each, as a line of JSON. */
  leftBehind(): Command
  /** Removes a container by id or name, running or not, and the volumes that only it has. */
  removeContainer(id: string): Command
  image(service: string): Command
  /** Image and memory limit of a container, for another that is to be like it. */
  likeness(container: string): Command
  /** A container of its own on that image, on nobody's network, with these volumes only; removed afterwards. */
  apart(like: Likeness, name: string, argv: readonly [string, ...string[]], options?: InContainer): Command
  /** The same, left behind with a server in it that ends by itself after the total limit, whoever has died meanwhile. */
  serveApart(like: Likeness, name: string, argv: readonly [string, ...string[]], options: Served): Command
  /** A command in a container that belongs to no service. */
  execIn(container: string, argv: readonly string[], options?: InContainer): Command
  /** How often the daemon has restarted a container because it died; exit code 1 when there is none. */
  restarts(container: string): Command
  /** When a container was started last, and by whom; exit code 1 when there is none. */
  lastStart(container: string): Command
  /** Asks for images by name; exit code 1 and a line on stderr for those that the daemon does not have. */
  inspectImages(images: readonly string[]): Command
  /** A volume on the daemon for files an engine is to read; made by a run, removed by it. */
  createVolume(name: string): Command
  removeVolume(name: string): Command
  /** Prints the name when there is such a volume, and nothing otherwise. */
  volumes(name: string): Command
  /** The containers that have a volume, the stopped ones too: one name a line. */
  usersOf(volume: string): Command
  /** Reads the answers of the commands above. */
  readStates(output: Output): ServiceState[]
  readLayout(output: Output): Layout
  readLikeness(output: Output): Likeness
  /** Undefined for a container that is not there or was never started. */
  readLastStart(output: Output): LastStart | undefined
}

/** The last start of a container. */
export interface LastStart {
  /** ISO 8601. */
  at: string
  /** By the daemon, because it had died; nobody has touched anything in between. */
  again: boolean
}

/** What a throw-away container is made like. */
export interface Likeness {
  /** Id of the image. */
  image: string
  /** Bytes; 0 for no limit. */
  memory: number
}

export type Served = Required<Pick<InContainer, 'env' | 'limits'>>

export interface InContainer {
  /** Passed into the container by name; the value never stands in argv. */
  env?: Record<string, string | Secret>
  user?: string
  stdin?: Printf | FilePath
  /** A file for what it prints, relative to the target's directory. */
  stdout?: string
  /** For a one-off container: volumes beside the service's own, or in their place at the same path. */
  mounts?: readonly Mount[]
  /** `total` is enforced inside the container too, because a killed client leaves its command running. */
  limits?: Limits
  ok?: readonly number[]
}

/** A volume and the directory where a container sees it. */
export interface Mount {
  volume: string
  at: string
  readOnly?: true
}

/** `health` is empty for a service without a health check. */
export interface ServiceState {
  service: string
  container: string
  state: 'running' | 'exited' | 'restarting' | 'paused' | 'created' | 'dead' | 'missing'
  health: 'healthy' | 'unhealthy' | 'starting' | ''
  exitCode: number
}

export interface Layout {
  services: string[]
  /** Real names, as the daemon knows them. */
  volumes: string[]
  /** The named volumes of each service. */
  mounts: Record<string, Mount[]>
  /** The directories of the host that each service has; `volume` is the path there. */
  binds: Record<string, Mount[]>
  /** What the services publish on the host, as written: 6333, 8000-8010. */
  ports: string[]
  /** The image of each service; empty for one that is built. */
  images: Record<string, string>
}

/** Running and, where it has a health check, healthy. */
export function isUp(state: ServiceState | undefined): boolean {
  return state?.state === 'running' && (state.health === 'healthy' || state.health === '')
}

/** The state of one service; a service without container is `missing`. */
export function stateOf(states: readonly ServiceState[], service: string): ServiceState {
  const found = states.find(state => state.service === service)
  return found ?? { service, container: '', state: 'missing', health: '', exitCode: 0 }
}
