import { compose, requirePracticeGround, states } from '../ground.ts'
import { removePristine } from '../pristine.ts'
import { say, track } from '../setup/progress.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const down: LabCommand = {
  usage: '[--volumes] [--copies]',
  summary: 'stop the platform; the data stays',
  details: `Removes the containers. The volumes stay, and the next "up" finds the data again.

  --volumes   remove the volumes too, backups included; saved copies (pristine) stay
  --copies    remove the saved copies`,
  options: { volumes: { type: 'boolean' }, copies: { type: 'boolean' } },
  run: async given => {
    noMore(given)
    const target = labTarget()
    if ((await states(target)).length > 0) await requirePracticeGround(target)
    const rest = given.values.volumes === true ? ['--volumes'] : []
    await track('platform', 'stopping', () => compose(target, '--profile', 'monitoring', 'down', ...rest))
    if (given.values.copies === true) await removePristine(target)
    say(
      rest.length > 0 ? 'containers and volumes are gone' : 'the volumes are kept; npm run lab -- up goes on',
    )
  },
}
