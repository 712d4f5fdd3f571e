import { spawn } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EXIT } from '../../lib/problem.ts'
import { readAnnotations } from '../../lib/report/annotations.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { JOURNALS } from '../lib/report/journals.ts'

const INCIDENT = '20261123_021405-qdrant-corruption'
/** Whole programs are started, on a machine that may be busy. */
const LIMIT = { seconds: 120 }
const SECRETS = {
  MINIO_ACCESS_KEY: 'annotate-access',
  MINIO_SECRET_KEY: 'annotate-secret',
  NEO4J_PASSWORD: 'annotate-neo4j',
  POSTGRES_PASSWORD: 'annotate-postgres',
}

describe('annotations by hand', suite => {
  const cwd = tempDir(suite)
  const folder = join(cwd, 'incidents', INCIDENT)
  const before = readFileSync(join(JOURNALS, 'qdrant-corruption', 'journal.jsonl'), 'utf8')
  suite.before(() => {
    copyFileSync('runbook.config.yaml', join(cwd, 'runbook.config.yaml'))
    mkdirSync(folder, { recursive: true })
    cpSync(join(JOURNALS, 'qdrant-corruption'), folder, { recursive: true })
  })

  const run = (...args: string[]): Promise<{ exitCode: number | null; printed: string }> => {
    const tsx = resolve('node_modules/tsx/dist/loader.mjs')
    const child = spawn(process.execPath, ['--import', tsx, resolve('tools/annotate.ts'), ...args], {
      cwd,
      env: { ...process.env, ...SECRETS },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', chunk => {
        printed += chunk
      })
    }
    return new Promise(ended => child.on('close', exitCode => ended({ exitCode, printed })))
  }

  suite.test(
    'are refused with one sentence when they are wrong, and nothing is kept',
    async () => {
      const wrong: [RegExp, ...string[]][] = [
        [/there is no incident "\.\.\/\.\.\/etc"/, '../../etc', 'pin', '1'],
        [/"erase" is none of pin, hide, comment, action/, INCIDENT, 'erase', '1'],
        [/which line\?/, INCIDENT, 'pin'],
        [/"76" is no line of the journal/, INCIDENT, 'hide', '76'],
        [/comment needs a text/, INCIDENT, 'comment', '3', ' '],
      ]
      const ran = await Promise.all(wrong.map(([, ...args]) => run(...args)))
      for (const [index, { exitCode, printed }] of ran.entries()) {
        assert.match(printed, wrong[index]![0])
        assert.is(exitCode, EXIT.badInput)
        assert.is(printed.match(/HINT:/g)?.length, 1)
      }
      assert.not.ok(existsSync(join(folder, 'annotations.jsonl')))
      assert.not.ok(existsSync(join(folder, 'report.md')))
    },
    LIMIT,
  )

  suite.test(
    'are kept beside the journal, and the report is written again with them',
    async () => {
      for (const args of [
        ['hide', '39'],
        ['action', '38', 'raise the', 'timeout to annotate-postgres'],
      ]) {
        const { exitCode, printed } = await run(INCIDENT, ...args)
        assert.is(exitCode, 0, printed)
      }
      assert.equal(
        readAnnotations(folder).map(({ line, what, text }) => [line, what, text]),
        [
          [39, 'hide', ''],
          [38, 'action', 'raise the timeout to <POSTGRES_PASSWORD>'],
        ],
      )
      const report = readFileSync(join(folder, 'report.md'), 'utf8')
      assert.match(report, /- raise the timeout to .*\(journal:38\)/)
      assert.not.match(report, /\(journal:39\)/)
      assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), 'raise the timeout')
      assert.is(readFileSync(join(folder, 'journal.jsonl'), 'utf8'), before)
    },
    LIMIT,
  )

  suite.test(
    'are listed with the lines they are about',
    async () => {
      const { printed } = await run(INCIDENT)
      const lines = printed.trimEnd().split('\n')
      assert.is(lines.length, 75 + 2)
      assert.match(lines[0]!, /^ 1 {2}2026-11-23T02:14:05Z {2}opened · incident/)
      assert.match(
        printed,
        /\n38 .*failed · FAILED: recover.*\n {4}> action: raise the timeout.*\n39 .*\n {4}> hide \(/,
      )
    },
    LIMIT,
  )
})
