import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One installed package as the lock file has it. */
export interface LockedPackage {
  /** Folder from the root of the project: `node_modules/pg`. */
  path: string
  name: string
  version: string
  license: string
  /** Name of what it depends on → the range it asks for and the version it gets. */
  dependencies: readonly { name: string; version: string; range: string }[]
  /** False for packages made for one operating system: whether they are installed differs by machine. */
  everywhere: boolean
}

interface Entry {
  version?: string
  license?: string
  os?: string[]
  cpu?: string[]
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

type Entries = Record<string, Entry>

/** The packages of package-lock.json in the order of their paths, without the project itself. */
export function readLockFile(root: string): LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Entries }
  return lockedPackages(lock.packages)
}

export function lockedPackages(entries: Entries): LockedPackage[] {
  return Object.keys(entries)
    .filter(path => path !== '')
    .sort(byCodeUnit)
    .map(path => lockedPackage(entries, path))
}

/** The same order on every machine; localeCompare depends on the language of the operator. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function lockedPackage(entries: Entries, path: string): LockedPackage {
  const entry = entries[path] ?? {}
  const wanted = { ...entry.dependencies, ...entry.optionalDependencies }
  return {
    path,
    name: nameOf(path),
    version: entry.version ?? '0.0.0',
    license: entry.license ?? 'unknown',
    everywhere: !entry.os && !entry.cpu,
    dependencies: Object.entries(wanted)
      .map(([name, range]) => ({ name, range, version: resolve(entries, path, name) ?? '' }))
      .filter(({ version }) => version !== '')
      .sort((a, b) => byCodeUnit(a.name, b.name)),
  }
}

/** The version that Node would find: in the package's own folder, else in those above it. */
function resolve(entries: Entries, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = parent(folder)) {
    const found = entries[folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`]
    if (found) return found.version
    if (!folder) return undefined
  }
}

function parent(path: string): string {
  const at = path.lastIndexOf('/node_modules/')
  return at < 0 ? '' : path.slice(0, at)
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
