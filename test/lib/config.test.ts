import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../lib/config.ts'
import { schemaForEditors } from '../../lib/config-editors.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import { flaws, type Schema } from '../../lib/schema.ts'
import { servicesOf, storeNamed, targetOf } from '../../lib/target.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const EXAMPLE = readFileSync('runbook.config.yaml', 'utf8')
const SECRETS = {
  MINIO_ACCESS_KEY: 'config-access',
  MINIO_SECRET_KEY: 'config-secret',
  NEO4J_PASSWORD: 'config-neo4j',
  POSTGRES_PASSWORD: 'config-postgres',
}

describe('the configuration', suite => {
  const dir = tempDir(suite)
  let next = 0
  const file = (text: string) => {
    const path = join(dir, `config-${next++}.yaml`)
    writeFileSync(path, text)
    return path
  }
  const refused = async (text: string, env: NodeJS.ProcessEnv = SECRETS) => {
    const error = await failure(() => loadConfig(file(text), env))
    assert.instance(error, Problem)
    assert.is((error as Problem).exitCode, EXIT.badInput)
    assert.ok((error as Problem).hint)
    return error.message
  }
  /** The example with one text replaced; a text that is not there would test nothing. */
  const changed = (from: string | RegExp, to: string) => {
    const text = EXAMPLE.replace(from, to)
    assert.is.not(text, EXAMPLE)
    return text
  }
  const lineOf = (text: string, word: string) => text.slice(0, text.indexOf(word)).split('\n').length

  suite.test('for editors a variable stands wherever a form is asked for', () => {
    const schema = JSON.parse(schemaForEditors()) as Schema
    const { file: _, root: __, env: ___, ...written } = loadConfig(file(EXAMPLE), SECRETS)
    const named = (project: string) => ({ ...written, docker: { ...written.docker, project } })
    assert.equal(flaws(schema, named(`$\{COMPOSE_PROJECT_NAME:-ai-platform}`)), [])
    assert.equal(
      flaws(schema, named('Not A Name')).map(({ at }) => at),
      ['/docker/project'],
    )
  })
  suite.test('the example of the repository is valid', () => {
    const config = loadConfig(file(EXAMPLE), SECRETS)
    assert.equal(Object.keys(config.stores).sort(), ['neo4j', 'postgres', 'qdrant'])
    assert.is(config.root, dir)
  })

  suite.test(
    'what is critical goes to its store, and is refused where the kind has no such thing',
    async () => {
      const { stores } = targetOf(loadConfig(file(EXAMPLE), SECRETS))
      assert.equal(stores.neo4j?.critical, { labels: { Document: 1, Chunk: 1 } })
      assert.equal(stores.postgres?.critical?.tables?.feedback, { not_null: ['chunk_id', 'rating'] })
      const wrong = file(changed('critical: { labels:', 'critical: { collections:'))
      const error = await failure(() => targetOf(loadConfig(wrong, SECRETS)))
      assert.is((error as Problem).exitCode, EXIT.badInput)
      assert.match(error.message, 'stores.neo4j.critical says collections, and a neo4j store has none')
      assert.match(
        await refused(changed('labels: { Document: 1', 'labels: { Document: many')),
        /Document must be integer/,
      )
    },
  )

  suite.test('a missing file is named, with what to do', async () => {
    const error = (await failure(() => loadConfig(join(dir, 'none.yaml'), SECRETS))) as Problem
    assert.match(error.message, 'cannot read the configuration')
    assert.match(error.message, 'none.yaml')
    assert.match(error.hint ?? '', '--config')
    assert.is(error.exitCode, EXIT.badInput)
  })

  suite.test('a text that is not YAML is told with its line', async () => {
    assert.match(await refused('version: 1\nplatform: "open\n'), /is not YAML: .*line \d/)
    assert.match(await refused('a: 1\na: 2\n'), /is not YAML: .*unique/)
  })

  for (const [what, text] of [
    ['an empty file', ''],
    ['a list', '- 1\n'],
    ['a bare word', 'hello\n'],
  ] as const) {
    suite.test(`${what} is one mistake`, async () => {
      assert.match(await refused(text), /1 mistake:\n {2}line 1: must be object/)
    })
  }

  suite.test('an unknown key is told with its name and its line', async () => {
    const text = changed('  kind: qdrant', '  kind: qdrant\n    colour: red')
    const message = await refused(text)
    assert.match(message, '1 mistake')
    assert.match(message, 'stores.qdrant has an unknown key "colour"')
    assert.match(message, /line \d+:/)
  })

  suite.test('several mistakes are told at once, each with its line', async () => {
    const text = changed(/grace_seconds: \d+/, 'grace_seconds: soon')
      .replace(/bucket: .*/, 'bucket: "No Bucket!"')
      .replace(/next: .*/, 'next: tomorrow')
    const message = await refused(text)
    assert.match(message, '3 mistakes')
    for (const [word, sentence] of [
      ['grace_seconds', 'docker.grace_seconds must be number'],
      ['bucket: "No', 'backups.bucket must match'],
      ['next: tomorrow', 'review.next must match'],
    ] as const) {
      assert.match(message, `line ${lineOf(text, word)}: ${sentence}`)
    }
  })

  suite.test('a missing section is named', async () => {
    assert.match(await refused(changed(/^targets:\n( .*\n)+/m, '')), 'lacks the key "targets"')
  })

  suite.test('a kind of store that does not exist is refused with those there are', async () => {
    const message = await refused(changed('kind: qdrant', 'kind: mongodb'))
    assert.match(message, 'stores.qdrant.kind must be one of qdrant, neo4j, postgres')
  })

  suite.test('a name of a store that no backup could be named after is refused', async () => {
    for (const name of ['letters_db', 'Letters', '2nd', 'sets', 'all']) {
      const text = changed(/^ {2}qdrant:$/m, `  ${name}:`)
      const message = await refused(text)
      assert.match(message, '1 mistake')
      assert.match(
        message,
        `line ${lineOf(text, 'kind: qdrant')}: stores has the key "${name}": a store’s name`,
      )
    }
    loadConfig(file(changed(/^ {2}qdrant:$/m, '  qdrant-2:')), SECRETS)
  })

  suite.test('a server of the backups that is no service has none', () => {
    for (const text of [
      changed(/^ {2}service: minio\n/m, ''),
      changed(/^ {2}service: minio$/m, '  service: ""'),
    ]) {
      const target = targetOf(loadConfig(file(text), SECRETS))
      assert.is(target.backups.service, '')
      assert.not.ok(servicesOf(target).includes(''))
    }
  })

  suite.test('a password whose variable is not set is named, all of them at once', async () => {
    const message = await refused(EXAMPLE, {})
    assert.match(message, '4 mistakes')
    for (const variable of Object.keys(SECRETS))
      assert.match(message, `names the variable ${variable}, which is not set`)
  })

  suite.test('a retention that keeps nothing and a schedule that is none are refused', async () => {
    for (const days of ['0', '-1', 'soon']) {
      const message = await refused(EXAMPLE, { ...SECRETS, BACKUP_RETENTION_DAYS: days })
      assert.match(message, 'backups.retention_days must match')
    }
    assert.match(
      await refused(changed(/keep_verified: .*/, 'keep_verified: 0')),
      'backups.keep_verified must be >= 1',
    )
    assert.match(
      await refused(EXAMPLE, { ...SECRETS, BACKUP_SCHEDULE: 'nightly' }),
      'backups.schedule must match',
    )
    loadConfig(file(EXAMPLE), { ...SECRETS, BACKUP_SCHEDULE: 'off', BACKUP_RETENTION_DAYS: '7' })
  })

  suite.test('a smoke test that could not fail is refused', async () => {
    assert.match(await refused(changed('exactly: 6', 'exactly: 0')), 'number.exactly must be >= 1')
    assert.match(await refused(changed('at_least: 1\n', 'at_least: 0\n')), 'at_least must be >= 1')
    assert.match(await refused(changed(/expect: \{ text: .* \}/, 'expect: {}')), 'must NOT have fewer than 1')
    assert.match(await refused(changed(/ +expect: \{ text: .* \}\n/, '')), 'lacks the key "expect"')
  })

  suite.test('the key that smoke tests had before is refused', async () => {
    const before = `front_door:\n  url: http://127.0.0.1:8000\n  health: /health\n`
    const message = await refused(changed(/^smoke_tests:\n( .*\n)+/m, before))
    assert.match(message, /1 mistake:\n.*has an unknown key "front_door"/)
  })

  suite.test('an empty password is not set', async () => {
    assert.match(
      await refused(EXAMPLE, { ...SECRETS, NEO4J_PASSWORD: '' }),
      'NEO4J_PASSWORD, which is not set',
    )
  })

  suite.test('a variable wins over its default, an empty one does not', () => {
    const path = file(changed(/^platform: .*/m, `platform: \${PLATFORM_NAME:-by default}`))
    assert.is(loadConfig(path, SECRETS).platform, 'by default')
    assert.is(loadConfig(path, { ...SECRETS, PLATFORM_NAME: '' }).platform, 'by default')
    assert.is(loadConfig(path, { ...SECRETS, PLATFORM_NAME: 'by variable' }).platform, 'by variable')
  })

  suite.test('a variable without default and value leaves nothing, which is a mistake', async () => {
    assert.match(
      await refused(changed(/^platform: .*/m, `platform: \${NOT_SET}`)),
      'platform must NOT have fewer',
    )
  })

  suite.test('variables come from the env file, and the environment wins', () => {
    const text = `${changed(/^env_file: .*\n/m, '')}\nenv_file: own.env\n`
    writeFileSync(
      join(dir, 'own.env'),
      Object.entries(SECRETS)
        .map(pair => pair.join('='))
        .join('\n'),
    )
    const config = loadConfig(file(text), { NEO4J_PASSWORD: 'from-outside' })
    assert.is(config.env.MINIO_SECRET_KEY, 'config-secret')
    assert.is(config.env.NEO4J_PASSWORD, 'from-outside')
  })
})

