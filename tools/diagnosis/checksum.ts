import { bytes } from '../../lib/format.ts'
import { Objects } from '../../lib/objects.ts'
import { messageOf, Problem } from '../../lib/problem.ts'
import { isProven, ownOf } from '../../stores/backups.ts'
import type { Diagnosis, Look } from '../../stores/diagnosis.ts'
import type { SuccessMember } from '../../stores/member.ts'

/**
 * Reads the newest backup of a store out of the bucket and compares its sha256, a second time when it differs: a
 * transfer can fail as well as an object. Size and time of it are those of a download.
 */
export const damagedObjects: Look = async (looking, store) => {
  const { target, signal } = looking
  const { candidates } = await looking.listed
  const own = ownOf(target, candidates).filter(one => one.store === store.name)
  const newest = own.find(({ member }) => member.status === 'success')
  if (!newest) return []
  const member = newest.member as SuccessMember
  const older = own.find(one => one.id < newest.id && isProven(one))
  const objects = new Objects(target.backups)
  const found: Diagnosis[] = []
  for (const { key, sha256, size_bytes } of [member, ...member.beside]) {
    try {
      await objects.verify(key, sha256, { signal, progress: () => undefined })
    } catch (error) {
      if (signal.aborted) throw error
      const damaged = /not what was backed up|ended after|no such object/.test(messageOf(error))
      // A server that does not answer says nothing about the object.
      if (!damaged) throw error
      found.push({
        about: key,
        evidence: [
          messageOf(error),
          `the manifest says ${bytes(size_bytes)}, sha256 ${sha256.slice(0, 12)}…`,
        ],
        cause:
          error instanceof Problem && error.hint ? error.hint : 'the object is not the one that was stored',
        next: [
          older
            ? `use the next verified backup: --set backup=${older.id}`
            : 'there is no older verified backup of this store: npx tsx tools/restore-backup.ts --list',
          ...(target.backups.service ? [target.runtime.logs(target.backups.service, 100)] : []),
        ],
      })
    }
  }
  return found
}
