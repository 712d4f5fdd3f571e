import type { Sequence } from '../../runbook/tree.ts'
import { requireRoom, seeLikeness } from '../apart.ts'
import { dumpsVolume } from './commands.ts'
import { checkScratch, loadIntoScratch, scratch } from './prove.ts'
import { readCopy } from './read.ts'
import { stageDumps } from './stage-dumps.ts'
import { removeVolume } from './staging.ts'
import { sameContent } from './validate.ts'
import type { Stored } from './verify.ts'

/** Loads the verified dumps into a volume of their own, and reads all of it in a server on nobody's network. */
export const restoreNeo4jApart = (s: Sequence<Stored>) => {
  const roomy = requireRoom(seeLikeness(s), ({ candidate: { member } }) => {
    return 1.2 * member.store_bytes + member.size_bytes
  })
  const restored = checkScratch(loadIntoScratch(stageDumps(roomy))).check(
    'a server of its own gives all of the backup',
    f => readCopy(f, scratch(f), f.candidate.member.keys),
    sameContent,
  )
  return [scratch, dumpsVolume].reduce(
    (s, volume) => removeVolume(s, 'remove what was loaded', volume),
    restored,
  )
}
