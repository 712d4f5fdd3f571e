import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { faultNamed } from '../lab/faults/faults.ts'
import type { Command } from '../lib/command.ts'
import { quote } from '../lib/render.ts'
import type { Store } from '../lib/target.ts'
import type { StoreKind } from '../runbook/model.ts'
import { commandsOf, type Item, resolve } from '../runbook/plan.ts'
import { PROBLEMS } from '../stores/diagnosis.ts'
import { page, pageFacts, pageSteps, pageTarget } from '../tools/page.ts'
import { assert, describe } from './describe.ts'
import { program, tempDir } from './fakes.ts'

const ROOT = join(import.meta.dirname, '..')

/** Every command of every step with its undo, in the order of the page. */
function expected(): Command[] {
  const target = pageTarget(ROOT)
  return pageSteps().flatMap(step =>
    [...commandsOf(withoutSteps(resolve(step.nodes, pageFacts(target, step.about))))].flatMap(
      ({ command, undo }) => (undo && 'argv' in undo ? [command, undo] : [command]),
    ),
  )
}

/** A step inside of another one has a chapter of its own. */
function withoutSteps(items: readonly Item[]): Item[] {
  return items.flatMap((item): Item[] => {
    if (item.kind === 'step') return []
    if (item.kind === 'loop') return [{ ...item, items: withoutSteps(item.items) }]
    if (item.kind === 'lanes')
      return [{ ...item, lanes: item.lanes.map(lane => ({ ...lane, items: withoutSteps(lane.items) })) }]
    return [item]
  })
}

