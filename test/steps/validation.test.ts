import type { Output } from '../../lib/command.ts'
import type { AnyStep, Facts, Skip, Verdict } from '../../runbook/model.ts'
import { walk } from '../../runbook/tree.ts'
import { integrityNeo4j, integrityPostgres, integrityQdrant } from '../../steps/integrity.ts'
import { validateNeo4j } from '../../steps/validate-neo4j.ts'
import { validatePostgres } from '../../steps/validate-postgres.ts'
import { validateQdrant } from '../../steps/validate-qdrant.ts'
import { validateNodes, validatePoints } from '../../steps/validate-references.ts'
import { assert, describe } from '../describe.ts'
import { contentCases, TOLD } from '../stores/content-cases.ts'
import { neo4jCases } from '../stores/neo4j/cases.ts'
import { postgresCases } from '../stores/postgres/cases.ts'
import { qdrantCases } from '../stores/qdrant-cases.ts'

/** One check with an answer that it must pass and answers that it must not; see each. */
export interface Case {
  passes: readonly [Output, Facts]
  /** More answers that it must pass. */
  also?: readonly (readonly [Output, Facts])[]
  /** With the verdict and words that have to be in what was found. */
  fails: readonly (readonly [Output, Facts, Verdict['verdict'] | 'skipped', RegExp])[]
}

interface Made {
  say: string
  holds: (o: Output, f: Facts) => Verdict | Skip
}

/** Compared across stores: their failing cases are those of the tests of references, edges and content. */
const REFERENCES = /\bits row( says)?$/

/** Every check of these steps by its sentence. */
function checksOf(steps: readonly AnyStep[]): Map<string, Made> {
  const all = steps.flatMap(step => [...walk(step.nodes)])
  const parts = all.flatMap(({ node }) => (node.kind === 'check' ? [...node.parts] : []))
  return new Map(parts.filter(({ say }) => !REFERENCES.test(say)).map(part => [part.say, part]))
}

const STORES: [string, readonly AnyStep[], Record<string, Case>][] = [
  ['Qdrant', [validateQdrant, validatePoints, integrityQdrant], { ...qdrantCases, ...contentCases.qdrant }],
  ['Neo4j', [validateNeo4j, validateNodes, integrityNeo4j], { ...neo4jCases, ...contentCases.neo4j }],
  ['PostgreSQL', [validatePostgres, integrityPostgres], { ...postgresCases, ...contentCases.postgres }],
]

for (const [name, steps, cases] of STORES) {
  describe(`the validation of ${name}`, suite => {
    const checks = checksOf(steps)
    suite.test('has a case in which it passes and one in which it does not, for every check', () => {
      assert.equal(Object.keys(cases).sort(), [...checks.keys()].sort())
      for (const [say, { fails }] of Object.entries(cases)) assert.ok(fails.length > 0 || say === TOLD, say)
    })
    suite.test('makes all its checks, also behind one that fails', () => {
      for (const step of steps) assert.ok(step.survey, step.id)
    })
    for (const [say, { passes, also = [], fails }] of Object.entries(cases)) {
      suite.test(`${say}: passes`, () => {
        for (const answer of [passes, ...also]) {
          const verdict = checks.get(say)!.holds(...answer)
          const passed = 'verdict' in verdict && /^(proven|expected loss)$/.test(verdict.verdict)
          assert.ok(passed, JSON.stringify(verdict))
        }
      })
      for (const [index, [output, facts, verdict, says]] of fails.entries()) {
        suite.test(`${say}: ${index + 1}: ${verdict}, ${says.source}`, () => {
          const found = checks.get(say)!.holds(output, facts)
          if ('skip' in found) {
            assert.is(verdict, 'skipped')
            assert.match(found.skip, says)
          } else {
            assert.is(found.verdict, verdict, found.found)
            assert.match(found.found, says)
          }
        })
      }
    }
  })
}
