import { compose } from './ground.ts'
import { track } from './setup/progress.ts'
import { ensureMonitoring, type ImageChoice } from './setup/setup.ts'
import { type LabTarget, labTarget } from './target.ts'

/** Starts the compose profile `monitoring` beside a ground that runs; without Grafana where there is no image of it. */
export async function startMonitoring(
  { kind }: Pick<ImageChoice, 'kind'>,
  target?: LabTarget,
): Promise<void> {
  await ensureMonitoring(kind)
  const grafana = kind === 'stand-in' ? [] : ['grafana']
  const pull = kind === 'stand-in' ? 'never' : 'missing'
  const up = ['--profile', 'monitoring', 'up', '-d', '--no-build', '--pull', pull, '--no-deps']
  // Read only now: the set-up may have written .env.
  const ground = target ?? labTarget()
  await track('monitoring', 'starting exporter, Prometheus and Alertmanager', () =>
    compose(ground, ...up, 'exporter', 'prometheus', 'alertmanager', ...grafana),
  )
}
