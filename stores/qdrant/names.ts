import type { Run } from '../base.ts'

/** The name a collection is recovered under. A second recovery does not pile up suffixes. */
export function freshName(name: string, run: Run): string {
  return `${baseName(name)}__r_${run.id}`
}

/** The name a collection had before any recovery. */
export function baseName(name: string): string {
  return name.replace(/__r_\d{8}_\d{6}$/, '')
}

/** The collection that stands today for one the backup knows: itself, or its recovered copy in use. */
export function currentName(name: string, aliases: Record<string, string>): string {
  const targets = Object.values(aliases)
  if (targets.includes(name)) return name
  return targets.find(to => to !== baseName(to) && baseName(to) === baseName(name)) ?? name
}

/**
 * A collection whose place was taken by a recovered copy: it is in quarantine, not in use. Names that
 * only a verification made are not in use either.
 */
export function isSuperseded(name: string, aliases: Record<string, string>): boolean {
  return /__v_\d{8}_\d{6}$/.test(name) || currentName(name, aliases) !== name
}
