import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepRecording, withoutNames } from '../../lab/recordings.ts'
import type { Recorded } from '../../lib/journal.ts'
import type { RecordedRun, RecordedTarget } from '../../runbook/recording.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const at = '2026-11-27T02:00:00.000Z'

function run(host: string, stdout: string): RecordedRun {
  const who = { host, operator: 'ada' }
  const events: Recorded[] = [
    { at, kind: 'opened', scenario: 's', incident: 'i', project: 'p', version: '1', ...who },
    { at, kind: 'resumed', ...who },
  ]
  const output = { n: 1, at, path: 'a/0', command: 'ls /opt/of-ada/x', durationMs: 1, stdout }
  return {
    events,
    outputs: [output],
    target: { root: '/opt/of-ada', given: [] } as unknown as RecordedTarget,
  }
}

describe('a recording that is kept', suite => {
  const dir = tempDir(suite)

  suite.test('names neither the machine nor the directory nor the engineer', () => {
    const { events, outputs, target } = withoutNames(run('box7', '{"host":"box7","at":"/opt/of-ada"} box70'))
    const who = { host: 'host', operator: 'engineer' }
    assert.equal(
      events.map(event => 'operator' in event && { host: event.host, operator: event.operator }),
      [who, who],
    )
    assert.is(outputs[0]?.command, 'ls /srv/ai-platform/x')
    assert.is(outputs[0]?.stdout, '{"host":"host","at":"/srv/ai-platform"} box70')
    assert.is(target.root, '/srv/ai-platform')
  })

  suite.test('leaves addresses as they are where the machine is called as every one calls itself', () => {
    const { outputs } = withoutNames(run('localhost', 'http://localhost:6333'))
    assert.is(outputs[0]?.stdout, 'http://localhost:6333')
  })

  suite.test('is refused where it still names a home', async () => {
    const incident = join(dir, 'incident')
    mkdirSync(incident)
    const { events, outputs, target } = run('box7', `/${'home'}/ada/notes`)
    const files = { 'journal.jsonl': events, 'outputs.jsonl': outputs, 'target.json': [target] }
    for (const [name, lines] of Object.entries(files))
      writeFileSync(join(incident, name), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const error = await failure(() => keepRecording(incident, join(dir, 'kept')))
    assert.match(error.message, /outputs\.jsonl names a place of this machine/)
    writeFileSync(join(incident, 'outputs.jsonl'), '')
    keepRecording(incident, join(dir, 'kept'))
    assert.equal(readdirSync(join(dir, 'kept')).sort(), Object.keys(files).sort())
    assert.not.match(readFileSync(join(dir, 'kept/journal.jsonl'), 'utf8'), /box7|ada"/)
  })
})
