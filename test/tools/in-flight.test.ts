import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Unmatched } from '../../steps/repair-references.ts'
import { withoutInFlight } from '../../tools/repair/in-flight.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

describe('points that are written while they are compared', suite => {
  const root = tempDir(suite)
  const list = (folder: string) => join(root, folder, 'orphaned_points_chunks.txt')
  /** What a comparison in this folder of the run has found. */
  const found = (folder: string, ...orphans: string[]) => {
    mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(list(folder), orphans.map(key => `${key}\n`).join(''))
    const facts = { target: { root }, run: { id: 'r', folder }, relation: { name: 'chunks' } }
    return { ...facts, seen: { orphans: orphans.length } } as unknown as Unmatched
  }

  suite.test('one whose row is there in the second comparison is not deleted', async () => {
    const facts = found('one', '7', '9', '10000044')
    const settled = await withoutInFlight(facts, 'point', async again => found(again, '7', '9', '10000045'))
    assert.is(settled.seen.orphans, 2)
    assert.is(readFileSync(list('one'), 'utf8'), '7\n9\n')
    assert.not(existsSync(join(root, 'one/again')), 'the second list is only for the comparison')
  })

  suite.test('where it was the only one, nothing is left to do', async () => {
    const settled = await withoutInFlight(found('two', '10000044'), 'point', async again => found(again))
    assert.is(settled.seen.orphans, 0)
  })

  suite.test('without any, nothing is compared again', async () => {
    const facts = found('three')
    const never = () => Promise.reject(new Error('compared again'))
    assert.is(await withoutInFlight(facts, 'point', never), facts)
  })
})