/** The shell blocks of the chapter with the steps, without their indent. */
function blocks(): string[] {
  const text = page(ROOT)
  const chapter = text.slice(text.indexOf('\n## Recovery procedures'), text.indexOf('\n## Scenarios'))
  return [...chapter.matchAll(/^( *)```sh\n([\s\S]*?)\n\1```$/gm)].map(([, indent, body]) =>
    body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

/** What only one kind of store has: its programs and directories, and the tools that read it. */
const OWN: [StoreKind, RegExp][] = [
  ['qdrant', /\/qdrant\/storage|tools\/points\.ts/],
  ['neo4j', /cypher-shell|neo4j-admin|\/data\/databases|tools\/graph\.ts/],
  ['postgres', /\bpsql\b|\bpg_(dump|restore|dumpall)\b|PGDATA|tools\/rows\.ts/],
]

/** What a command is of, and the stores of another kind where it looks, or with whose name it calls its container. */
function elsewhere(argv: readonly string[], stores: readonly Store[]): string[] {
  const kind = OWN.find(([, pattern]) => pattern.test(argv.join(' ')))?.[0]
  // The first is where it looks; what comes after that may be a database, or what is compared with it.
  const first = argv.find(word => stores.some(({ name, service }) => word === name || word === service))
  const host = argv[0] === 'docker' && argv.includes('-h') ? argv[argv.indexOf('-h') + 1] : undefined
  const container = argv.includes('--name') ? argv[argv.indexOf('--name') + 1]! : ''
  const isMeant = ({ name, service }: Store) =>
    [first, host].some(word => word === name || word === service) || container.includes(`-${name}-`)
  return stores.filter(store => kind && store.kind !== kind && isMeant(store)).map(({ name }) => name)
}

/** An empty file for a command that reads one. */
function place(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
}

describe('the drills that the page names', suite => {
  const text = page(ROOT)
  const paragraphs = text.slice(text.indexOf('\n## Troubleshooting')).split('\n\n')

  suite.test('are there', () => {
    const files = [...text.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file!)
    assert.ok(files.length > 0)
    for (const file of files) assert.ok(existsSync(join(ROOT, file)), file)
    const faults = [...text.matchAll(/npm run drill -- ([a-z]\S*?)`/g)].map(([, fault]) => fault!)
    assert.ok(faults.length > 0)
    for (const fault of faults) faultNamed(fault)
  })

  for (const problem of Object.keys(PROBLEMS)) {
    suite.test(`belong to a trouble that is looked for: ${problem}`, () => {
      const paragraph = paragraphs.find(each => each.includes(`** (\`${problem}\`)`))
      assert.match(paragraph ?? '', /test\/drill\/|npm run drill -- /)
    })
  }
})

describe('what the page cannot know', suite => {
  const stores = Object.values(pageTarget(ROOT).stores)

  suite.test('stands there as a name to fill in, and never as undefined', () => {
    assert.not.match(page(ROOT), /\bundefined\b/)
    assert.match(page(ROOT), /docker inspect --format '\{\{\.RestartCount\}\}' '<container>'/)
  })

  suite.test('is no reason to look at one store in the container of another', () => {
    for (const { argv } of expected()) assert.equal(elsewhere(argv, stores), [], argv.join(' '))
  })

  suite.test('gives a step that is about no kind of store none at all', () => {
    assert.not('store' in pageFacts(pageTarget(ROOT)))
    assert.is(pageFacts(pageTarget(ROOT), 'neo4j').store.name, 'neo4j')
  })

  const psql = ['docker', 'compose', 'exec', '-T', 'postgres', 'psql', '-h', 'postgres', '-d', 'neo4j']
  const strayed: [argv: string[], to: string[]][] = [
    [psql, []],
    [psql.with(4, 'qdrant'), ['qdrant']],
    [psql.with(7, 'neo4j'), ['neo4j']],
    [['npx', 'tsx', 'tools/graph.ts', 'look', 'qdrant'], ['qdrant']],
    [['npx', 'tsx', 'tools/points.ts', 'references', 'qdrant', 'documents', 'postgres'], []],
    [['docker', 'compose', 'run', '--name', 'p-qdrant-place-x', 'postgres', 'echo $PGDATA'], ['qdrant']],
    [['docker', 'compose', 'logs', 'qdrant'], []],
  ]
  for (const [argv, to] of strayed) {
    suite.test(`one that does is found: ${argv.join(' ')}`, () => assert.equal(elsewhere(argv, stores), to))
  }
})

describe('the commands of the page', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  const out = join(dir, 'argv')
  mkdirSync(bin)
  mkdirSync(join(dir, 'incidents/<incident>'), { recursive: true })

  suite.before(() => {
    const names = new Set(expected().map(command => command.argv[0]))
    for (const name of names) program(bin, name, `printf '%s\\0' ${name} "$@" > '${out}'`)
  })

  suite.test('are all there, and no other', () => {
    assert.ok(expected().length > 40, 'the page has hardly any command')
    assert.is(blocks().length, expected().length)
  })

  suite.test('run through sh they give the argv that the program runs', () => {
    const wanted = expected()
    for (const [index, text] of blocks().entries()) {
      rmSync(out, { force: true })
      const { stdin, stdout } = wanted[index]!
      if (stdout) mkdirSync(dirname(join(dir, stdout)), { recursive: true })
      if (stdin && 'file' in stdin) place(join(dir, stdin.file))
      execFileSync('/bin/sh', ['-c', text], { cwd: dir, env: { PATH: bin } })
      const argv = readFileSync(out, 'utf8').split('\0').slice(0, -1)
      assert.equal(argv, [...wanted[index]!.argv], text)
    }
  })

  suite.test('fit into 80 columns, as far as their words do', () => {
    // A word of several lines, such as a query, stays as its author has broken it.
    const words = expected().flatMap(({ argv, stdin }) => [
      ...argv,
      ...(stdin && 'values' in stdin ? stdin.values.map(String) : []),
    ])
    const inside = words
      .filter(word => word.includes('\n'))
      .flatMap(word => quote(word).split('\n'))
      .filter(part => part.length > 40)
    const wide = blocks()
      .flatMap(text => text.split('\n'))
      .filter(line => line.length > 80 && !inside.some(part => line.includes(part)))
    for (const line of wide) {
      const words = line.trim().replace(/ \\$/, '')
      assert.ok(/^'.*'$|^[^ ]+( >)?$/.test(words), `could be broken: ${line}`)
    }
  })

  suite.test('show no secret', () => {
    const text = page(ROOT)
    for (const value of ['minioadmin', 'neo4j_password', 'ai_password']) assert.not.match(text, value)
  })
})
