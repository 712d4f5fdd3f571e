import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compose } from '../../lib/compose.ts'
import { readJournal } from '../../lib/journal.ts'
import { told } from '../../lib/lock.ts'
import type { Target } from '../../lib/target.ts'
import { openIncident, resumeIncident } from '../../runbook/incident.ts'
import { inherit } from '../../runbook/inherit.ts'
import { assert, describe } from '../describe.ts'
import { onPath, tempDir } from '../fakes.ts'

const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
const LOCK = { id: 'any' }
const SCENARIO = 'qdrant-corruption'

describe('an incident that was worked on elsewhere', suite => {
  const dir = tempDir(suite)
  suite.before(() => {
    process.env.FAKE_DOCKER = dir
  })
  onPath(suite, resolve('test/fixtures/bin'))
  let next = 0
  /** A machine with its own incidents; all of them reach the one daemon. */
  const machine = (): Target => {
    const root = join(dir, `machine-${next++}`)
    mkdirSync(root)
    return { root, incidents: join(root, 'incidents'), runtime } as Target
  }
  /** Works on an incident and leaves its journal in the log of the lock. */
  const work = (target: Target) => {
    const incident = openIncident(target, SCENARIO, '1.0', 15)
    const { journal } = incident
    journal.write({ kind: 'started', path: 's/0', say: 'fetch', effect: 'keep', command: 'c' })
    journal.write({ kind: 'finished', path: 's/0', say: 'fetch', effect: 'read', ms: 1 })
    journal.write({ kind: 'started', path: 's/1', say: 'put', effect: 'write', command: 'c', undo: 'u' })
    journal.write({ kind: 'finished', path: 's/1', say: 'put', effect: 'write', ms: 1 })
    tell(journal.read())
    return incident
  }
  const tell = (events: ReturnType<typeof readJournal>) =>
    writeFileSync(join(dir, 'log'), `what a person wrote\n${events.map(told).join('')}`)

  suite.test('is rebuilt from the log: writes stay done, what was kept in files is kept again', async () => {
    const { name, journal } = work(machine())
    const there = machine()
    await inherit(there, LOCK)
    assert.equal(readJournal(join(there.incidents, name)).slice(0, -1), journal.read())
    const { memory } = resumeIncident(there, SCENARIO, name)
    assert.is(memory.of('s/0'), undefined)
    assert.is(memory.of('s/1')?.state, 'finished')
  })

  suite.test('stays as it is where its folder is whole', async () => {
    const here = machine()
    const { journal, name } = work(here)
    const before = journal.read()
    await inherit(here, LOCK)
    assert.equal(journal.read(), before)
    assert.is(resumeIncident(here, SCENARIO, name).memory.of('s/0')?.state, 'finished')
  })

  suite.test(
    'learns here of a handover that its own run has slept through, and of nothing twice',
    async () => {
      const here = machine()
      const { journal, name } = work(here)
      const handed = {
        at: '2026-11-22T03:15:02Z',
        kind: 'handed',
        from: 'ann',
        to: 'ben',
        note: 'n',
      } as const
      tell([...journal.read(), handed])
      for (let times = 0; times < 2; times++) await inherit(here, LOCK)
      assert.equal(
        journal.read().filter(event => event.kind === 'handed'),
        [handed],
      )
      assert.is(
        resumeIncident(here, SCENARIO, name).memory.of('s/0')?.state,
        'finished',
        'the files are here',
      )
    },
  )

  suite.test('gets what was done since, when it comes back', async () => {
    const here = machine()
    const { name } = work(here)
    const there = machine()
    await inherit(there, LOCK)
    const other = resumeIncident(there, SCENARIO, name)
    other.journal.write({ kind: 'undone', path: 's/1', say: 'put', ms: 1 })
    tell(other.journal.read())
    await inherit(here, LOCK)
    assert.is(resumeIncident(here, SCENARIO, name).memory.of('s/1'), undefined)
  })

  const ignored = (title: string, change: (line: string) => string) =>
    suite.test(`${title} is left alone`, async () => {
      const { journal } = work(machine())
      writeFileSync(join(dir, 'log'), journal.read().map(told).map(change).join(''))
      const there = machine()
      await inherit(there, LOCK)
      assert.not(namesIn(there).length, 'nothing may be made')
    })
  ignored('another installation', line => line.replaceAll('"project":"p"', '"project":"q"'))
  ignored('a name that leads out of the folder', line => line.replace(/"incident":"/g, '"incident":"../../'))
  ignored('a log without its begin', line => line.replaceAll('"kind":"opened"', '"kind":"note"'))
})

function namesIn({ incidents }: Target): string[] {
  try {
    return readdirSync(incidents)
  } catch {
    return []
  }
}
