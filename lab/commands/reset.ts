import { resetToPristine, volumesNamed } from '../pristine.ts'
import { track } from '../setup/progress.ts'
import { startGround, waitUntilHealthy } from '../start.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, text } from './command.ts'

export const reset: LabCommand = {
  usage: '[volume …] [--from <project>]',
  summary: 'bring the volumes back from their copies',
  details: `Without names all of them. Whatever is in the volumes now is lost, backups included when minio_data is
among them.

  --from <project>   take the copies of another practice ground`,
  options: { from: { type: 'string' } },
  run: async given => {
    const volumes = volumesNamed(given.positionals)
    const target = labTarget()
    const from = text(given, 'from')
    await track('volumes', 'bringing them back', () => resetToPristine(target, volumes, from))
    await startGround(target)
    await waitUntilHealthy(target)
  },
}
