import { compose, requirePracticeGround } from '../ground.ts'
import { say, track } from '../setup/progress.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const down: LabCommand = {
  usage: '[--volumes]',
  summary: 'stop the platform; the data stays',
  details: `Removes the containers. The volumes stay, and the next "up" finds the data again.

  --volumes   remove the volumes too, backups included; saved copies (pristine) stay`,
  options: { volumes: { type: 'boolean' } },
  run: async given => {
    noMore(given)
    const target = labTarget()
    await requirePracticeGround(target)
    const rest = given.values.volumes === true ? ['--volumes'] : []
    await track('platform', 'stopping', () => compose(target, 'down', ...rest))
    say(
      rest.length > 0 ? 'containers and volumes are gone' : 'the volumes are kept; npm run lab -- up goes on',
    )
  },
}
