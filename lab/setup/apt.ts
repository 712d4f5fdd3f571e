import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $, attempt, succeeds, text } from '../shell.ts'
import { logged } from './logged.ts'

/** True on Debian and Ubuntu as root: where the set-up may install packages itself. */
export async function canInstall(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release) && (await succeeds`command -v apt-get`)
}

/** The version apt would install, or undefined; lists of packages are assumed to be there. */
export async function candidate(name: string): Promise<string | undefined> {
  const version = (await attempt`apt-cache policy ${name} | awk '/Candidate:/ { print $2 }'`).stdout.trim()
  return version === '' || version === '(none)' ? undefined : version
}

/** Fetches the lists of packages; needed once on a machine whose image came without them. */
export async function refresh(): Promise<void> {
  await logged('apt-update', 'fetching the lists of packages', ['apt-get', 'update'])
}

/** Installs packages without what they merely recommend and without questions. */
export async function install(names: readonly string[], doing: string): Promise<void> {
  const argv = ['apt-get', 'install', '-y', '--no-install-recommends', ...names]
  await logged('apt-install', doing, ['env', 'DEBIAN_FRONTEND=noninteractive', ...argv])
}

/**
 * Unpacks one package of another release of this machine's Debian into `into`. The machine's own sources,
 * lists and keys stay as they are: apt is pointed at a folder of its own, with a source made from theirs.
 */
export async function unpackFrom(release: string, name: string, into: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'lab-apt-'))
  try {
    await $`mkdir -p ${work}/lists/partial ${work}/cache/archives/partial`
    await writeFile(join(work, 'sources.list'), `deb ${await debianMirror()} ${release} main\n`)
    const own = [
      ['Dir::Etc::sourcelist', `${work}/sources.list`],
      ['Dir::Etc::sourceparts', '-'],
      ['Dir::State::lists', `${work}/lists`],
      ['Dir::Cache', `${work}/cache`],
      ['Dir::Etc::trusted', '/usr/share/keyrings/debian-archive-keyring.gpg'],
      ['APT::Sandbox::User', 'root'],
    ].flatMap(([key, value]) => ['-o', `${key}=${value}`])
    await logged(`${name}-lists`, `fetching the lists of Debian ${release}`, ['apt-get', ...own, 'update'])
    await $({ cwd: work })`apt-get ${own} download ${name}`
    await $`dpkg-deb -x ${work}/${name}_*.deb ${into}`
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The mirror this machine takes Debian from, as its own sources say. */
async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)'
  const lines = (await text`apt-get indextargets --format ${format} ${'Created-By: Packages'}`).split('\n')
  const main = lines
    .map(line => line.split('|'))
    .find(([o, l, c]) => o === 'Debian' && l === 'Debian' && c === 'main')
  if (!main?.[3]) throw new Error('no Debian source with the component main is configured')
  return main[3]
}
