import { stamp } from '../../lib/format.ts'
import { verificationKey } from '../../stores/verification.ts'
import type { FakeS3 } from '../fake-s3.ts'
import { manifest, setKey, verification } from './samples.ts'

const DAY = 86_400_000
const FIRST = Date.parse('2026-01-01T02:00:00Z')

/** The stamp of the set that was taken so many nights after the first of 2026. */
export function stampOfNight(night: number): string {
  return stamp(new Date(FIRST + night * DAY))
}

/** A verified set for each night, with the objects its manifest names. */
export function fillYear(s3: FakeS3, nights: number): void {
  for (let night = 0; night < nights; night++) {
    const at = stampOfNight(night)
    const set = manifest(at)
    const started = new Date(FIRST + night * DAY).toISOString()
    const members = set.members.map(member => ({ ...member, started }))
    const content = JSON.stringify({ ...set, started, members })
    s3.objects.set(setKey(at), Buffer.from(content))
    const verified = JSON.stringify({ ...verification(at, content, 'proven'), started })
    s3.objects.set(verificationKey(setKey(at), at), Buffer.from(verified))
    for (const member of members)
      if (member.status === 'success') s3.objects.set(member.key, Buffer.alloc(member.size_bytes))
  }
}
