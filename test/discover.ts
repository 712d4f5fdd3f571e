import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Folders that need Docker, the fixtures, and measurements: run by name only. */
const NOT_UNIT = ['test/drill', 'test/contract', 'test/fixtures', 'test/bench']

/**
 * The `*.test.ts` files of these files and folders, sorted; without any, those of all unit tests. Throws
 * for a path that is not there.
 */
export function discover(paths: readonly string[]): string[] {
  const found = paths.length > 0 ? paths.flatMap(filesOf) : filesOf('test').filter(isUnit)
  return [...new Set(found)].sort()
}

function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new Error(`there is no ${path} to test`)
  // A file that is named is meant, whatever it is called.
  if (stats.isFile()) return [path]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.test.ts')).map(name => join(path, name))
}

function isUnit(file: string): boolean {
  const plain = relative('.', file).split(sep).join('/')
  return !NOT_UNIT.some(folder => plain.startsWith(`${folder}/`))
}
