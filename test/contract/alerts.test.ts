import { readFileSync } from 'node:fs'
import { docker } from '../../lab/ground.ts'
import { ensureImages, ensureMonitoring } from '../../lab/setup/setup.ts'
import { type LabTarget, labTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'

/** Images may have to be built. */
const LIMIT = { seconds: 300 }

describe('the alert rules, by the real promtool and amtool', suite => {
  let target: LabTarget
  suite.before(async () => {
    const { kind } = await ensureImages()
    await ensureMonitoring(kind)
    target = labTarget()
  })

  /** Runs a program of an image on a folder of monitoring/; throws what it says when it fails. */
  const tool = (image: string, program: string, folder: string, ...args: string[]) => {
    const at = `/etc/${folder}`
    const mount = `${target.root}/monitoring/${folder}:${at}:ro`
    const run = ['run', '--rm', '--network', 'none', '-v', mount, '-w', at, '--entrypoint', program]
    return docker(target, [...run, imageOf(target, image), ...args])
  }
  const promtool = (...args: string[]) => tool('PROMETHEUS_IMAGE', '/bin/promtool', 'prometheus', ...args)

  suite.test(
    'fire when they should, and only then',
    async () => void (await promtool('test', 'rules', 'alerts.test.yml')),
    LIMIT,
  )
  suite.test(
    'are scraped and sent as configured',
    async () => void (await promtool('check', 'config', 'prometheus.yml')),
    LIMIT,
  )
  suite.test(
    'reach somebody',
    async () =>
      void (await tool(
        'ALERTMANAGER_IMAGE',
        '/bin/amtool',
        'alertmanager',
        'check-config',
        'alertmanager.yml',
      )),
    LIMIT,
  )
  suite.test(
    'call whom their level of escalation says',
    async () => {
      const called = async (level: string) => {
        const test = ['config', 'routes', 'test', '--config.file=alertmanager.yml', `level=${level}`]
        return tool('ALERTMANAGER_IMAGE', '/bin/amtool', 'alertmanager', ...test)
      }
      assert.equal(
        [await called('1'), await called('2'), await called('3')],
        ['on-call-engineer', 'database-administrator', 'platform-architect'],
      )
      const rules = readFileSync(`${target.root}/monitoring/prometheus/alerts.yml`, 'utf8')
      const levels = new Set([...rules.matchAll(/level: "(.*?)"/g)].map(match => match[1]))
      assert.equal([...levels].sort(), ['1', '2', '3'])
    },
    LIMIT,
  )
  suite.test('are all tested', () => {
    const names = (file: string, key: RegExp) =>
      new Set(
        [...readFileSync(`${target.root}/monitoring/prometheus/${file}`, 'utf8').matchAll(key)].map(
          m => m[1],
        ),
      )
    const tested = names('alerts.test.yml', /alertname: (\w+)\n\s+exp_alerts:(?! \[\])/g)
    const missing = [...names('alerts.yml', /- alert: (\w+)/g)].filter(name => !tested.has(name))
    assert.equal(missing, [])
  })
})

/** As the set-up has chosen it, else as the compose file names it. */
function imageOf({ env, root }: LabTarget, variable: string): string {
  const compose = readFileSync(`${root}/docker-compose.yaml`, 'utf8')
  const upstream = new RegExp(`\\$\\{${variable}:-([^}]+)\\}`).exec(compose)?.[1]
  const image = env[variable] ?? upstream
  if (!image) throw new Error(`the compose file has no ${variable}`)
  return image
}
