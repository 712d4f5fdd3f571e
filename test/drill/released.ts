import { basename } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert } from '../describe.ts'
import { last } from './said.ts'

/** What a recovery has kept is released, and only with the phrase. */
export async function assertReleased(
  target: LabTarget,
  incident: string,
  kept: () => Promise<readonly string[]>,
): Promise<void> {
  const name = basename(incident)
  const tool = (phrase: string) =>
    run(target, 'tools/release-quarantine.ts', [name, '--confirm', phrase], 120)
  const before = await kept()
  assert.ok(before.length > 0, 'something must be kept')
  const refused = await tool('no such phrase')
  assert.is(refused.exitCode, 3, last(refused))
  assert.equal(await kept(), before)
  const ended = await tool(`${target.project} release ${name}`)
  assert.is(ended.exitCode, 0, last(ended))
  assert.equal(await kept(), [])
}
