import { flaws } from '../../../lib/schema.ts'
import {
  carryOver,
  createDatabase,
  propertiesSchema,
  sameProperties,
} from '../../../stores/postgres/properties.ts'
import { assert, describe } from '../../describe.ts'
import { properties } from './samples.ts'

const own = {
  ...properties,
  comment: "it's ours",
  acl: [
    { grantee: 'PUBLIC', privilege: 'TEMPORARY', grantable: false },
    { grantee: 'odd "role"', privilege: 'CONNECT', grantable: true },
  ],
  settings: [
    { role: null, name: 'search_path', value: '"$user", public, "odd one"' },
    { role: 'reader', name: 'work_mem', value: '8MB' },
  ],
}

describe('properties of a database', suite => {
  suite.test('a database is made from template0, with encoding, locale and owner of the old one', () => {
    assert.is(
      createDatabase('side', properties),
      `CREATE DATABASE "side" TEMPLATE template0 OWNER "ai_user" ENCODING 'UTF8' LC_COLLATE 'en_US.utf8' LC_CTYPE 'en_US.utf8'`,
    )
    const icu = createDatabase('side', { ...properties, provider: 'i', locale: 'de-AT', connections: 5 })
    assert.match(icu, / LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' CONNECTION LIMIT 5$/)
    const builtin = createDatabase('side', { ...properties, provider: 'b', locale: 'C.UTF-8' })
    assert.match(builtin, / LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'$/)
  })
  suite.test('a name cannot end its quotes', () => {
    assert.match(
      createDatabase('a"; DROP DATABASE b; --', properties),
      /^CREATE DATABASE "a""; DROP DATABASE b; --" /,
    )
  })
  suite.test('without anything of its own nothing is carried over', () => {
    assert.equal(carryOver('side', properties), [])
  })
  suite.test('comment, privileges and settings are carried over, lists as lists', () => {
    assert.equal(carryOver('side', own), [
      `COMMENT ON DATABASE "side" IS 'it''s ours'`,
      'REVOKE ALL ON DATABASE "side" FROM PUBLIC, "ai_user"',
      'GRANT TEMPORARY ON DATABASE "side" TO PUBLIC',
      'GRANT CONNECT ON DATABASE "side" TO "odd ""role""" WITH GRANT OPTION',
      `ALTER DATABASE "side" SET search_path = '$user', 'public', 'odd one'`,
      `ALTER ROLE "reader" IN DATABASE "side" SET work_mem = '8MB'`,
    ])
  })
  suite.test('they are the same in any order, and not when one is missing', () => {
    assert.ok(
      sameProperties(own, { ...own, acl: [...own.acl].reverse(), settings: [...own.settings].reverse() }),
    )
    assert.not.ok(sameProperties(own, { ...own, settings: own.settings.slice(1) }))
    assert.not.ok(sameProperties(own, { ...own, comment: null }))
    assert.not.ok(sameProperties(own, { ...own, acl: null }))
  })
  suite.test('a manifest cannot smuggle SQL in through them', () => {
    assert.equal(flaws(propertiesSchema, own), [])
    const bad = { ...own, settings: [{ role: null, name: 'a = 1; DROP', value: '' }] }
    assert.ok(flaws(propertiesSchema, bad).length > 0)
    const worse = { ...own, acl: [{ grantee: 'x', privilege: 'ALL; DROP', grantable: false }] }
    assert.ok(flaws(propertiesSchema, worse).length > 0)
  })
})
