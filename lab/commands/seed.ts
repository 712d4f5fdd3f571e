import { badInput } from '../../lib/problem.ts'
import { requireOwnPorts, requirePracticeGround } from '../ground.ts'
import { seed as fill } from '../seed/seed.ts'
import { say } from '../setup/progress.ts'
import { waitUntilHealthy } from '../start.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore, text } from './command.ts'

export const seed: LabCommand = {
  usage: '[--scale <n>]',
  summary: 'fill the stores with the documentation of the packages in node_modules',
  details: `The same lock file gives the same data. Seeding again with the same scale does nothing; stores that hold
anything else are refused.

  --scale <n>   the data n times, with variants (1: about 3,500 chunks, see the README for sizes)`,
  options: { scale: { type: 'string' } },
  run: async given => {
    noMore(given)
    const written = text(given, 'scale') ?? '1'
    if (!/^\d{1,4}$/.test(written)) throw badInput(`--scale must be a whole number, not "${written}"`)
    const target = labTarget()
    await requirePracticeGround(target)
    await requireOwnPorts(target, ['qdrant', 'neo4j', 'postgres', 'minio'])
    const began = Date.now()
    const filled = await fill(target, Number(written))
    if (!filled) return say('the stores hold this seed already; nothing to do')
    say(`seeded in ${Math.round((Date.now() - began) / 1000)} s`)
    await waitUntilHealthy(target)
  },
}
