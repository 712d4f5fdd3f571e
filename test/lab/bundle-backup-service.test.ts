import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleBackupService } from '../../lab/bundle-backup-service.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

describe('the image of the backup service', suite => {
  const dir = tempDir(suite)
  suite.before(() => bundleBackupService(dir))

  /** The bundled program as its container runs it, away from this repository and its packages. */
  const start = (tool: string, args: readonly string[], env: Record<string, string>) => {
    const argv = [join(dir, 'app', 'tools', `${tool}.mjs`), ...args]
    const around = { PATH: process.env.PATH, ...env }
    return spawnSync(process.execPath, argv, { cwd: join(dir, 'runbook'), env: around, encoding: 'utf8' })
  }
  const run = (...args: string[]) => start('backup-service', args, {})

  suite.test('has a program that stands alone', () => {
    const { status, stdout, stderr } = run('--help')
    assert.is(status, 0, stderr)
    assert.match(stdout, '--schedule')
  })
  suite.test('reads its configuration with the schema, and names what is not set', () => {
    const { status, stderr } = run('--retention', '--plan')
    assert.is(status, 64, stderr)
    assert.match(stderr, 'names the variable MINIO_SECRET_KEY, which is not set')
  })
  suite.test('has an exporter that needs the keys of the bucket and no password of a store', () => {
    const keys = { MINIO_ACCESS_KEY: 'a', MINIO_SECRET_KEY: 'b' }
    const { status, stdout, stderr } = start('exporter', ['--once'], keys)
    assert.is(status, 0, stderr)
    assert.match(stdout, /^dr_bucket_readable 0$/m)
    // Not that its client is missing: nobody answers to that name here.
    assert.match(stderr, /the bucket cannot be read: .*getaddrinfo/)
  })
  suite.test('is given the keys of a replica, which both of its programs need when there is one', () => {
    const file = join(dir, 'runbook', 'runbook.config.yaml')
    const config = readFileSync(file, 'utf8')
    const replicated = config.replace(
      /^ {2}# (replica:| {2}(?:endpoint|bucket|access_key_from|secret_key_from): )/gm,
      '  $1',
    )
    assert.match(replicated, /^ {2}replica:\n {4}endpoint: /m)
    writeFileSync(file, replicated)
    try {
      const keys = { MINIO_ACCESS_KEY: 'a', MINIO_SECRET_KEY: 'b' }
      assert.match(start('exporter', ['--once'], keys).stderr, 'names the variable REPLICA_ACCESS_KEY')
      const both = { ...keys, REPLICA_ACCESS_KEY: 'c', REPLICA_SECRET_KEY: 'd' }
      assert.is(start('exporter', ['--once'], both).status, 0)
    } finally {
      writeFileSync(file, config)
    }
    const compose = readFileSync(join(dir, 'runbook', 'docker-compose.yaml'), 'utf8')
    for (const name of ['backup-service', 'exporter']) {
      const service = new RegExp(`^  ${name}:\\n(?: {4}.*\\n|\\n)*`, 'm').exec(compose)?.[0] ?? ''
      for (const key of ['REPLICA_ACCESS_KEY', 'REPLICA_SECRET_KEY'])
        assert.ok(service.includes(`      ${key}: \${${key}:-}\n`), `${name} lacks ${key}`)
    }
  })
  suite.test('speaks to the services by their names', () => {
    const config = readFileSync(join(dir, 'runbook', 'runbook.config.yaml'), 'utf8')
    for (const url of ['http://qdrant:6333', 'http://minio:9000', 'http://gateway:8000'])
      assert.match(config, url)
    assert.not.match(config, 'http://127.0.0.1')
  })
})
