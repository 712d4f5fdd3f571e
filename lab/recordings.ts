import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../lib/problem.ts'
import { OUTPUTS, type RecordedRun, readRecordedRun, TARGET } from '../runbook/recording.ts'

/** Where the recorded run of each scenario is kept, by its name; `npm run check` replays them. */
export const RECORDINGS = 'test/recordings'

/** Where such a run seems to have happened. */
const ROOT = '/srv/ai-platform'
const HOST = 'host'
const OPERATOR = 'engineer'

/** What tells of the machine of whoever recorded it. */
const PERSONAL = /\/work\/|\/root\/\w|\/home\/\w+/

/** Copies what an incident keeps of its run, without the names of machine, directory and engineer. */
export function keepRecording(incident: string, into: string): void {
  const { events, outputs, target } = withoutNames(readRecordedRun(incident))
  const lines = (all: readonly unknown[]) => all.map(one => `${JSON.stringify(one)}\n`).join('')
  const files = {
    'journal.jsonl': lines(events),
    [OUTPUTS]: lines(outputs),
    [TARGET]: `${JSON.stringify(target, null, 2)}\n`,
  }
  for (const [name, text] of Object.entries(files)) refusePlaces(name, text)
  mkdirSync(into, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(into, name), text)
}

function refusePlaces(name: string, text: string): void {
  const found = PERSONAL.exec(text)
  if (!found) return
  throw new Problem(`${name} names a place of this machine: ${text.slice(found.index, found.index + 80)}`, {
    hint: 'record it in another checkout, or teach lab/recordings.ts to leave that out',
  })
}

/** The same run as if it had happened elsewhere. Ids of containers and of the daemon are left as they are. */
export function withoutNames(run: RecordedRun): RecordedRun {
  const hosts = run.events.flatMap(event => ('host' in event ? [event.host] : []))
  const names: [string, string][] = [
    [run.target.root, ROOT],
    // A host of that name is every host, and stands in addresses.
    ...hosts.filter(host => host !== 'localhost').map((host): [string, string] => [host, HOST]),
  ]
  const replaced = names.reduce((value, [name, by]) => replacedIn(value, whole(name), by), run)
  const events = replaced.events.map(event =>
    'operator' in event ? { ...event, operator: OPERATOR } : event,
  )
  return { ...replaced, events }
}

/** The name as a word of its own: a short one must not be found inside of another. */
function whole(name: string): RegExp {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\w.-])${plain}(?![\\w-])`, 'g')
}

function replacedIn<T>(value: T, name: RegExp, by: string): T {
  if (typeof value === 'string') return value.replace(name, by) as T
  if (Array.isArray(value)) return value.map(each => replacedIn(each, name, by)) as T
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, replacedIn(each, name, by)]),
  ) as T
}
