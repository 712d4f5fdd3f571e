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

  --scale <n>   the data n times, with variants. On disk and on two cores, roughly:
                   1   3,600 chunks   Qdrant  17 MB   Neo4j 0.5 GB   PostgreSQL  11 MB   20 s
                  30   107,000        Qdrant 310 MB   Neo4j 1.2 GB   PostgreSQL 100 MB   3 min
                  60   twice as much, by calculation`,
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
