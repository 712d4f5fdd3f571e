import { openIncidents } from '../../lib/incident-mark.ts'
import type { Recorded } from '../../lib/journal.ts'
import { Objects } from '../../lib/objects.ts'
import type { Bucket } from '../../lib/target.ts'
import { isOver, Mark } from '../../runbook/mark.ts'
import { assert, describe } from '../describe.ts'
import { bucketAt, FakeS3 } from '../fake-s3.ts'

const OPEN = {
  incident: '20261122_031502-qdrant-corruption',
  project: 'ai-platform',
  scenario: 'qdrant-corruption',
  opened: '2026-11-22T03:15:02.000Z',
  host: 'host',
  operator: 'op',
}
const event = (rest: object) => ({ at: OPEN.opened, ...rest }) as Recorded
const wrote = event({ kind: 'started', path: 'stop/0', say: 'stop', effect: 'write', command: 'c' })
const took = event({ kind: 'undone', path: 'stop/0', say: 'stop', ms: 1 })
const closed = (exitCode: number) => event({ kind: 'closed', outcome: 'o', exitCode })

describe('the mark of an open incident', suite => {
  let s3: FakeS3
  let bucket: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    bucket = await s3.start()
  })
  suite.after(() => s3.stop())
  const marks = () => openIncidents(new Objects(bucket))

  suite.test('lies in the bucket until the recovery has succeeded', async () => {
    const notes: string[] = []
    const mark = new Mark(bucket, OPEN, text => void notes.push(text))
    mark.place()
    await mark.end([wrote, closed(1)])
    assert.equal(await marks(), [OPEN])
    const resumed = new Mark(bucket, { ...OPEN, host: 'other' }, text => void notes.push(text))
    resumed.place()
    resumed.place()
    await resumed.end([wrote, closed(1), closed(0)])
    assert.equal([await marks(), notes], [[], []])
  })
  suite.test('holds what the incident restores from, until nobody needs it', async () => {
    const [one, two] = ['neo4j/a.dump', 'sets/a.json']
    for (const key of [one, two]) s3.objects.set(key, Buffer.from('x'))
    const notes: string[] = []
    const begin = (incident: string, keys: string[]) => {
      const mark = new Mark(bucket, { ...OPEN, incident, scenario: incident }, text => void notes.push(text))
      mark.place()
      mark.hold(keys)
      return mark
    }
    await begin('no-lock', [one]).end([wrote, closed(0)])
    s3.held = new Set()
    const first = begin('first', [one, two])
    const second = begin('second', [one])
    await first.end([wrote])
    await second.end([wrote])
    assert.equal([...s3.held].sort(), [one, two])
    assert.ok(await new Objects(bucket).isHeld(one))
    assert.equal((await marks()).map(({ incident }) => incident).sort(), ['first', 'second'])
    await first.end([wrote, closed(0)])
    assert.equal([...s3.held], [one], 'the other incident needs it')
    await second.end([wrote, closed(0)])
    assert.equal([[...s3.held], await marks(), notes], [[], [], []])
    assert.equal([...s3.objects.keys()].sort(), [one, two].sort())
    s3.held = undefined
    s3.objects.clear()
  })
  suite.test('goes with the success of a later incident of the same scenario', async () => {
    const [died, other] = [
      { ...OPEN, incident: 'died' },
      { ...OPEN, incident: 'other', scenario: 'neo4j-loss' },
    ]
    for (const open of [died, other]) {
      const mark = new Mark(bucket, open, () => undefined)
      mark.place()
      await mark.end([wrote])
    }
    const later = new Mark(bucket, OPEN, () => undefined)
    later.place()
    await later.end([wrote, closed(0)])
    assert.equal(await marks(), [other])
    s3.objects.clear()
  })
  suite.test('goes with a run that has changed nothing, or has taken everything back', () => {
    assert.ok(isOver([closed(3)]))
    assert.ok(isOver([wrote, took, closed(1)]))
    assert.not.ok(isOver([wrote]))
    assert.not.ok(isOver([wrote, closed(130)]))
    assert.not.ok(isOver([wrote, closed(0), wrote, closed(1)]))
  })
  suite.test('of another installation counts, and what cannot be read counts', async () => {
    s3.objects.set('incidents/elsewhere/x.json', Buffer.from('{"half'))
    const [found] = await marks()
    assert.equal([found?.project, found?.incident], ['elsewhere', 'x'])
    s3.objects.clear()
  })
  suite.test('cannot be placed in a bucket that is away: noted, and the recovery goes on', async () => {
    const notes: string[] = []
    const mark = new Mark(bucketAt('http://127.0.0.1:1'), OPEN, text => void notes.push(text))
    mark.place()
    await mark.end([wrote, closed(0)])
    assert.is(notes.length, 1)
    assert.match(notes[0] ?? '', 'could not be told that an incident is open: MinIO does not answer')
  })
  suite.test('that could not be placed first is placed before the first change', async () => {
    Object.assign(s3, { trouble: { status: 403, code: 'AccessDenied' }, times: 1 })
    const notes: string[] = []
    const mark = new Mark(bucket, OPEN, text => void notes.push(text))
    mark.place()
    mark.place()
    await mark.end([wrote, closed(1)])
    assert.equal([(await marks()).length, notes.length], [1, 1])
  })
  suite.test('that cannot be lifted is named with the command that lifts it', async () => {
    const notes: string[] = []
    const mark = new Mark(bucket, OPEN, text => void notes.push(text))
    mark.place()
    await mark.end([wrote])
    Object.assign(s3, { trouble: { status: 403, code: 'AccessDenied' }, times: 1e9 })
    await mark.end([closed(0)])
    s3.trouble = undefined
    assert.match(notes.join(), `--close-incident ${OPEN.incident}`)
  })
})
