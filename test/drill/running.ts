import { compose, containerOf, docker, states } from '../../lab/ground.ts'
import { isStore, WRITERS, waitUntilStoresAnswer } from '../../lab/start.ts'
import type { LabTarget } from '../../lab/target.ts'
import { Problem } from '../../lib/problem.ts'

/** Done while more than one store is kept or brought back: a row that is written in between has no point. */
export async function stopWriters(target: LabTarget): Promise<void> {
  await docker(target, ['stop', ...WRITERS.map(writer => containerOf(target, writer))])
}

/**
 * Starts what a drill that failed may have left stopped, or without a container. The stores come first: a writer that
 * finds PostgreSQL and not yet Qdrant leaves a row without a point for good.
 */
export async function startAll(target: LabTarget): Promise<void> {
  await start(target, isStore)
  await waitUntilStoresAnswer(target)
  await start(target, () => true)
}

async function start(target: LabTarget, wanted: (service: string) => boolean): Promise<void> {
  const all = await states(target)
  const there = all.map(({ service }) => service)
  const missing = (await servicesOf(target)).filter(service => wanted(service) && !there.includes(service))
  const stopped = all.filter(({ service, state }) => wanted(service) && state !== 'running')
  // Compose would first wait for the health checks of the stores, which are further apart than a drill can wait.
  const containers = stopped.map(({ service }) => containerOf(target, service))
  if (containers.length > 0) await docker(target, ['start', ...containers])
  if (missing.length > 0)
    await compose(target, 'up', '-d', '--no-recreate', '--no-build', '--pull', 'never', ...missing)
}

let services: Promise<string[]> | undefined

function servicesOf(target: LabTarget): Promise<string[]> {
  services ??= compose(target, 'config', '--services').then(said => said.split('\n'))
  return services
}

/** Removes what this run has made, or what a run before left behind that was killed; all of it carries the project's name. */
export async function clear(target: LabTarget): Promise<void> {
  const ours = (name: string) =>
    name.startsWith(`${target.project}-`) || name.startsWith(`${target.project}_`)
  const listed = async (...args: string[]) => (await docker(target, args)).split('\n').filter(ours)
  const containers = await listed('ps', '-a', '--format', '{{.Names}}')
  if (containers.length > 0) await docker(target, ['rm', '-f', ...containers])
  await compose(target, 'down', '--volumes').catch(keepNetwork)
  const volumes = (await listed('volume', 'ls', '-q')).filter(name => !name.endsWith('_pristine'))
  if (volumes.length > 0) await docker(target, ['volume', 'rm', ...volumes])
}

/**
 * Docker 20.10 sometimes counts an endpoint that has gone, and then keeps the network until it is started anew. It serves
 * the next ground of this name as it is.
 */
function keepNetwork(error: unknown): void {
  const said = error instanceof Problem ? error.tail.join('\n') : ''
  if (!/has active endpoints/.test(said)) throw error
}
