import { command, type Output } from '../../lib/command.ts'
import { bytes } from '../../lib/format.ts'
import { isUp, type Mount, stateOf } from '../../lib/runtime.ts'
import type { Store } from '../../lib/target.ts'
import { ownOf } from '../../stores/backups.ts'
import { ask, type Diagnosis, type Look, type Looking } from '../../stores/diagnosis.ts'
import { kindOf } from '../../stores/kinds.ts'
import type { Member } from '../../stores/manifest.ts'
import { KIB } from '../../stores/room.ts'

/** Engines refuse writes, or die, before the last byte is gone. */
const NEARLY_FULL = 0.95

/** What may go, and what not; the same wherever the disk is full. */
const MAY_GO = [
  'what recoveries have set aside and nobody needs: npx tsx tools/release-quarantine.ts',
  'what takes it: docker system df -v',
  'folders of ended incidents, images without a tag (docker image prune); else grow the volume',
  'never docker system prune: it removes stopped containers, and images that cannot be pulled again',
] as const

/** Whether every volume of a store has room for a restore of its newest backup, measured inside its container. */
export const roomAtStore: Look = async (looking, store) => {
  const { runtime } = looking.target
  const layout = runtime.readLayout(await ask(looking, runtime.layout()))
  const mounts = layout.mounts[store.service] ?? []
  if (mounts.length === 0) return []
  const needed = await neededFor(looking, store)
  const disks = readDisks(await ask(looking, await df(looking, store, mounts)))
  return disks.flatMap(disk => tooFull(store.name, disk, needed))
}

/** The same for the disk of this machine, where a backup is downloaded before it is verified. */
export async function roomHere(looking: Looking): Promise<Diagnosis[]> {
  const [disk] = readDisks(await ask(looking, command(['df', '-Pk', '.'])))
  const { candidates } = await looking.listed
  const largest = Math.max(0, ...ownOf(looking.target, candidates).map(({ member }) => sizeOf(member)))
  // The archive, and what it holds, unpacked.
  return disk ? tooFull('this machine', disk, 2.2 * largest) : []
}

function sizeOf(member: Member): number {
  return member.status === 'success' ? member.size_bytes : 0
}

async function neededFor(looking: Looking, store: Store): Promise<number> {
  const { candidates } = await looking.listed
  const own = ownOf(looking.target, candidates).filter(one => one.store === store.name)
  const member = own.find(one => one.refused === undefined)?.member
  return member?.status === 'success' ? kindOf(member.kind).room(member as never) : 0
}

async function df({ target, states, run }: Looking, store: Store, mounts: readonly Mount[]) {
  const { runtime } = target
  const argv = ['df', '-Pk', ...mounts.map(({ at }) => at)] as const
  if (isUp(stateOf(await states, store.service)))
    return runtime.exec(store.service, argv, { limits: { total: 20 } })
  const name = `${runtime.project}-${store.name}-df-${run.id}`
  return runtime.oneOff(store.service, name, [...argv], { limits: { total: 60 } })
}

interface Disk {
  filesystem: string
  /** Bytes. */
  size: number
  free: number
  at: string
}

/** Volumes of one disk give the same figures; it is told once. */
export function readDisks({ stdout }: Pick<Output, 'stdout'>): Disk[] {
  const disks = new Map<string, Disk>()
  for (const line of stdout.trim().split('\n').slice(1)) {
    const [filesystem = '', size, , free, , at = ''] = line.trim().split(/\s+/)
    const disk = { filesystem, size: Number(size) * KIB, free: Number(free) * KIB, at }
    if (Number.isFinite(disk.free) && !disks.has(filesystem)) disks.set(filesystem, disk)
  }
  return [...disks.values()]
}

/** `needed` is in bytes. */
export function tooFull(about: string, { filesystem, size, free, at }: Disk, needed: number): Diagnosis[] {
  const evidence = [`${at} (${filesystem}): ${bytes(free)} free of ${bytes(size)}`]
  const wanted = `a restore of the newest backup needs ${bytes(needed)}`
  if (free < needed) {
    const cause = 'there is less room than a restore beside the live data takes'
    return [{ about, evidence: [...evidence, wanted], cause, next: [...MAY_GO] }]
  }
  if (free > size * (1 - NEARLY_FULL)) return []
  return [
    { about, evidence, cause: 'the disk is nearly full; the engine will stop to write', next: [...MAY_GO] },
  ]
}
