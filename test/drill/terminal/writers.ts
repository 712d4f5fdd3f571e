import { states } from '../../../lab/ground.ts'
import type { Ready } from '../ground.ts'

const WRITERS = [
  'gateway',
  'mcpjungle-gateway',
  'api-server',
  'graph-service',
  'learning-engine',
  'drift-monitor',
  'backup-service',
]

/** Whether every service that writes runs; false when none does. Throws when only some do. */
export async function writersRun({ target }: Ready): Promise<boolean> {
  const all = (await states(target)).filter(each => WRITERS.includes(each.service))
  const running = all.filter(each => each.state === 'running')
  if (running.length > 0 && running.length < WRITERS.length)
    throw new Error(`only ${running.map(each => each.service).join(', ')} run`)
  return running.length > 0
}
