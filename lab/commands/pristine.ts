import { savePristine } from '../pristine.ts'
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
    await track('copies', 'saving every volume', () => savePristine(target))
    await waitUntilHealthy(target)
    say('next: npm run lab -- break <fault>, and npm run lab -- reset to come back')
  },
}
