import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compose } from '../../lib/compose.ts'
import { exec } from '../../lib/exec.ts'
import { holderOf, reservation, takeLock } from '../../lib/lock.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { EVENT, recordLine } from '../../lib/records.ts'
import { assert, describe, failure } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'

const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })

describe('the lock of a target', suite => {
  const cwd = tempDir(suite)
  suite.before(() => {
    process.env.FAKE_DOCKER = cwd
  })
  onPath(suite, resolve('test/fixtures/bin'))
  const take = (incident: string) => takeLock(runtime, cwd, incident, 'image')
  const fake = (name: string) => join(cwd, name)

  suite.test('is free, is held, is free again', async () => {
    assert.is(await holderOf(runtime, cwd), undefined)
    const lock = await take('incident-1')
    const holder = await holderOf(runtime, cwd)
    assert.ok(holder?.running)
    assert.is(holder.incident, 'incident-1')
    lock.check()
    await lock.release()
    assert.is(await holderOf(runtime, cwd), undefined)
  })

  suite.test('shows the run to those who follow it', async () => {
    const lock = await take('incident-2')
    const event = { at: '2026-11-22T03:15:02Z', kind: 'note', text: 'restoring' } as const
    lock.tell(event)
    const told = `${event.at}  restoring\n${EVENT}${JSON.stringify(event)}\n`
    await eventually(() => readFileSync(fake('log'), 'utf8') === told)
    await lock.release()
  })

  suite.test('a second run is refused and told who holds it', async () => {
    const lock = await take('incident-3')
    const error = (await failure(() => take('incident-4'))) as Problem
    assert.is(error.exitCode, EXIT.locked)
    assert.match(error.message, /p is held by \S+ on \S+ since \d{4}-.*incident-3/)
    assert.match(error.hint ?? '', 'docker logs -f p-recovery-lock')
    lock.check()
    await lock.release()
  })

  suite.test('of two at the same moment one gets it', async () => {
    const both = await Promise.allSettled([take('incident-5'), take('incident-6')])
    const won = both.filter(one => one.status === 'fulfilled')
    const lost = both.filter(one => one.status === 'rejected')
    assert.is(won.length, 1)
    assert.is((lost[0]!.reason as Problem).exitCode, EXIT.locked)
    await won[0]!.value.release()
  })

  suite.test('the lock of a dead holder is taken over', async () => {
    mkdirSync(fake('lock'))
    const dead = { id: 'old', state: 'exited', labels: 'recovery.incident=incident-7,recovery.operator=ann' }
    for (const [name, text] of Object.entries(dead)) writeFileSync(fake(`lock/${name}`), text)
    assert.is((await holderOf(runtime, cwd))?.running, false)
    const lock = await take('incident-8')
    assert.is((await holderOf(runtime, cwd))?.incident, 'incident-8')
    await lock.release()
  })

  suite.test('a lock that was taken away is noticed', async () => {
    const lock = await take('incident-9')
    lock.check()
    // As `docker rm -f` by somebody else: the container is gone, and its client ends.
    process.kill(-Number(readFileSync(fake('lock/id'), 'utf8')), 'SIGKILL')
    rmSync(fake('lock'), { recursive: true })
    const error = await eventually(async () => {
      const told = await Promise.resolve()
        .then(() => lock.check())
        .then(
          () => undefined,
          problem => problem,
        )
      return told as Problem | undefined
    })
    assert.is(error.exitCode, EXIT.locked)
    assert.match(error.message, 'the lock of p is gone')
  })

  suite.test(
    'a lock that somebody else has now is noticed by asking, while its own client still hangs',
    async () => {
      const lock = await take('incident-11')
      await lock.confirm()
      writeFileSync(fake('lock/labels'), 'recovery.token=other,recovery.operator=ben,recovery.host=h2')
      lock.check()
      const error = (await failure(() => lock.confirm())) as Problem
      assert.is(error.exitCode, EXIT.locked)
      assert.match(error.message, 'the lock of p is gone; ben on h2 holds it')
      await lock.release()
    },
  )

  const reserve = (incident: string) => {
    mkdirSync(fake('lock'))
    const labels = Object.entries(reservation(incident, 'ben, the second'))
    const place = { id: 'kept', state: 'running', labels: labels.map(pair => pair.join('=')).join(',') }
    for (const [name, text] of Object.entries(place)) writeFileSync(fake(`lock/${name}`), text)
  }

  suite.test(
    'a place that is kept is taken by whoever goes on with that incident, and by nobody else',
    async () => {
      reserve('20261122_031502-neo4j-loss')
      for (const other of ['new neo4j-loss', '20261122_031503-neo4j-loss', '']) {
        const error = (await failure(() => take(other))) as Problem
        assert.is(error.exitCode, EXIT.locked)
        assert.match(
          error.message,
          /p is reserved for ben {2}the second: \S+ on \S+ handed 20261122_031502-neo4j-loss over/,
        )
        assert.match(error.hint ?? '', 'npx tsx scenarios/neo4j-loss.ts --resume 20261122_031502-neo4j-loss')
      }
      const lock = await take('20261122_031502-neo4j-loss')
      assert.is((await holderOf(runtime, cwd))?.reservedFor, '')
      await lock.release()
    },
  )

  const HANDING = { kind: 'handing', from: 'ann', to: 'ben', note: 'n' } as const

  suite.test(
    'a holder that hears of the handover may not go on, and leaves the container where it is',
    async () => {
      const lock = await take('incident-12')
      const heard: unknown[] = []
      lock.hear(message => void heard.push(message))
      await exec(runtime.speakIn((await holderOf(runtime, cwd))!.id, recordLine(HANDING).trimEnd()), { cwd })
      await eventually(() => lock.passed.aborted)
      assert.equal(heard, [HANDING])
      for (const look of [async () => lock.check(), () => lock.confirm()]) {
        const error = (await failure(look)) as Problem
        assert.is(error.exitCode, EXIT.locked)
        assert.match(error.message, 'p was handed over to ben')
      }
      await lock.release()
      assert.is((await holderOf(runtime, cwd))?.running, false)
      rmSync(fake('lock'), { recursive: true })
    },
  )

  suite.test('one that slept through it learns from the daemon to whom', async () => {
    const lock = await take('incident-13')
    rmSync(fake('lock'), { recursive: true })
    reserve('incident-13')
    const error = (await failure(() => lock.confirm())) as Problem
    assert.match(error.message, 'p was handed over to ben')
    rmSync(fake('lock'), { recursive: true })
    await lock.release()
  })

  suite.test('a daemon that refuses the container is not taken for a lock', async () => {
    const broken = tempDir(suite)
    program(broken, 'docker', 'case $1 in ps) exit 0 ;; *) echo "No such image: image" >&2; exit 125 ;; esac')
    const before = process.env.PATH
    process.env.PATH = `${broken}:${before}`
    try {
      const error = (await failure(() => take('incident-10'))) as Problem
      assert.match([error.message, ...error.tail].join('\n'), 'No such image: image')
    } finally {
      process.env.PATH = before
    }
  })
})
