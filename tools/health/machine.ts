import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { command } from '../../lib/command.ts'
import { exec } from '../../lib/exec.ts'
import { duration } from '../../lib/format.ts'
import { readJournal } from '../../lib/journal.ts'
import type { Target } from '../../lib/target.ts'
import { type Candidate, type Catalogue, ownElseAll } from '../../stores/backups.ts'
import { room } from '../../stores/room.ts'
import { type Check, failed, proven, type Seen, unchecked } from './check.ts'
import { fetching } from './platform.ts'

/** The checkout that this program is part of; the target may be configured elsewhere. */
const OWN_ROOT = join(import.meta.dirname, '..', '..')
/** All stores may be recovered at once: every archive is downloaded here, and unpacked beside itself. */
const STAGING_FACTOR = 2.2
/** The paper asks for a test every month; two missed ones are a habit. */
const DRILL_DAYS = 60

/** Whether this machine is ready for the bad night. */
export function machineChecks(target: Target, listed: Promise<Catalogue>): Check[] {
  return [
    check('the packages of the lock file are installed', async () => installed(OWN_ROOT)),
    check('curl and GNU tar are there', programs),
    check('the images of the platform are on the daemon', images),
    check('there is room to stage the newest set', t => staging(t, listed)),
    check('every contact is somebody', async ({ escalation }) => contacts(escalation)),
    check('a recovery was practised here', async ({ incidents }) => practised(incidents, Date.now())),
    ...target.links.map(link),
  ]
}

function check(name: string, look: Check['look']): Check {
  return { area: 'this machine', name, look }
}

async function staging(target: Target, listed: Promise<Catalogue>): Promise<Seen> {
  const { candidates } = await listed
  const needed = stagingBytes(ownElseAll(target, candidates))
  if (needed === 0) return unchecked('there is no set whose size would tell how much is needed', BACK_UP)
  const seen = room(await exec(command(['df', '-Pk', '.']), { cwd: target.root }), needed)
  return seen.verdict === 'proven' ? proven(seen.found) : failed(seen.found, 'free some, or mount more')
}

const BACK_UP = 'npx tsx tools/backup-service.ts --run-once'

/** What a recovery of every store needs here: the newest good member of each counts. */
export function stagingBytes(candidates: readonly Candidate[]): number {
  const good = candidates.filter(one => one.member.status === 'success')
  const newest = new Map(
    [...good].sort((a, b) => (a.set < b.set ? -1 : 1)).map(one => [one.store, one.member]),
  )
  const sizes = [...newest.values()].map(member =>
    member.status === 'success'
      ? [member, ...member.beside].reduce((sum, { size_bytes }) => sum + size_bytes, 0)
      : 0,
  )
  return STAGING_FACTOR * sizes.reduce((sum, size) => sum + size, 0)
}

/** Compares package.json with what lies in node_modules: at three in the morning nobody wants an `npm ci`. */
export function installed(root: string): Seen {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>
  const wanted = Object.entries(read('package.json').dependencies as Record<string, string>)
  const wrong = wanted.filter(([name, version]) => {
    const file = join('node_modules', name, 'package.json')
    return !existsSync(join(root, file)) || read(file).version !== version
  })
  if (wrong.length === 0) return proven(`${wanted.length} packages`)
  return failed(wrong.map(([name, version]) => `${name} ${version} is not`).join(', '), 'npm ci')
}

async function programs({ root }: Target): Promise<Seen> {
  const curl = await exec(command(['curl', '--version']), { cwd: root })
  const tar = await exec(command(['tar', '--version']), { cwd: root })
  if (!/GNU tar/.test(tar.stdout))
    return failed('tar is not GNU tar', 'snapshots have sparse members: install it')
  return proven(curl.stdout.split(' ', 2).join(' '))
}

/** What can no longer be pulled cannot be started either: a registry may be part of the same disaster. */
async function images({ runtime, root }: Target): Promise<Seen> {
  const { images } = runtime.readLayout(await exec(runtime.layout(), { cwd: root }))
  const wanted = [...new Set(Object.values(images))].filter(Boolean)
  const { exitCode, stderr } = await exec(runtime.inspectImages(wanted), { cwd: root })
  if (exitCode !== 0) return failed(stderr.trim().replaceAll('\n', ', '), 'docker compose pull')
  return proven(`${wanted.length} images`)
}

/** Somebody has copied the example and gone home. */
const PLACEHOLDER = /^$|<.*>|todo|tbd|changeme|xxx|example\.(com|org|net)|0000/i

export function contacts(escalation: readonly { level: number; contact: string }[]): Seen {
  const empty = escalation.filter(({ contact }) => PLACEHOLDER.test(contact.trim()))
  if (empty.length === 0) return proven(`${escalation.length} levels`)
  const levels = empty.map(({ level, contact }) => `level ${level} is "${contact}"`)
  return failed(levels.join(', '), 'write whom to call into escalation of runbook.config.yaml')
}

/** `now` is in milliseconds. A recovery that ended proven counts, a drill as well as an incident. */
export function practised(incidents: string, now: number): Seen {
  const names = existsSync(incidents) ? readdirSync(incidents).sort().reverse() : []
  for (const name of names) {
    if (!existsSync(join(incidents, name, 'journal.jsonl'))) continue
    const closed = readJournal(join(incidents, name)).findLast(event => event.kind === 'closed')
    if (closed?.kind !== 'closed' || closed.exitCode !== 0) continue
    const age = now - Date.parse(closed.at)
    const found = `${name}, ${duration(age)} ago`
    return age <= DRILL_DAYS * 86_400_000 ? proven(found) : failed(found, 'npm run drill')
  }
  return failed('never, as far as the incident folder tells', 'npm run drill')
}

/** A link that leads nowhere is found when it is needed. */
function link({ title, url }: { title: string; url: string }): Check {
  return {
    area: 'links',
    name: `"${title}" opens`,
    look: async ({ root }) => {
      if (/^https?:/.test(url)) await exec(fetching(url), { cwd: root })
      else if (!existsSync(resolve(root, url)))
        return failed(`${url} is not there`, 'correct links in runbook.config.yaml')
      return proven(url)
    },
  }
}
