import { CONFIG_SCHEMA } from '../../lib/config-schema.ts'
import { flaws, flawsOfSchema, type Schema } from '../../lib/schema.ts'
import { kindOf } from '../../stores/kinds.ts'
import { MANIFEST_SCHEMA } from '../../stores/manifest.ts'
import { failedMember } from '../../stores/member.ts'
import { VERIFICATION_SCHEMA } from '../../stores/verification.ts'
import { assert, describe } from '../describe.ts'

const SCHEMAS: Record<string, Schema> = {
  configuration: CONFIG_SCHEMA,
  manifest: MANIFEST_SCHEMA,
  'failed member': failedMember,
  'Qdrant member': kindOf('qdrant').schema,
  'Neo4j member': kindOf('neo4j').schema,
  'PostgreSQL member': kindOf('postgres').schema,
  verification: VERIFICATION_SCHEMA,
}

describe('the schemas themselves', suite => {
  for (const [name, schema] of Object.entries(SCHEMAS)) {
    suite.test(`${name}: is a sound schema`, () => assert.is(flawsOfSchema(schema), ''))
  }
  suite.test('one that is not is found', () => {
    assert.match(flawsOfSchema({ type: 'object', required: 'name' }), /required must be array/)
  })
  suite.test('a word that no schema has is refused when it is used first', () => {
    assert.throws(() => flaws({ type: 'object', propertys: {} }, {}), /unknown keyword: "propertys"/)
  })
})
