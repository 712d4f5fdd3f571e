import type { Problem } from '../../lib/problem.ts'
import type { Bucket, Target } from '../../lib/target.ts'
import { isManifest } from '../../stores/backups.ts'
import type { Manifest } from '../../stores/manifest.ts'
import { verificationKey } from '../../stores/verification.ts'
import { applyRetention, planRetention, retentionLines } from '../../tools/backup/retention.ts'
import { assert, describe, failure } from '../describe.ts'
import { FakeS3 } from '../fake-s3.ts'
import { setKey, verification } from '../stores/samples.ts'
import { fillYear, stampOfNight } from '../stores/year.ts'

const NIGHTS = 40
const NOW = Date.parse('2026-02-09T03:00:00Z')
const OLDEST = stampOfNight(0)
const MEMBER = `qdrant/2026/01/01/qdrant_${OLDEST}.snapshot`
const ORPHAN = 'qdrant/2026/01/01/qdrant_20260101_010000.snapshot'
const MARK = 'incidents/ai-platform/20260209_020000-qdrant-corruption.json'

describe('retention in a bucket', suite => {
  let s3: FakeS3
  let backups: Bucket
  suite.before(async () => {
    s3 = new FakeS3()
    backups = await s3.start()
  })
  suite.after(() => s3.stop())
  const target = () =>
    ({
      backups,
      runtime: { project: 'ai-platform' },
      stores: {
        qdrant: { name: 'qdrant', kind: 'qdrant' },
        neo4j: { name: 'neo4j', kind: 'neo4j' },
        postgres: { name: 'postgres', kind: 'postgres' },
      },
      nightly: { schedule: '', retentionDays: 30, keepVerified: 7 },
    }) as unknown as Target
  const fresh = (title: string, run: () => Promise<void>) =>
    suite.test(title, async () => {
      s3.objects.clear()
      s3.halfUploads.clear()
      fillYear(s3, NIGHTS)
      await run()
    })
  /** Says that these nights' sets were made by another installation, verified as before. */
  const belongTo = (project: string, nights: (night: number) => boolean) => {
    for (let night = 0; night < NIGHTS; night++) {
      if (!nights(night)) continue
      const at = stampOfNight(night)
      const set = JSON.parse(String(s3.objects.get(setKey(at)))) as Manifest
      const content = JSON.stringify({ ...set, source: { ...set.source, project } })
      s3.objects.set(setKey(at), Buffer.from(content))
      const verified = { ...verification(at, content, 'proven'), started: set.started }
      s3.objects.set(verificationKey(setKey(at), at), Buffer.from(JSON.stringify(verified)))
    }
  }
  const sets = () => [...s3.objects.keys()].filter(isManifest).length

  fresh('the plan changes nothing and says what would go', async () => {
    const before = [...s3.objects.keys()]
    const lines = retentionLines(await planRetention(target(), NOW))
    assert.equal([...s3.objects.keys()], before)
    assert.match(lines.join('\n'), `goes   set_${OLDEST}  39 days old`)
    assert.match(lines.at(-1) ?? '', /^10 of 40 sets go, /)
  })
  fresh('what the plan says goes, with everything that belongs to it, and nothing else', async () => {
    s3.objects.set('notes.txt', Buffer.from('foreign'))
    await applyRetention(target(), await planRetention(target(), NOW), NOW)
    assert.is(sets(), NIGHTS - 10)
    const gone = [setKey(OLDEST), verificationKey(setKey(OLDEST), OLDEST), MEMBER]
    for (const key of gone) assert.not.ok(s3.objects.has(key), key)
    assert.ok(s3.objects.has('notes.txt'))
    const again = await planRetention(target(), NOW)
    assert.equal([again.remains, again.fates.filter(fate => fate.goes)], [[], []])
  })
  fresh(
    'killed after its first removal it leaves no set that looks whole; the next run clears up',
    async () => {
      s3.objects.delete(setKey(OLDEST))
      s3.digests.set(MEMBER, 'a'.repeat(64))
      const plan = await planRetention(target(), NOW)
      assert.not.ok(plan.fates.some(({ set }) => set === `set_${OLDEST}`))
      await applyRetention(target(), plan, NOW)
      const left = [...s3.objects.keys()].filter(key => key.includes(OLDEST))
      assert.equal(left, [])
    },
  )
  fresh('nothing goes while an incident is open, also one that opens meanwhile', async () => {
    const plan = await planRetention(target(), NOW)
    s3.objects.set(MARK, Buffer.from('{}'))
    const error = (await failure(() => applyRetention(target(), plan, NOW))) as Problem
    assert.is(error.exitCode, 75)
    assert.match(`${error.message} ${error.hint}`, /20260209_020000-qdrant-corruption[\s\S]*--close-incident/)
    assert.is(sets(), NIGHTS)
    assert.match(retentionLines(await planRetention(target(), NOW))[0] ?? '', 'an incident is open')
    s3.objects.delete(MARK)
    await applyRetention(target(), plan, NOW)
    assert.is(sets(), NIGHTS - 10)
  })
  fresh('remains of a killed run go, what another program wrote stays', async () => {
    s3.objects.set(ORPHAN, Buffer.from('half'))
    s3.objects.set('qdrant/2026/01/01/qdrant_20260101_013000.snapshot', Buffer.from('theirs'))
    s3.digests.set(ORPHAN, 'a'.repeat(64))
    s3.halfUploads.add(ORPHAN)
    s3.halfUploads.add('somebody/elses')
    const plan = await planRetention(target(), NOW)
    assert.equal([plan.remains, plan.foreign.length, plan.halfUploads], [[ORPHAN], 1, [ORPHAN]])
    await applyRetention(target(), plan, NOW)
    assert.not.ok(s3.objects.has(ORPHAN))
    assert.equal([...s3.halfUploads], ['somebody/elses'])
  })
  fresh(
    'what a run has left that is known to be dead goes at once, also where only its key tells',
    async () => {
      const stamp = '20260209_023000'
      const half = `neo4j/2026/02/09/neo4j_${stamp}.system.dump`
      const whole = `qdrant/2026/02/09/qdrant_${stamp}.snapshot`
      s3.likeMinio = true
      s3.halfUploads.add(half)
      s3.objects.set(whole, Buffer.from('whole'))
      s3.digests.set(whole, 'a'.repeat(64))
      const left = async (locked = true) => {
        const { remains, halfUploads } = await planRetention(target(), NOW, { locked })
        return [...remains, ...halfUploads]
      }
      assert.equal(await left(), [], 'nobody knows yet that there was a run')
      s3.objects.set(`runs/ai-platform/backup/set/${stamp}.started.json`, Buffer.from('{}'))
      assert.equal(await left(false), [], 'it may be under way')
      assert.equal(await left(), [whole, half])
      s3.objects.set(`runs/ai-platform/backup/set/${stamp}.ended.json`, Buffer.from('{}'))
      assert.equal(await left(), [], 'it has put itself right')
      s3.objects.delete(`runs/ai-platform/backup/set/${stamp}.ended.json`)
      await applyRetention(target(), await planRetention(target(), NOW), NOW)
      assert.equal([...s3.halfUploads], [])
      assert.not.ok(s3.objects.has(whole))
      s3.likeMinio = false
    },
  )
  fresh('notes of runs go when nobody reads them any more', async () => {
    const notes = ['20240101_020000', '20240102_020000'].map(
      at => `runs/ai-platform/backup/set/${at}.ended.json`,
    )
    for (const key of notes) s3.objects.set(key, Buffer.from('{}'))
    const plan = await planRetention(target(), NOW)
    assert.match(retentionLines(plan).join('\n'), 'goes   1 note of runs, over 400 days old')
    await applyRetention(target(), plan, NOW)
    assert.equal(
      notes.map(key => s3.objects.has(key)),
      [false, true],
    )
  })
  fresh('a manifest that nobody can read keeps its members', async () => {
    s3.objects.set(setKey(OLDEST), Buffer.from('{"half'))
    const plan = await planRetention(target(), NOW)
    await applyRetention(target(), plan, NOW)
    assert.ok(s3.objects.has(MEMBER) && s3.objects.has(setKey(OLDEST)))
    assert.match(retentionLines(plan).join('\n'), `stays  ${setKey(OLDEST)}`)
  })
  fresh('sets of another installation neither go nor count as newer ones', async () => {
    belongTo('other', night => night >= 33)
    const plan = await planRetention(target(), NOW)
    assert.equal(plan.others.length, 7)
    // The seven newest of its own are nights 26 to 32: what is older goes once it is past 30 days.
    const goes = plan.fates.filter(fate => fate.goes).map(({ set }) => set)
    assert.equal(goes.length, 10)
    belongTo('ai-platform', night => night < 8)
    belongTo('other', night => night >= 8)
    const poor = await planRetention(target(), NOW)
    assert.equal(
      [poor.fates.filter(fate => fate.goes).map(({ set }) => set), poor.others.length],
      [[`set_${OLDEST}`], NIGHTS - 8],
    )
    assert.match(retentionLines(poor).join('\n'), `stays  set_${stampOfNight(NIGHTS - 1)}  a set of other`)
    await applyRetention(target(), poor, NOW)
    assert.is(sets(), NIGHTS - 1)
  })
  fresh('a bucket that is gone is said', async () => {
    s3.trouble = { status: 404, code: 'NoSuchBucket' }
    const error = await failure(() => planRetention(target(), NOW))
    s3.trouble = undefined
    assert.match(error.message, 'there is no bucket')
  })
})
