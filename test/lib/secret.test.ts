import { inspect } from 'node:util'
import { mask, maskCredentials, Secret } from '../../lib/secret.ts'
import { assert, describe } from '../describe.ts'

describe('a secret', suite => {
  const value = 'p@ss/w%rd+1'
  const secret = new Secret('SECRET_TEST', value)

  suite.test('gives its value only when asked for it', () => assert.is(secret.reveal(), value))
  suite.test('shows its name wherever it is printed', () => {
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret),
    ]
    for (const text of [...shown, Object.values(secret).join()]) {
      assert.match(text, 'SECRET_TEST')
      assert.not.match(text, value)
    }
  })
  suite.test('is masked as it is, URL-encoded and in base64', () => {
    for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')]) {
      assert.is(mask(`before ${form} after`), 'before <SECRET_TEST> after')
    }
  })
  suite.test('is masked every time it occurs', () => {
    assert.is(mask(`${value},${value}`), '<SECRET_TEST>,<SECRET_TEST>')
  })
  suite.test('leaves other text alone, also for the shortest values', () => {
    new Secret('SHORT', 'abc')
    new Secret('UNSET', '')
    assert.is(mask('abc and nothing secret'), 'abc and nothing secret')
  })
  suite.test('one that begins like another is masked whole', () => {
    new Secret('ACCESS', 'minioadmin')
    new Secret('SECRET', 'minioadmin123')
    assert.is(mask('minioadmin / minioadmin123'), '<ACCESS> / <SECRET>')
  })
  suite.test('signatures in signed links are masked, whoever made them', () => {
    const link = mask('http://h/o?X-Amz-Credential=AKIA/x&X-Amz-Expires=60&X-Amz-Signature=0123abcd"')
    assert.is(link, 'http://h/o?X-Amz-Credential=<masked>&X-Amz-Expires=60&X-Amz-Signature=<masked>"')
  })
  suite.test('is masked in JSON, in JSON as Go writes it, and where Compose doubles its dollar signs', () => {
    const odd = new Secret('ODD', 'a"b$c<d>e&f')
    for (const form of [
      'a\\"b$c<d>e&f',
      'a\\"b$$c<d>e&f',
      'a\\"b$$c\\u003cd\\u003ee\\u0026f',
      'a"b$$c<d>e&f',
    ])
      assert.is(mask(`before ${form} after`), 'before <ODD> after', `${odd} as ${form}`)
  })
})

describe('a credential of somebody else', suite => {
  suite.test('is blanked out where its name tells', () => {
    for (const name of [
      'API_KEY',
      'KEY',
      'DB_PASSWORD',
      'TOKEN',
      'AUTH_SECRET',
      'AWS_SECRET_ACCESS_KEY',
      'KEY_FILE',
    ])
      assert.is(maskCredentials(`{"${name}": "x\\"y", "A": "b"}`), `{"${name}": "<masked>", "A": "b"}`)
  })
  suite.test('is blanked out in an address', () => {
    const url = 'postgres://me:pass@db:5432/x http://h:80/a@b'
    assert.is(maskCredentials(url), 'postgres://me:<masked>@db:5432/x http://h:80/a@b')
  })
  suite.test('what only names a variable, and every other text, stays', () => {
    for (const text of [
      `{"API_KEY": "\${API_KEY}"}`,
      '{"KEYS": "a", "MONKEY": "b", "key": "c"}',
      '{"KEY": ""}',
    ])
      assert.is(maskCredentials(text), text)
  })
})
