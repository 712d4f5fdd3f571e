import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { writeReport } from '../../lib/report.ts'
import type { Target } from '../../lib/target.ts'
import { openIncident, resumeIncident, unfinished } from '../../runbook/incident.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

function targetAt(root: string, project = 'p'): Target {
  return { root, incidents: join(root, 'incidents'), runtime: { project } } as Target
}

describe('incidents', suite => {
  const dir = tempDir(suite)
  let next = 0
  const fresh = () => {
    const root = join(dir, `${next++}`)
    mkdirSync(root)
    return targetAt(root)
  }
  const open = (target: Target) => openIncident(target, 'qdrant-corruption', '1.0', 15)

  suite.test('a new one has a folder, a name of its time, and says who opened it', () => {
    const target = fresh()
    const incident = open(target)
    assert.match(incident.name, /^\d{8}_\d{6}-qdrant-corruption$/)
    assert.match(incident.folder, /^incidents\//)
    const [event] = incident.journal.read()
    assert.is(event?.kind === 'opened' && event.project, 'p')
    assert.equal(unfinished(target, 'qdrant-corruption'), [incident.name])
  })

  suite.test('a resumed one knows what was done and asks for the phrase again', () => {
    const target = fresh()
    const { journal, name } = open(target)
    journal.write({ kind: 'answered', path: 'choose-backup/backup', question: 'Which?', answer: 'b', ms: 1 })
    journal.write({ kind: 'confirmed', phrase: 'p', binding: {} })
    for (const given of [name, undefined]) {
      const { memory, before } = resumeIncident(target, 'qdrant-corruption', given)
      assert.equal(memory.of('choose-backup/backup'), { state: 'answered', answer: 'b' })
      assert.is(memory.confirmed, false)
      assert.ok(before.some(event => event.kind === 'confirmed'))
    }
  })

  suite.test('one that was recovered is finished, one that failed is not', () => {
    const target = fresh()
    const { journal, name } = open(target)
    journal.write({ kind: 'closed', outcome: 'failed', exitCode: 2 })
    assert.equal(unfinished(target, 'qdrant-corruption'), [name])
    journal.write({ kind: 'closed', outcome: 'recovered and proven', exitCode: 0 })
    assert.equal(unfinished(target, 'qdrant-corruption'), [])
  })

  suite.test('one that does not exist, or has an evil name, cannot be resumed', async () => {
    const target = fresh()
    for (const name of [undefined, 'gone', '../../etc', '; rm -rf /', 'x'.repeat(10_000)]) {
      const error = (await failure(() => resumeIncident(target, 'qdrant-corruption', name))) as Problem
      assert.is(error.exitCode, EXIT.badInput)
      assert.ok(error.message.length < 300)
      assert.ok(error.hint)
    }
  })

  suite.test('one of another project or scenario cannot be resumed', async () => {
    const target = fresh()
    const { name } = open(target)
    const other = targetAt(target.root, 'production')
    assert.match((await failure(() => resumeIncident(other, 'qdrant-corruption', name))).message, 'is not a')
    assert.equal(unfinished(other, 'qdrant-corruption'), [])
    assert.match((await failure(() => resumeIncident(target, 'neo4j-loss', name))).message, 'is not a')
  })

  suite.test('a journal with half a last line can be resumed, and what follows is kept', () => {
    const target = fresh()
    const { journal, name } = open(target)
    appendFileSync(journal.file, '{"at":"2026-')
    const resumed = resumeIncident(target, 'qdrant-corruption', name)
    assert.equal(
      resumed.journal.read().map(event => event.kind),
      ['opened', 'resumed'],
    )
  })

  suite.test('a folder that is no incident does not disturb', () => {
    const target = fresh()
    mkdirSync(join(target.incidents, 'empty-qdrant-corruption'), { recursive: true })
    writeFileSync(join(target.incidents, 'a file'), '')
    assert.equal(unfinished(target, 'qdrant-corruption'), [])
  })
})

describe('the report of an incident', suite => {
  const root = tempDir(suite)
  const { journal, folder, name } = openIncident(targetAt(root), 'qdrant-corruption', '1.0', 15)
  let report = ''
  suite.before(() => {
    const write = { path: 'restore/1', say: 'recover documents', effect: 'write' } as const
    journal.write({ kind: 'started', ...write, command: 'curl -X POST x', undo: 'curl -X DELETE x' })
    journal.write({ kind: 'finished', ...write, ms: 65_000 })
    const check = { path: 'validate/0', ms: 1000 }
    const content = { ...check, say: 'content', expected: '18,204 points' }
    journal.write({ kind: 'checked', ...content, verdict: 'failed', found: '18,203 points' })
    journal.write({ kind: 'checked', ...content, verdict: 'proven', found: '18,204 points' })
    journal.write({
      kind: 'checked',
      ...check,
      path: 'validate/1',
      say: 'references',
      verdict: 'expected loss',
      found: '12 rows',
    })
    journal.write({ kind: 'note', text: 'In quarantine: documents_v1' })
    journal.write({ kind: 'failed', path: 'x', say: 'smoke test', problem: ['no answer', 'HINT: wait'] })
    journal.write({ kind: 'closed', outcome: 'recovered and proven', exitCode: 0 })
    const written = writeReport(root, folder)
    report = readFileSync(join(root, written.trim()), 'utf8')
  })
  const tells = (what: string, text: RegExp) => suite.test(`tells ${what}`, () => assert.match(report, text))

  tells('how it ended', /closed .*: recovered and proven/)
  tells('what was lost', /Expected loss: 12 rows/)
  tells('what is kept', /In quarantine: documents_v1/)
  tells(
    'what was changed, and how to take it back',
    /recover documents .*\n {2}- `curl -X POST x`\n {2}- undo: `curl -X DELETE x`/,
  )
  tells('what was proven', /content \| 18,204 points \| 18,204 points \| proven \(before: failed\)/)
  tells('what failed', /FAILED: smoke test: no answer/)
  suite.test('has the checks in a file of their own', () => {
    const checks = readFileSync(join(root, folder, `validation_report_${name}.txt`), 'utf8')
    assert.match(
      checks,
      /^proven +validate: content: 18,204 points {2}\(1\.0 s\)\n +expected: 18,204 points$/m,
    )
    assert.match(checks, /^expected loss +validate: references: 12 rows/m)
    assert.match(checks, /^2 of 2 checks passed$/m, 'one that was made again counts as it came out last')
    const json = JSON.parse(readFileSync(join(root, folder, `validation_report_${name}.json`), 'utf8'))
    assert.equal(json.checks[0], {
      store: 'validate',
      check: 'content',
      verdict: 'proven',
      expected: '18,204 points',
      found: '18,204 points',
      seconds: 1,
    })
  })
})
