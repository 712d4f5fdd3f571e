import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Unmatched } from '../../steps/repair-references.ts'
import { type Partner, repairLists } from '../../stores/references.ts'

/**
 * Leaves only those without a row that a second comparison finds as well. While writers run, one of them may come between
 * the list of the rows and the look at the points: its row is there too, and a phrase that is bound to it would be
 * another one in the next run.
 */
export async function withoutInFlight(
  facts: Unmatched,
  partner: Partner,
  compareAgain: (folder: string) => Promise<Unmatched>,
): Promise<Unmatched> {
  if (facts.seen.orphans === 0) return facts
  const { target, run, relation } = facts
  const fileOf = (of: Unmatched) => join(target.root, repairLists(of, relation.name, partner).orphans)
  const folder = `${run.folder}/again`
  mkdirSync(join(target.root, folder), { recursive: true })
  try {
    const later = new Set(linesOf(fileOf(await compareAgain(folder))))
    const settled = linesOf(fileOf(facts)).filter(line => later.has(line))
    writeFileSync(fileOf(facts), settled.map(line => `${line}\n`).join(''))
    return { ...facts, seen: { ...facts.seen, orphans: settled.length } }
  } finally {
    rmSync(join(target.root, folder), { recursive: true, force: true })
  }
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean)
}
