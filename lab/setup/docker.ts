import { badInput, EXIT, Problem } from '../../lib/problem.ts'
import { attempt, succeeds } from '../shell.ts'
import { candidate, canInstall, install, refresh } from './apt.ts'
import { ensureCompose, hasCompose } from './compose-plugin.ts'
import { askToInstall, type Consent } from './consent.ts'
import { startDaemon } from './daemon.ts'

type Daemon = 'answers' | 'silent' | 'not permitted'

/**
 * Makes sure that Docker Engine answers and Compose v2 is there. On Debian and Ubuntu as root it offers to
 * install and start what is missing; elsewhere it throws a Problem (exit 64) that says what to install.
 */
export async function ensureDocker(consent: Consent): Promise<void> {
  const program = await succeeds`command -v docker`
  const compose = program && (await hasCompose())
  const daemon = program ? await askDaemon() : 'silent'
  if (program && compose && daemon === 'answers') return
  if (daemon === 'not permitted') throw notPermitted()
  if (program && daemon === 'silent' && (await isElsewhere())) throw elsewhere()
  if (!(await canInstall())) throw cannotInstall(program, compose)
  // The daemon can be missing although its client is there.
  const engine = program && (await succeeds`command -v dockerd`)
  if (!engine || !compose) await askToInstall(announcement(engine, compose), consent)
  if (!engine || !compose) await refresh()
  if (!engine) await installEngine()
  if (daemon !== 'answers') await startDaemon(async () => (await askDaemon()) === 'answers')
  await ensureCompose()
}

async function askDaemon(): Promise<Daemon> {
  const { exitCode, stderr } = await attempt`timeout 20 docker version --format ${'{{.Server.Version}}'}`
  if (exitCode === 0) return 'answers'
  return /permission denied/i.test(stderr) ? 'not permitted' : 'silent'
}

/** A daemon on another machine is nothing to start here. */
async function isElsewhere(): Promise<boolean> {
  if (process.env.DOCKER_HOST) return true
  const { stdout } = await attempt`docker context show`
  return !['', 'default'].includes(stdout.trim())
}

function announcement(engine: boolean, compose: boolean): string[] {
  const missing = [
    ...(engine
      ? []
      : ['  Docker Engine (docker.io, iptables)   about 70 MB to fetch, 300 MB on disk, 1 min']),
    ...(compose ? [] : ['  Compose v2, a plugin of docker        about 15 MB to fetch, 60 MB on disk, 10 s']),
  ]
  return ['The practice ground needs, from the package sources of this machine:', ...missing]
}

async function installEngine(): Promise<void> {
  // From Debian 13 on the client is a package of its own, which docker.io only recommends.
  const client = (await candidate('docker-cli')) ? ['docker-cli'] : []
  await install(['docker.io', 'iptables', ...client], 'installing Docker Engine (about 1 min)')
}

function notPermitted(): Problem {
  return badInput(
    'docker is running, but this user may not talk to it',
    'add the user to the group docker (`sudo usermod -aG docker $USER`, then log in again), or run this as root',
  )
}

function elsewhere(): Problem {
  const where = process.env.DOCKER_HOST ?? 'of the current docker context'
  return new Problem(`the docker daemon ${where} does not answer`, {
    exitCode: EXIT.badInput,
    hint: 'start it, or choose another one with `docker context use` or DOCKER_HOST',
  })
}

function cannotInstall(program: boolean, compose: boolean): Problem {
  if (!program) {
    return badInput(
      'docker is not installed',
      'install Docker Engine 20.10 or newer and Compose v2 (Docker Desktop has both; on Debian and Ubuntu this command installs them when it runs as root)',
    )
  }
  if (!compose) {
    return badInput(
      'docker has no Compose v2',
      'install the plugin so that `docker compose version` answers 2.20 or newer',
    )
  }
  return badInput(
    'docker is installed but not running',
    'start Docker Desktop or the service (`sudo systemctl start docker`)',
  )
}
