import { badInput } from '../../lib/problem.ts'
import { requireOwnPorts } from '../ground.ts'
import { savePristine } from '../pristine.ts'
import { seedOf } from '../seed/seed.ts'
import { say, track } from '../setup/progress.ts'
import { waitUntilHealthy } from '../start.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const pristine: LabCommand = {
  usage: '',
  summary: 'save a copy of every volume as it is now',
  details: 'Stops the services, copies each volume into one named …_pristine, and starts them again.',
  options: {},
  run: async given => {
    noMore(given)
    const target = labTarget()
    await requireOwnPorts(target, ['postgres'])
    const mark = await seedOf(target)
    if (!mark) throw badInput('the stores hold no finished seed', 'npm run lab -- seed')
    await track('copies', 'saving every volume', () => savePristine(target, mark))
    await waitUntilHealthy(target)
    say('next: npm run lab -- break <fault>, and npm run lab -- reset to come back')
  },
}
