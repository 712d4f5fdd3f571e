import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../../lib/command.ts'
import { Memory } from '../../runbook/memory.ts'
import { PARACHUTE, Parachute } from '../../runbook/parachute.ts'
import { Sequence, step } from '../../runbook/tree.ts'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const probe = { look: () => command(['probe']), state: () => 'done' as const }
const restore = step<{ name: string }>({
  id: 'restore',
  title: 'Restore',
  why: '',
  body: s =>
    s
      .write('copy', { run: f => command(['say', 'copy', f.name]), probe, undo: { none: 'a copy' } })
      .read(
        'look',
        () => command(['say', 'look']),
        () => ({ found: 'what was found' }),
      )
      .write('switch', {
        run: f => command(['say', 'switch', f.found]),
        probe,
        undo: f => command(['say', 'back', f.found]),
      }),
})
const NODES = new Sequence<{ name: string }>().step(restore).nodes
const WRITE = { effect: 'write', command: '' } as const

describe('the script for the case that Node dies', suite => {
  const dir = tempDir(suite)
  const read = () => readFileSync(join(dir, PARACHUTE), 'utf8')
  const facts = { name: 'documents', run: { folder: dir } }
  const told: string[] = []

  suite.test('holds what is known when the incident opens, and all of it with the plan', () => {
    const parachute = new Parachute(dir, NODES, new Memory(), text => told.push(text))
    parachute.pack({ run: facts.run })
    assert.match(read(), "say copy '<name>'")
    parachute.pack(facts)
    assert.match(read(), 'say copy documents')
    assert.is(statSync(join(dir, PARACHUTE)).mode & 0o777, 0o700)
  })

  suite.test('holds what is still to be done, with what the run has learned', () => {
    const memory = new Memory()
    const parachute = new Parachute(dir, NODES, memory, text => told.push(text))
    parachute.pack(facts)
    memory.remember({ kind: 'started', path: 'restore/0', say: 'copy', ...WRITE })
    memory.remember({ kind: 'finished', path: 'restore/0', say: 'copy', effect: 'write', ms: 1 })
    const found = { found: 'what was found' }
    memory.remember({
      kind: 'finished',
      path: 'restore/1',
      say: 'look',
      effect: 'read',
      ms: 1,
      learned: found,
    })
    parachute.repack()
    assert.match(read(), '# done already: copy')
    const bin = tempDir(suite)
    program(bin, 'say', 'echo "$@"')
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
    const printed = execFileSync('sh', [join(dir, PARACHUTE)], { encoding: 'utf8', env })
    assert.is(printed, 'switch what was found\n')
  })

  suite.test('is told once when it cannot be written, and holds nothing up', () => {
    const nowhere = join(dir, 'not-there')
    const parachute = new Parachute(nowhere, NODES, new Memory(), text => told.push(text))
    parachute.pack(facts)
    parachute.repack()
    assert.is(told.length, 1)
    assert.match(told[0]!, 'could not be written: ENOENT')
  })
})
