import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, relative } from 'node:path'
import { stamp } from '../lib/format.ts'
import { Journal, type Recorded, readJournal } from '../lib/journal.ts'
import { operator } from '../lib/lock.ts'
import { badInput } from '../lib/problem.ts'
import type { Target } from '../lib/target.ts'
import { endLeftovers } from './leftovers.ts'
import { Memory } from './memory.ts'

/** An incident that is worked on: its journal and what it remembers. */
export interface Incident {
  name: string
  /** UTC stamp of its begin. */
  id: string
  /** Relative to the target's root, so that printed commands stay short. */
  folder: string
  journal: Journal
  memory: Memory
  /** What an earlier, dead run has written. */
  before: readonly Recorded[]
}

/** Makes a new incident folder and writes its first event. */
export function openIncident(
  target: Target,
  scenario: string,
  version: string,
  rtoMinutes: number,
): Incident {
  const name = freeName(target, scenario)
  const incident = incidentAt(target, name, [])
  incident.journal.open()
  incident.journal.write({
    kind: 'opened',
    scenario,
    incident: name,
    project: target.runtime.project,
    host: hostname(),
    operator: operator(),
    version,
    rtoMinutes,
  })
  return incident
}

/** Named by its second; two installations worked on from one directory never share a folder. */
function freeName(target: Target, scenario: string): string {
  mkdirSync(target.incidents, { recursive: true })
  for (let time = Date.now(); ; time += 1000) {
    const name = `${stamp(new Date(time))}-${scenario}`
    try {
      mkdirSync(join(target.incidents, name))
      return name
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Goes on with an incident of this scenario: the named one, or the newest that is not finished. */
export function resumeIncident(
  target: Target,
  scenario: string,
  name?: string,
  { adopt = false } = {},
): Incident {
  const chosen = name ?? unfinished(target, scenario)[0]
  if (!chosen)
    throw badInput(
      `there is no unfinished ${scenario} incident in ${target.incidents}`,
      'start without --resume',
    )
  if (!/^[\w-]+$/.test(chosen) || !existsSync(join(target.incidents, chosen, 'journal.jsonl'))) {
    throw badInput(`there is no incident ${chosen.slice(0, 60)}`, `those there are: ls ${target.incidents}`)
  }
  const before = readJournal(join(target.incidents, chosen))
  const opened = before.find(event => event.kind === 'opened')
  if (
    opened?.kind !== 'opened' ||
    opened.scenario !== scenario ||
    opened.project !== target.runtime.project
  ) {
    throw badInput(
      `${chosen} is not a ${scenario} of project ${target.runtime.project}`,
      'resume it with its own scenario and configuration',
    )
  }
  const incident = incidentAt(target, chosen, before)
  incident.journal.open()
  incident.journal.write({
    kind: 'resumed',
    host: hostname(),
    operator: operator(),
    ...(adopt ? { adopt } : {}),
  })
  for (const text of endLeftovers(before)) incident.journal.write({ kind: 'note', text })
  return incident
}

/** Incidents of a scenario that no run has closed as recovered, newest first. */
export function unfinished(target: Target, scenario: string): string[] {
  if (!existsSync(target.incidents)) return []
  const names = readdirSync(target.incidents).filter(name => name.endsWith(`-${scenario}`))
  return names
    .filter(name => {
      const events = existsSync(join(target.incidents, name, 'journal.jsonl'))
        ? readJournal(join(target.incidents, name))
        : []
      const ours = events.some(event => event.kind === 'opened' && event.project === target.runtime.project)
      return ours && !events.some(event => event.kind === 'closed' && event.exitCode === 0)
    })
    .sort()
    .reverse()
}

function incidentAt(target: Target, name: string, before: readonly Recorded[]): Incident {
  const path = join(target.incidents, name)
  const journal = new Journal(path, name)
  const memory = new Memory(before)
  journal.listen(event => memory.remember(event))
  return { name, id: name.slice(0, 15), folder: relative(target.root, path), journal, memory, before }
}
