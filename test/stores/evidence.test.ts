import type { Output } from '../../lib/command.ts'
import { type Evidence, readTests, testedText } from '../../stores/evidence.ts'
import { schemaDigest } from '../../stores/kinds.ts'
import { assert, describe } from '../describe.ts'
import { collectionBackup, points, qdrantMember } from './samples.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const member = qdrantMember([collectionBackup('documents_v1', points(30))])
const { engine_version: engine, image } = member
const schema = schemaDigest(member)

function line(day: string, rest: Partial<Evidence> = {}): string {
  const stores = { qdrant: { engine, image, schema, items: { points: 25 } } }
  const at = `2026-11-${day}T12:00:00Z`
  return JSON.stringify({
    at,
    kind: 'full',
    set: 's',
    host: 'h',
    tool_version: '1',
    stores,
    verdict: 'passed',
    failures: [],
    ...rest,
  })
}

function told(...lines: string[]): string {
  const tested = readTests({ exitCode: 0, stdout: lines.join('\n'), stderr: '' } as Output)
  return testedText(tested, 'qdrant', member, NOW)
}

describe('the age of evidence in a plan', suite => {
  suite.test('is that of the last restore that was tested and passed', () => {
    assert.is(told(line('11'), line('21')), 'tested    2 days ago')
  })
  suite.test(
    'is nothing where nothing was tested, or only in the short form, or in vain, or in half a line',
    () => {
      const never = 'tested    never: no restore of it was tested here (npx tsx tools/test-recovery.ts)'
      assert.is(told(), never)
      assert.is(
        told(line('21', { kind: 'quick' }), line('22', { failures: ['no'] }), line('23').slice(0, 50)),
        never,
      )
    },
  )
  suite.test('comes with what is different since then: engine, image, schema, far more data', () => {
    const qdrant = { engine, image, schema, items: { points: 25 } }
    const was = (change: object) => told(line('13', { stores: { qdrant: { ...qdrant, ...change } } }))
    assert.is(
      was({ engine: '1.17.0' }),
      `tested    10 days ago; since then: the engine is ${engine}, not 1.17.0`,
    )
    assert.is(was({ image: 'other' }), 'tested    10 days ago; since then: its image is another')
    assert.is(was({ schema: 'other' }), 'tested    10 days ago; since then: its schema is another')
    assert.is(
      was({ items: { points: 10 } }),
      'tested    10 days ago; since then: 30 points, only 10 were tested',
    )
  })
})
