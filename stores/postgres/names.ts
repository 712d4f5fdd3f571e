import type { Run } from '../base.ts'

/** PostgreSQL cuts longer names without a word (NAMEDATALEN), and two of them could become one. */
const BYTES = 63

/** The name a backup is restored under. */
export function sideName(database: string, run: Run): string {
  return shortened(database, `_r_${run.id}`)
}

/** The name a replaced database is kept under. */
export function keptName(database: string, run: Run): string {
  return shortened(database, `_pre_${run.id}`)
}

/** Databases that an interrupted recovery of this one has left behind. */
export function isLeftover(name: string, database: string): boolean {
  const stem = /^(.*)_r_\d{8}_\d{6}$/.exec(name)?.[1]
  return stem !== undefined && (stem === database || (stem.length > 30 && database.startsWith(stem)))
}

function shortened(database: string, ending: string): string {
  const room = BYTES - Buffer.byteLength(ending)
  let stem = database
  // By characters, so that none is cut in half.
  while (Buffer.byteLength(stem) > room) stem = [...stem].slice(0, -1).join('')
  return stem + ending
}
