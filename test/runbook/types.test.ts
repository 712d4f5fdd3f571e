import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const HEAD = `
import { type Command, command, type Output } from '${resolve('lib/command.ts')}'
import type { Write } from '${resolve('runbook/model.ts')}'
import { scenario, step } from '${resolve('runbook/tree.ts')}'

const run = (word: string): Command => command(['echo', word])
const learn = (o: Output) => ({ size: o.stdout.length })
const probe = { look: () => run('look'), state: () => 'done' as const }
const text = { id: 'a', title: 'Do it', why: 'Because.' }
const recovery = {
  id: 'r', title: 'R', stores: ['qdrant'] as const, symptoms: [], rtoMinutes: 1, abort: '', quarantine: () => [],
}
export type Used = Write<object> | typeof learn | typeof probe | typeof text | typeof recovery | typeof scenario
void [learn, probe, text, recovery, scenario, step]
`

/** Each pair differs in one point: the first must compile, the second must not. */
const PAIRS: Record<string, { good: string; bad: string; error: RegExp }> = {
  'a fact that is not learned yet': {
    good: `export const s = step<object>({ ...text, body: s => s.read('look', () => run('x'), learn).read('use', f => run(String(f.size))) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.read('use', f => run(String(f.size))).read('look', () => run('x'), learn) })`,
    error: /'size' does not exist/,
  },
  'a fact with another type': {
    good: `export const s = step<{ name: string }>({ ...text, body: s => s.read('use', f => run(f.name)) })`,
    bad: `export const s = step<{ name: number }>({ ...text, body: s => s.read('use', f => run(f.name)) })`,
    error: /not assignable to parameter of type 'string'/,
  },
  'a write without probe': {
    good: `export const s = step<object>({ ...text, body: s => s.write('do', { run: () => run('x'), probe, undo: { none: 'harmless' } }) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.write('do', { run: () => run('x'), undo: { none: 'harmless' } }) })`,
    error: /'probe' is missing/,
  },
  'a write without undo': {
    good: `export const s = step<object>({ ...text, body: s => s.write('do', { run: () => run('x'), probe, undo: () => run('back') }) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.write('do', { run: () => run('x'), probe }) })`,
    error: /'undo' is missing/,
  },
  'a write whose probe says yes or no': {
    good: `export const w: Write<object> = { run: () => run('x'), probe: { look: () => run('y'), state: () => 'absent' }, undo: { none: 'x' } }`,
    bad: `export const w: Write<object> = { run: () => run('x'), probe: { look: () => run('y'), state: () => true }, undo: { none: 'x' } }`,
    error: /not assignable to type 'WorldState'/,
  },
  'a promised fact that is never learned': {
    good: `export const s = step<object, { size: number }>({ ...text, body: s => s.read('look', () => run('x'), learn) })`,
    bad: `export const s = step<object, { size: number }>({ ...text, body: s => s.read('look', () => run('x')) })`,
    error: /'size' is missing|not assignable/,
  },
  'a fact learned inside a branch and used outside': {
    good: `export const s = step<object>({ ...text, body: s => s.when('so', () => true, s => s.read('look', () => run('x'), learn).read('use', f => run(String(f.size)))) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.when('so', () => true, s => s.read('look', () => run('x'), learn)).read('use', f => run(String(f.size))) })`,
    error: /'size' does not exist/,
  },
  'a fact of one lane in another, which runs beside it': {
    good: `export const s = step<object>({ ...text, body: s => s.lanes({ a: s => s.read('look', () => run('x'), learn), b: s => s.read('see', () => run('y')) }).read('use', f => run(String(f.size))) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.lanes({ a: s => s.read('look', () => run('x'), learn), b: s => s.read('use', f => run(String(f.size))) }) })`,
    error: /'size' does not exist/,
  },
  'the element of a loop outside of it': {
    good: `export const s = step<{ names: string[] }>({ ...text, body: s => s.each('name', f => f.names, s => s.read('use', f => run(f.name))) })`,
    bad: `export const s = step<{ names: string[] }>({ ...text, body: s => s.each('name', f => f.names, s => s).read('use', f => run(f.name)) })`,
    error: /'name' does not exist/,
  },
  'a scenario whose facts do not flow': {
    good: `
const gives = step<object, { size: number }>({ ...text, body: s => s.read('look', () => run('x'), learn) })
const needs = step<{ size: number }>({ ...text, id: 'b', body: s => s.read('use', f => run(String(f.size))) })
export const s = scenario<object>({ ...recovery, body: s => s.step(gives).step(needs) })`,
    bad: `
const gives = step<object, { size: number }>({ ...text, body: s => s.read('look', () => run('x'), learn) })
const needs = step<{ size: number }>({ ...text, id: 'b', body: s => s.read('use', f => run(String(f.size))) })
export const s = scenario<object>({ ...recovery, body: s => s.step(needs).step(gives) })`,
    error: /not assignable/,
  },
  'a verdict that is not one of the four': {
    good: `export const s = step<object>({ ...text, body: s => s.check('so', () => run('x'), () => ({ verdict: 'unchecked', found: '' })) })`,
    bad: `export const s = step<object>({ ...text, body: s => s.check('so', () => run('x'), () => ({ verdict: 'ok', found: '' })) })`,
    error: /"ok".* not assignable/,
  },
}

describe('what does not compile', suite => {
  const dir = tempDir(suite)
  let printed = ''
  suite.before(() => {
    mkdirSync(join(dir, 'snippets'))
    for (const [index, { good, bad }] of Object.values(PAIRS).entries()) {
      writeFileSync(join(dir, 'snippets', `${index}-good.ts`), HEAD + good)
      writeFileSync(join(dir, 'snippets', `${index}-bad.ts`), HEAD + bad)
    }
    const config = {
      extends: resolve('tsconfig.json'),
      compilerOptions: { typeRoots: [resolve('node_modules/@types')] },
      include: ['snippets'],
    }
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
    const tsc = resolve('node_modules/.bin/tsc')
    printed = spawnSync(tsc, ['--project', dir, '--pretty', 'false'], {
      encoding: 'utf8',
      timeout: 25_000,
    }).stdout
  })
  const errorsOf = (file: string) => {
    const lines = printed.split('\n')
    const from = lines.findIndex(line => line.includes(`/${file}`) || line.startsWith(`snippets/${file}`))
    if (from < 0) return ''
    const next = lines.findIndex((line, index) => index > from && /^\S*-(good|bad)\.ts\(/.test(line))
    return lines.slice(from, next < 0 ? undefined : next).join('\n')
  }

  for (const [index, [title, { error }]] of Object.entries(PAIRS).entries()) {
    suite.test(`${title}`, () => {
      assert.is(errorsOf(`${index}-good.ts`), '')
      assert.match(errorsOf(`${index}-bad.ts`), error)
    })
  }
})
