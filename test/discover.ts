import { readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Folders that need Docker, the fixtures, and measurements: run by name only. */
const NOT_UNIT = ['test/drill', 'test/contract', 'test/fixtures', 'test/bench']

/** Tests that start whole programs over and over: seconds each, so `npm test` runs them and `npm run check` does not. */
const PROGRAM = '.program.test.ts'

/** The tests of whole programs that need no engine. */
export function discoverPrograms(): string[] {
  return filesOf('test')
    .filter(file => inRoom(file) && file.endsWith(PROGRAM))
    .sort()
}

/**
 * The `*.test.ts` files of these files and folders, sorted; without any, those of all quick unit tests. Throws
 * for a path that is not there.
 */
export function discover(paths: readonly string[]): string[] {
  const found =
    paths.length > 0
      ? paths.flatMap(filesOf)
      : filesOf('test').filter(file => inRoom(file) && !file.endsWith(PROGRAM))
  return [...new Set(found)].sort()
}

/**
 * The same files, those with these names first, in this order: what takes longest is begun first, so that all
 * processes end at about the same time. Throws for a name that no file has any more.
 */
export function longestFirst(files: readonly string[], names: readonly string[]): string[] {
  const long = names.map(name => {
    const found = files.find(file => file.endsWith(`/${name}.test.ts`))
    if (!found) throw new Error(`no test file is called ${name}`)
    return found
  })
  return [...long, ...files.filter(file => !long.includes(file))]
}

function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new Error(`there is no ${path} to test`)
  // A file that is named is meant, whatever it is called.
  if (stats.isFile()) return [path]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return names.filter(name => name.endsWith('.test.ts')).map(name => join(path, name))
}

/** Beside the code it tests, not among what needs Docker. */
function inRoom(file: string): boolean {
  const plain = relative('.', file).split(sep).join('/')
  return !NOT_UNIT.some(folder => plain.startsWith(`${folder}/`))
}
