import { EXIT, type ExitCode, messageOf, Problem, problemLines } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import { type Store, storesOf, type Target } from '../../lib/target.ts'
import { perform } from '../../runbook/perform.ts'
import { writeSet } from '../../steps/back-up.ts'
import { stepsFor } from '../../steps/by-kind.ts'
import type { Run } from '../../stores/base.ts'
import type { Member } from '../../stores/manifest.ts'
import { noteInHistory } from './history.ts'
import { replicateAndTell } from './replicate.ts'
import { clearAfterwards, retainAfterwards } from './retain.ts'
import { tellVerification, verifySet, type Wanted } from './verify.ts'

/**
 * Takes a set of every store and verifies it as it lies in the bucket. Exit code 1 when a store or the copy failed, 2 when
 * what was written cannot be proven.
 */
export async function takeSet(target: Target, run: Run): Promise<ExitCode> {
  const members: Member[] = []
  for (const store of inOrder(target)) members.push(await memberOf(target, store, run))
  const { manifest } = await perform(writeSet, { target, run, members })
  const failed = members.filter(member => member.status === 'failed')
  const verified = await verifyAndTell(target, run, { set: manifest.set })
  if (failed.length > 0 || !verified) {
    await clearAfterwards(target)
    return failed.length > 0 ? EXIT.commandFailed : EXIT.checkFailed
  }
  // The copy first: what retention removes here should be there by then.
  const copied = target.replica ? await replicateAndTell(target, run) : EXIT.recovered
  await retainAfterwards(target)
  return copied
}

/** True when every member of the set could be read back and proven. */
export async function verifyAndTell(target: Target, run: Run, wanted: Wanted): Promise<boolean> {
  const found = await verifySet(target, run, wanted)
  await noteInHistory(target, found)
  return tellVerification(found)
}

/** Dependents first, the system of record last: every reference then finds its row in the later dump. */
function inOrder(target: Target): Store[] {
  return [...storesOf(target, 'qdrant'), ...storesOf(target, 'neo4j'), ...storesOf(target, 'postgres')]
}

async function memberOf(target: Target, store: Store, run: Run): Promise<Member> {
  try {
    const { member } = await perform(stepsFor(store.kind).backUp, { target, store, run }, { takeBack: true })
    return member
  } catch (error) {
    if (error instanceof Problem && error.exitCode === EXIT.interrupted) throw error
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
    const { name, kind } = store
    return { id: `${name}_${run.id}`, store: name, kind, status: 'failed', reason: mask(messageOf(error)) }
  }
}
