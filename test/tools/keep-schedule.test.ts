import { schedule } from '../../lib/cron.ts'
import { Objects } from '../../lib/objects.ts'
import { keepSchedule, type Seen, type Status, type World } from '../../tools/backup/keep-schedule.ts'
import { newestSet } from '../../tools/backup/service.ts'
import { assert, describe } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { manifest, setKey } from '../stores/samples.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const at = (text: string) => new Date(`2026-11-${text}:00Z`)

/** A world whose clock moves only while the service waits or runs. */
class Simulated implements World {
  clock: Date
  last: Date | undefined
  incidents: string[] = []
  /** What the next runs end with; a set is written unless it says so. */
  ends: { exitCode: number; set?: boolean }[] = []
  readonly runs: string[] = []
  readonly told: string[] = []
  readonly status: Status = { state: 'waiting' }
  /** Called at every look. */
  looking: (world: Simulated) => void = () => undefined

  constructor(clock: Date, last?: Date) {
    this.clock = clock
    this.last = last
  }
  now = () => new Date(this.clock)
  async wait(ms: number) {
    assert.ok(ms > 0, 'it does not spin')
    this.clock = new Date(this.clock.getTime() + ms)
  }
  async look(): Promise<Seen> {
    this.looking(this)
    return { last: this.last, incidents: this.incidents }
  }
  async run() {
    const began = this.now()
    const { exitCode, set } = { set: true, ...(this.ends.shift() ?? { exitCode: 0 }) }
    this.runs.push(began.toISOString().slice(8, 16))
    await this.wait(9 * MINUTE)
    if (set) this.last = began
    return exitCode
  }
  tell = (line: string) => void this.told.push(line)

  async until(end: Date, pattern = '0 2 * * *'): Promise<this> {
    await keepSchedule(schedule(pattern), this, this.status, () => this.clock >= end)
    return this
  }
}

describe('the backup service', suite => {
  suite.test('runs once every night, at its hour', async () => {
    const world = await new Simulated(at('20T12:00'), at('20T02:00')).until(at('23T12:00'))
    assert.equal(world.runs, ['21T02:00', '22T02:00', '23T02:00'])
    assert.match(world.status.next ?? '', '2026-11-24T02:00')
    assert.equal([world.status.state, world.status.last_run?.exit_code], ['waiting', 0])
  })
  suite.test('catches up with a missed run, once however many were missed', async () => {
    const world = await new Simulated(at('20T12:00'), at('15T02:00')).until(at('21T12:00'))
    assert.equal(world.runs, ['20T12:00', '21T02:00'])
  })
  suite.test('waits for its hour where nothing was ever backed up', async () => {
    const world = await new Simulated(at('20T12:00')).until(at('21T12:00'))
    assert.equal(world.runs, ['21T02:00'])
  })
  suite.test('does not run again what somebody has run by hand meanwhile', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.looking = one => {
      if (one.clock >= at('21T01:00') && one.last! < at('21T02:00')) one.last = at('21T02:00')
    }
    await world.until(at('21T12:00'))
    assert.equal(world.runs, [])
  })
  suite.test('stands still while an incident is open, and catches up afterwards', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.looking = one => {
      one.incidents = one.clock > at('21T01:00') && one.clock < at('21T05:30') ? ['20261121_010000-x'] : []
    }
    await world.until(at('22T12:00'))
    assert.equal(world.runs, ['21T05:30', '22T02:00'])
    assert.is(world.told.filter(line => /paused: incident 20261121_010000-x is open/.test(line)).length, 1)
  })
  suite.test('tries again a quarter of an hour after a run that wrote no set', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.ends = [{ exitCode: 1, set: false }, { exitCode: 1, set: false }, { exitCode: 0 }]
    await world.until(at('21T12:00'))
    assert.equal(world.runs, ['21T02:00', '21T02:24', '21T02:48'])
  })
  suite.test('and a minute after somebody else held the lock', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.ends = [{ exitCode: 75, set: false }, { exitCode: 0 }]
    await world.until(at('21T12:00'))
    assert.equal(world.runs, ['21T02:00', '21T02:10'])
  })
  suite.test('a set with a failed store waits for the next night, and is told', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.ends = [{ exitCode: 1 }]
    await world.until(at('22T12:00'))
    assert.equal(world.runs, ['21T02:00', '22T02:00'])
    assert.match(world.told.join('\n'), 'the backup ended with exit code 1')
  })
  suite.test('a bucket that is away blinds it, and it sees again by itself', async () => {
    const world = new Simulated(at('20T12:00'), at('20T02:00'))
    world.looking = one => {
      if (one.clock > at('21T01:30') && one.clock < at('21T03:00')) throw new Error('MinIO does not answer')
    }
    await world.until(at('21T12:00'))
    assert.equal(world.runs, ['21T03:00'])
    assert.is(world.told.filter(line => line === 'blind: MinIO does not answer').length, 1)
  })
  suite.test('a clock that jumps a day ahead means one run, one that jumps back none', async () => {
    const ahead = new Simulated(at('20T12:00'), at('20T02:00'))
    ahead.looking = one => {
      if (one.clock < at('20T18:00') && one.clock > at('20T13:00'))
        one.clock = new Date(+one.clock + 24 * HOUR)
    }
    assert.equal((await ahead.until(at('22T01:00'))).runs, ['21T13:01'])
    const back = await new Simulated(at('19T12:00'), at('20T02:00')).until(at('21T01:00'))
    assert.equal(back.runs, [])
  })
})

describe('the newest set of an installation', suite => {
  const s3 = new FakeS3()
  suite.after(() => s3.stop())

  suite.test(
    'is its own, also where two share a bucket a manifest is damaged or a clock ran ahead',
    async () => {
      const objects = new Objects(await s3.start())
      const put = (stamp: string, project: string) => {
        const set = manifest(stamp)
        const source = { ...set.source, project }
        s3.objects.set(setKey(stamp), Buffer.from(JSON.stringify({ ...set, source })))
      }
      const now = at('23T12:00')
      assert.is(await newestSet(objects, 'ai-platform', now), undefined)
      put('20261120_020000', 'ai-platform')
      put('20261121_020000', 'elsewhere')
      put('20310101_020000', 'ai-platform')
      s3.objects.set(setKey('20261122_020000'), Buffer.from('{"half'))
      assert.equal(await newestSet(objects, 'ai-platform', now), new Date('2026-11-20T02:00:00Z'))
      assert.equal(await newestSet(objects, 'elsewhere', now), new Date('2026-11-21T02:00:00Z'))
    },
  )
})
