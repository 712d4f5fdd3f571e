import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { incidentNames } from '../../lab/drills/incidents.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { SCENARIO } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { assert, describe } from '../describe.ts'
import { configLike, onlyStores } from './config.ts'
import { beginAgain, onGround } from './ground.ts'
import { assertRefusedUntouched } from './refused.ts'
import { last } from './said.ts'
import { honest, makeTwin, type Sabotage } from './twin.ts'
import { besidesIncidents, worldOf } from './world.ts'

const LIMIT = { seconds: 600 }

/** A sabotaged backup, the exit code it must end with, and the reason that must be given. */
const SABOTAGED: [string, Partial<Sabotage>, number, RegExp][] = [
  ['one bit of the object flipped', { object: flip }, 2, /is not what was backed up: sha256/],
  [
    'the object truncated by one byte',
    { object: bytes => bytes.subarray(0, -1) },
    64,
    /the manifest says \d+/,
  ],
  ['an empty object', { object: () => Buffer.alloc(0) }, 64, /its object is empty/],
  ['the object missing', { object: () => undefined }, 64, /its object is missing/],
  ['no manifest', { manifest: () => undefined }, 64, /there is no backup/],
  ['half a manifest', { manifest: text => text.slice(0, text.length / 2) }, 64, /there is no backup/],
  [
    'a manifest of a newer format',
    { manifest: text => text.replace('"format":1', '"format":2') },
    64,
    /there is no backup/,
  ],
  ['a backup without points', { manifest: emptied }, 64, /it holds no points/],
  ['a backup that Qdrant has no room for', { manifest: huge }, 2, /room/],
]

describe('sabotaged backups are refused before anything changes', suite => {
  const ready = onGround(suite)
  suite.test('the backup service refuses damaged vectors', () => refusesDamagedSource(ready()), LIMIT)
  suite.test('a drill with a sabotaged backup is seen to fail', () => seenToFail(ready()), LIMIT)
  for (const [name, sabotage, exitCode, says] of SABOTAGED) {
    suite.test(
      name,
      async () => {
        const { target } = ready()
        const id = await makeTwin(target, { ...honest, ...sabotage })
        const argv = [SCENARIO, '--set', `backup=${id}`, '--set', 'collections=all', '--confirm', 'none']
        await assertRefusedUntouched(target, { argv, exitCode, says })
      },
      LIMIT,
    )
  }
})

/** In the middle, where the points are. */
function flip(bytes: Buffer): Buffer {
  const at = bytes.length >> 1
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function emptied(text: string): string {
  return text.replaceAll(/"points":\d+/g, '"points":0')
}

/** Only the size of the unpacked collections: that of the object is compared with the bucket. */
function huge(text: string): string {
  const manifest = JSON.parse(text) as { members: { collections: { size_bytes: number }[] }[] }
  for (const collection of manifest.members[0]!.collections) collection.size_bytes = 1e15
  return JSON.stringify(manifest)
}

/** A snapshot of a corrupted collection has a perfect checksum, so the source must be read first. */
async function refusesDamagedSource(ready: Parameters<typeof beginAgain>[0]): Promise<void> {
  const { target } = ready
  await beginAgain(ready)
  await inject(target, faultNamed('vector-bytes'), 'documents')
  const before = await worldOf(target)
  const folder = mkdtempSync(join(tmpdir(), 'only-'))
  try {
    const config = configLike(target, folder, text => onlyStores(text, 'qdrant'))
    const ended = await run(target, 'tools/backup-service.ts', ['--run-once', '--config', config])
    assert.is(ended.exitCode, 1, last(ended))
    assert.match(ended.stderr, /damaged vector/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const { bucket, notes, ...after } = await worldOf(target)
  const { bucket: earlier, notes: said, ...rest } = before
  assert.equal(after, rest)
  assert.is(notes.length, said.length + 2, 'its begin and its end')
  const added = bucket.filter(key => !earlier.includes(key))
  assert.ok(added.length > 0 && added.every(key => key.startsWith('sets/')), 'recorded, and nothing stored')
  await beginAgain(ready, ['qdrant', 'minio'])
}

/** Goes on from the damage above: a refused recovery must leave claims of the proof unfulfilled. */
async function seenToFail(ready: Parameters<typeof beginAgain>[0]): Promise<void> {
  const { target, before } = ready
  await beginAgain(ready)
  const after = await writeMarker(target, 'after the backup')
  const fault = faultNamed('vector-bytes')
  const victim = await inject(target, fault, 'documents')
  const world = besidesIncidents(await worldOf(target))
  const id = await makeTwin(target, { ...honest, object: flip })
  const ended = await run(target, SCENARIO, ['--set', `backup=${id}`, '--confirm', 'none'])
  assert.is(ended.exitCode, 2, last(ended))
  const { bucket: _, ...now } = besidesIncidents(await worldOf(target))
  const { bucket: __, ...then } = world
  assert.equal(now, then)
  const right = rightAnswer(fault, 'documents')
  const incident = incidentNames(target).at(-1) ?? ''
  const claims = await prove(target, { fault, victim, right, before, after, scale: 1, incident })
  const failed = claims.filter(claim => !claim.holds).map(claim => claim.say)
  assert.ok(failed.includes('documents is equal to the seed, point by point'), failed.join('; '))
  await beginAgain(ready)
}
