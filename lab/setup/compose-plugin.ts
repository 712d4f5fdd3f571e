import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '../../lib/problem.ts'
import { $, succeeds, text } from '../shell.ts'
import { candidate, install, unpackFrom } from './apt.ts'

const PLUGINS = '/usr/local/lib/docker/cli-plugins'
/** The first Debian release with Compose v2 (2.26.1); before it, docker-compose is the Python program. */
const RELEASE_WITH_V2 = 'trixie'

export async function hasCompose(): Promise<boolean> {
  return succeeds`docker compose version`
}

/**
 * Installs Compose v2 when it is missing: from this machine's release where that has it, else the one file of
 * the next Debian release's package, a static program, into the folder for plugins.
 */
export async function ensureCompose(): Promise<void> {
  if (await hasCompose()) return
  const own = await packageOfThisRelease()
  if (own) await install([own], 'installing Compose v2')
  else await takeFromNextRelease()
  if (await hasCompose()) return
  throw new Problem('compose was installed, but `docker compose version` does not answer', {
    hint: 'run `docker compose version` by hand to see why',
  })
}

/** Ubuntu calls it docker-compose-v2; Debian kept the name of version 1. */
async function packageOfThisRelease(): Promise<string | undefined> {
  if (await candidate('docker-compose-v2')) return 'docker-compose-v2'
  const version = await candidate('docker-compose')
  return version && /^(\d+:)?[2-9]/.test(version) ? 'docker-compose' : undefined
}

async function takeFromNextRelease(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'lab-compose-'))
  try {
    await unpackFrom(RELEASE_WITH_V2, 'docker-compose', work)
    const plugin = await text`find ${work} -path ${'*cli-plugins/docker-compose'} -type f | head -n 1`
    if (plugin === '') throw new Problem('the package docker-compose holds no plugin')
    await $`install -D -m 0755 ${plugin} ${PLUGINS}/docker-compose`
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
