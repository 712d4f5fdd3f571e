import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compose } from '../../lib/compose.ts'
import { quietSurroundings } from '../../runbook/activity.ts'
import { Execution } from '../../runbook/execute.ts'
import { Memory } from '../../runbook/memory.ts'
import type { Choice, Facts, Node, Question } from '../../runbook/model.ts'
import { commandsOf, resolve } from '../../runbook/plan.ts'
import { restartServices } from '../../steps/restart-services.ts'
import { fenceAtOnce, stopServices } from '../../steps/stop-services.ts'
import { assert, describe } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

describe('a platform without services that write', suite => {
  const dir = tempDir(suite)
  const said = join(dir, 'said')
  program(dir, 'docker', `echo "$@" >> '${said}'; echo '{"Service":"web","Name":"p-web-1","State":"exited"}'`)
  onPath(suite, dir)

  const facts = (writers: readonly string[]): Facts => ({
    target: {
      writers,
      graceSeconds: 5,
      smokeTests: { requests: [] },
      runtime: compose({ context: 'default', project: 'p', files: ['a'] }),
    },
    run: { id: '20261122_031502', folder: '.' },
    fence: 'no',
  })
  const run = (nodes: readonly Node[], writers: readonly string[]) =>
    new Execution(quietSurroundings(dir, new Memory())).sequence(nodes, facts(writers), 'x')

  suite.test('stops and starts nothing: without a name Docker would take the stores as well', async () => {
    await run(stopServices.nodes, [])
    await run(restartServices.nodes, [])
    assert.not.ok(existsSync(said))
  })
  suite.test('one with writers stops exactly them', async () => {
    await run(stopServices.nodes, ['web'])
    assert.match(readFileSync(said, 'utf8'), /^compose stop -t 5 web$/m)
  })
  suite.test('has no stop and no start in its plan, whatever is answered', () => {
    for (const { nodes } of [fenceAtOnce, stopServices, restartServices]) {
      const planned = (writers: readonly string[]) => {
        const { fence: _, ...known } = facts(writers)
        return [...commandsOf(resolve(nodes, known))].map(({ command }) => command.argv.join(' '))
      }
      assert.equal(planned([]), [])
      assert.ok(planned(['web']).length > 0)
    }
  })
  suite.test('says so, and is not asked whether to stop them', () => {
    const ask = fenceAtOnce.nodes[0] as { question: Question<Facts> }
    const offered = (writers: readonly string[]) =>
      ask.question.choices!(facts(writers)).map(({ value }: Choice) => value)
    assert.equal(offered([]), ['no'])
    assert.equal(offered(['web']), ['yes', 'no'])
    assert.match(stopServices.summary!(facts([]) as never), /no writers in the compose file/)
  })
})
