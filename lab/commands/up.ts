import { requirePracticeGround } from '../ground.ts'
import { say } from '../setup/progress.ts'
import { ensureDocker, ensureEnv, ensureImages } from '../setup/setup.ts'
import { startGround } from '../start.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const up: LabCommand = {
  usage: '[--yes]',
  summary: 'set up what is missing and start the platform',
  details: `Makes sure of Docker and the images, writes .env from .env.example when there is none, starts every
service and waits until the stores are healthy. What runs already with the same settings is left alone.

  --yes   install Docker without asking (Debian and Ubuntu, as root)`,
  options: { yes: { type: 'boolean' } },
  run: async given => {
    noMore(given)
    await ensureDocker({ yes: given.values.yes === true || Boolean(process.env.CI) })
    await ensureEnv()
    await ensureImages()
    // Read only now: the set-up may have written .env.
    const target = labTarget()
    await startGround(target)
    await requirePracticeGround(target)
    say(`"${target.project}" runs; its front door is ${target.urls.gateway}`)
    say('next: npm run lab -- seed')
  },
}
