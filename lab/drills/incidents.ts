import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabTarget } from '../target.ts'

const folder = (target: LabTarget) => join(target.root, 'incidents')

/** Names of the incidents of this practice ground: others write into the same folder. */
export function incidentNames(target: LabTarget): string[] {
  if (!existsSync(folder(target))) return []
  const names = readdirSync(folder(target)).sort()
  return names.filter(name => projectOf(join(folder(target), name)) === target.project)
}

/** The first event of a journal says where it happened. */
function projectOf(incident: string): string | undefined {
  const file = join(incident, 'journal.jsonl')
  const first = existsSync(file) ? readFileSync(file, 'utf8').split('\n', 1)[0] : ''
  try {
    return (JSON.parse(first || '{}') as { project?: string }).project
  } catch {
    return undefined
  }
}

/** The folder of the newest incident that is not among `earlier`; undefined when no run has begun. */
export function newIncident(target: LabTarget, earlier: readonly string[]): string | undefined {
  const name = incidentNames(target)
    .filter(each => !earlier.includes(each))
    .at(-1)
  return name === undefined ? undefined : join(folder(target), name)
}