describe('the target', suite => {
  const dir = tempDir(suite)
  const path = join(dir, 'runbook.config.yaml')
  writeFileSync(path, EXAMPLE)
  const target = (env: NodeJS.ProcessEnv = SECRETS) => targetOf(loadConfig(path, env))

  suite.test('holds its secrets by name', () => {
    assert.not.match(JSON.stringify(target()), /config-(access|secret|neo4j|postgres)/)
    assert.is(target().backups.secretKey.reveal(), 'config-secret')
  })
  suite.test('an optional key that is not set is none', () => {
    assert.is(storeNamed(target(), 'qdrant', 'qdrant').apiKey, undefined)
    const withKey = target({ ...SECRETS, QDRANT_API_KEY: 'config-qdrant' })
    assert.is(storeNamed(withKey, 'qdrant', 'qdrant').apiKey?.reveal(), 'config-qdrant')
  })
  suite.test('a store that is not there is refused with those there are', async () => {
    const error = (await failure(() => storeNamed(target(), 'qdrant2', 'qdrant'))) as Problem
    assert.is(error.exitCode, EXIT.badInput)
    assert.match(error.hint ?? '', 'qdrant (qdrant)')
    await failure(() => storeNamed(target(), 'neo4j', 'qdrant'))
  })
  suite.test('without smoke tests every store is asked whether it holds anything', () => {
    const text = EXAMPLE.replace(/^smoke_tests:\n( .*\n)+/m, '')
    assert.is.not(text, EXAMPLE)
    writeFileSync(join(dir, 'no-tests.yaml'), text)
    const { requests, queries } = targetOf(loadConfig(join(dir, 'no-tests.yaml'), SECRETS)).smokeTests
    assert.equal(requests, [])
    const ask = undefined
    assert.equal(queries, [
      { name: 'collections in qdrant', store: 'qdrant', ask, amount: {} },
      { name: 'nodes in neo4j', store: 'neo4j', ask, amount: {} },
      { name: 'tables in postgres', store: 'postgres', ask, amount: {} },
    ])
  })
  suite.test('a smoke test that could not be run is refused', async () => {
    for (const [from, to, sentence] of [
      ['store: postgres\n      query', 'store: orders\n      query', 'asks "orders", which is no store'],
      [
        '      collection: documents\n',
        '      query: q\n',
        'asks qdrant, a qdrant, and needs the key "collection"',
      ],
      [
        'name: nodes of the graph',
        'name: rows of feedback',
        'two smoke tests have the name "rows of feedback"',
      ],
      ['matches: \'"content": *"[^"]\'', 'matches: "("', 'expect.matches is no regular expression: ('],
      [
        '      expect: { matches',
        '      token_from: NO_TOKEN\n      expect: { matches',
        'NO_TOKEN, which is not set',
      ],
    ] as const) {
      const text = EXAMPLE.replace(from, to)
      assert.is.not(text, EXAMPLE, from)
      writeFileSync(join(dir, 'wrong.yaml'), text)
      const error = (await failure(() => targetOf(loadConfig(join(dir, 'wrong.yaml'), SECRETS)))) as Problem
      assert.is(error.exitCode, EXIT.badInput)
      assert.match(error.message, sentence)
    }
  })
  suite.test('a qdrant store without URL is refused', async () => {
    writeFileSync(join(dir, 'no-url.yaml'), EXAMPLE.replace(/(kind: qdrant\n(?: +.*\n)*?) +url: .*\n/, '$1'))
    const error = await failure(() => targetOf(loadConfig(join(dir, 'no-url.yaml'), SECRETS)))
    assert.match(error.message, 'stores.qdrant lacks the key "url"')
  })
})
