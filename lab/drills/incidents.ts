import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LabTarget } from '../target.ts'

/** Names of the incident folders there are. */
export function incidentNames(target: LabTarget): string[] {
  const folder = join(target.root, 'incidents')
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** The folder of the newest incident that is not among `earlier`; undefined when no run has begun. */
export function newIncident(target: LabTarget, earlier: readonly string[]): string | undefined {
  const name = incidentNames(target)
    .filter(each => !earlier.includes(each))
    .at(-1)
  return name === undefined ? undefined : join(target.root, 'incidents', name)
}
