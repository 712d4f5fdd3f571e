import { requirePracticeGround } from '../ground.ts'
import { startMonitoring } from '../monitoring.ts'
import { say } from '../setup/progress.ts'
import { ensureDocker, ensureEnv, ensureImages } from '../setup/setup.ts'
import { startGround } from '../start.ts'
import { labTarget } from '../target.ts'
import { type LabCommand, noMore } from './command.ts'

export const up: LabCommand = {
  usage: '[--yes] [--monitoring]',
  summary: 'set up what is missing and start the platform',
  details: `Makes sure of Docker and the images, writes .env from .env.example when there is none, starts every
service and waits until the stores are healthy. What runs already with the same settings is left alone.

  --yes          install Docker without asking (Debian and Ubuntu, as root)
  --monitoring   start Prometheus, Alertmanager and Grafana too (Grafana only where an image hub answers)`,
  options: { yes: { type: 'boolean' }, monitoring: { type: 'boolean' } },
  run: async given => {
    noMore(given)
    await ensureDocker({ yes: given.values.yes === true || Boolean(process.env.CI) })
    await ensureEnv()
    const images = await ensureImages()
    // Read only now: the set-up may have written .env.
    const target = labTarget()
    await startGround(target)
    await requirePracticeGround(target)
    if (given.values.monitoring === true) await startMonitoring(images)
    say(`"${target.project}" runs; its front door is ${target.urls.gateway}`)
    say('next: npm run lab -- seed')
  },
}
