import type { ExitCode } from '../../lib/problem.ts'
import { newRun, RunNote } from '../../lib/run-record.ts'
import type { Target } from '../../lib/target.ts'
import { list } from '../backup/list.ts'
import { alone } from '../backup/lock.ts'
import { tellVerification, verifySet } from '../backup/verify.ts'
import { validateStores } from '../validate-store.ts'
import { conclude, evidenceOf } from './evidence.ts'

/** The paper's short form: lists the backups, reads the newest set back, and looks at the live data. */
export async function quickTest(target: Target): Promise<ExitCode> {
  const stores = Object.values(target.stores)
  await list(target, stores, { json: false, set: undefined })
  const note = new RunNote(
    target.backups,
    newRun({ project: target.runtime.project, kind: 'test', name: 'quick' }),
    text => void process.stderr.write(`${text}\n`),
  )
  const found = await alone(target, run => verifySet(target, run))
  const evidence = evidenceOf('quick', found.manifest)
  if (!tellVerification(found))
    evidence.failures.push(`${found.manifest.set} could not be read back and proven`)
  const integrity = await validateStores(target, stores)
  if (integrity !== 0) evidence.failures.push('the live data is not what it should be: npm start')
  return conclude(target, evidence, note)
}
