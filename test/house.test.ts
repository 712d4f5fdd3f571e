import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { assert, describe } from './describe.ts'

/** Each package has one file that may import it; whoever reads that file knows all uses. */
const OWNERS: Record<string, readonly string[]> = {
  zx: ['lab/shell.ts'],
  pg: ['lab/platform/postgres.ts'],
  esbuild: ['lab/bundle.ts'],
  croner: ['lib/cron.ts'],
  'prom-client': ['tools/metrics/text.ts'],
  minio: ['lib/objects.ts'],
  yaml: ['lib/config.ts', 'tools/page-alerts.ts'],
  ajv: ['lib/schema.ts'],
  execa: ['lib/exec.ts'],
  listr2: ['runbook/pipeline.ts'],
  '@clack/prompts': ['runbook/ask.ts'],
  chalk: ['lib/style.ts'],
  uvu: ['test/describe.ts', 'test/run.ts'],
}

/** What a room may import, besides itself. */
const ROOMS: Record<string, readonly string[]> = {
  lib: [],
  runbook: ['lib'],
  stores: ['lib', 'runbook'],
  steps: ['lib', 'runbook', 'stores'],
  scenarios: ['lib', 'runbook', 'stores', 'steps'],
  tools: ['lib', 'runbook', 'stores', 'steps', 'scenarios'],
  lab: ['lib', 'runbook', 'stores', 'steps', 'scenarios', 'tools'],
}

interface Source {
  file: string
  text: string
  imports: string[]
}

/** The sources of a folder, as paths from the root of the checkout. */
function sources(folder: string): Source[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter(name => /\.(ts|mjs)$/.test(name)).map(name => read(join(folder, name)))
}

function read(file: string): Source {
  const text = readFileSync(file, 'utf8')
  // Static, side-effect and dynamic imports, type imports included.
  const found = text.matchAll(/ from '([^']+)'$|^import '([^']+)'$|\bimport\('([^']+)'\)/gm)
  return { file, text, imports: [...found].map(match => (match[1] ?? match[2] ?? match[3])!) }
}

/** The source without its comments. */
function code({ text }: Source): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function roomOf(file: string): string {
  return file.split('/')[0]!
}

const PRODUCT = Object.keys(ROOMS).filter(room => room !== 'lab')
const ALL = [...Object.keys(ROOMS), 'test']
  .flatMap(sources)
  .filter(({ file }) => !file.includes('/fixtures/'))
const product = ALL.filter(({ file }) => PRODUCT.includes(roomOf(file)))

/** Lines such as `a.ts: imports x`, so that a failure says everything at once. */
function breaches(all: readonly Source[], find: (source: Source) => readonly string[]): string[] {
  return all.flatMap(source => find(source).map(what => `${source.file}: ${what}`))
}

describe('house rules', suite => {
  suite.test('there is something to look at', () => assert.ok(product.length > 50))

  suite.test('each third-party package has exactly one owner', () => {
    const used = new Map<string, Set<string>>()
    for (const { file, imports } of ALL) {
      for (const name of imports.map(packageOf))
        if (name) used.set(name, (used.get(name) ?? new Set()).add(file))
    }
    const found = Object.fromEntries([...used].map(([name, files]) => [name, [...files].sort()]))
    assert.equal(Object.entries(found).sort(), Object.entries(OWNERS).sort())
  })

  suite.test('every dependency is used, and every package that is used is one', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const programs = ['@biomejs/biome', 'tsx', 'typescript', '@types/node', '@types/pg']
    const all = Object.keys({ ...dependencies, ...devDependencies })
    assert.equal(all.filter(name => !programs.includes(name)).sort(), Object.keys(OWNERS).sort())
  })

  suite.test('imports point one way, and nothing but lab and test imports lab', () => {
    const wrong = breaches(product, ({ file, imports }) => {
      const inside = imports.filter(specifier => specifier.startsWith('.'))
      const rooms = inside.map(specifier => roomOf(relative('.', resolve(dirname(file), specifier))))
      const allowed = [roomOf(file), 'package.json', ...ROOMS[roomOf(file)]!]
      return rooms.filter(room => !allowed.includes(room)).map(room => `imports ${room}`)
    })
    assert.equal(wrong, [])
  })

  suite.test('a step holds its tree and its prose and nothing else', () => {
    const steps = product.filter(({ file }) => roomOf(file) === 'steps')
    const wrong = breaches(steps, source => [
      ...source.imports
        .filter(name => /^(node:)?(fs|child_process)\b|execa/.test(name))
        .map(n => `imports ${n}`),
      ...(code(source).includes('process.env') ? ['reads process.env'] : []),
      ...(/^class |console\.|process\.exit/m.test(code(source))
        ? ['does more than say what is to be done']
        : []),
    ])
    assert.equal(wrong, [])
  })

  suite.test('only lib/compose.ts runs docker', () => {
    const others = product.filter(({ file }) => file !== 'lib/compose.ts')
    // The program is a word of its own in an argv; sentences for people may name it.
    const wrong = breaches(others, source => code(source).match(/\[\s*['"]docker['"]/g) ?? [])
    assert.equal(wrong, [])
  })

  suite.test('nothing runs a shell with a text', () => {
    const wrong = breaches(
      product,
      source => code(source).match(/shell: true|\bexecSync\(|\bexec\(['"`]/g) ?? [],
    )
    assert.equal(wrong, [])
  })

  suite.test('files are small enough to read in one sitting: the median is under 100 lines', () => {
    const lengths = product.map(({ text }) => text.split('\n').length).sort((a, b) => a - b)
    const median = lengths[lengths.length >> 1]!
    assert.ok(median < 100, `the median is ${median} lines`)
  })

  suite.test('functions fit on a screen', () => {
    // `compose` is a table of commands, one an entry. Formatted by biome: a top-level function or a method ends where its own indentation returns.
    const wrong = breaches(product, ({ text }) => {
      const found = text.matchAll(
        /^( {0,2})(?:export |async |static )*(?:function\*? )?(#?\w+)\([^\n]*\{\n([\s\S]*?)\n\1\}/gm,
      )
      const long = [...found].filter(
        ([, , name, body]) => body!.split('\n').length > 60 && name !== 'compose',
      )
      return long.map(([, , name, body]) => `${name} has ${body!.split('\n').length} lines`)
    })
    assert.equal(wrong, [])
  })

  suite.test('no test sleeps: waiting is polling, in one place', () => {
    // A benchmark writes the script that it is compared with; that one may poll as shells do.
    const tests = ALL.filter(({ file }) => file.startsWith('test/') && !file.startsWith('test/bench/'))
    const allowed = ['test/poll.ts', 'test/describe.ts', 'test/run.ts', 'test/house.test.ts']
    // It puts a fake in the place of the program that a printed script waits with.
    allowed.push('test/runbook/shell.test.ts')
    const wrong = breaches(
      tests.filter(({ file }) => !allowed.includes(file)),
      source => code(source).match(/\bsetTimeout\(|timers\/promises|\bsleep\b/g) ?? [],
    )
    assert.equal(wrong, [])
  })

  suite.test('no machine, no path of a home and no inner address stands in a file', () => {
    const everything = [...ALL, ...['README.md', 'RUNBOOK.md', 'CHANGELOG.md', 'package.json'].flatMap(there)]
    const wrong = breaches(everything, ({ file, text }) =>
      file === 'test/house.test.ts' ? [] : (text.match(/\/work\/|\/root\/\w|\/home\/\w+/g) ?? []),
    )
    assert.equal(wrong, [])
  })
})

function there(file: string): Source[] {
  try {
    return [read(file)]
  } catch {
    return []
  }
}
