import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { readJournal } from '../../lib/journal.ts'
import { assert, describe } from '../describe.ts'
import { gate } from '../drill/terminal/gate.ts'
import { tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'
import { KEY, openTerminal, type Terminal } from '../pty.ts'

const TSX = resolve('node_modules/tsx/dist/loader.mjs')
const DRIVER = resolve('test/fixtures/paired-run.ts')
const FOLLOW = resolve('tools/follow.ts')
const HANDOVER = resolve('tools/handover.ts')
const BIN = resolve('test/fixtures/bin')
const LIMIT = { seconds: 120 }

describe('two people at two terminals', suite => {
  const cwd = tempDir(suite)
  copyFileSync('runbook.config.yaml', join(cwd, 'runbook.config.yaml'))
  const env = {
    PATH: `${BIN}${delimiter}${process.env.PATH}`,
    FAKE_DOCKER: cwd,
    COMPOSE_PROJECT_NAME: 'p',
    PUBLISH_MINIO: '1',
    ...Object.fromEntries(
      ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY', 'NEO4J_PASSWORD', 'POSTGRES_PASSWORD'].map(name => [
        name,
        'value-of-a-secret',
      ]),
    ),
  }
  const open = (file: string, args: string[] = [], PATH = env.PATH) =>
    openTerminal([process.execPath, '--import', TSX, file, ...args], { cwd, env: { ...env, PATH } })
  const names = () => (existsSync(join(cwd, 'incidents')) ? readdirSync(join(cwd, 'incidents')).sort() : [])
  const events = () => readJournal(join(cwd, 'incidents', names().at(-1) ?? ''))
  const there = (file: string) => existsSync(join(cwd, file))
  /** Nothing is done, nobody holds anything. */
  const begin = () => {
    for (const file of ['copied', 'switched', 'lock', 'log', 'next'])
      rmSync(join(cwd, file), { recursive: true, force: true })
  }

  const confirm = async (driver: Terminal, word = 'go') => {
    const phrase = await eventually(
      () =>
        new RegExp(`Type the phrase to go on:\\s+(${word} [0-9a-f]{4}-[0-9a-f]{4})`).exec(driver.text())?.[1],
    )
    driver.type(phrase + KEY.enter)
  }
  const predict = async (navigator: Terminal, say: string, expects: string) => {
    await navigator.sees(`! ${say}`)
    await navigator.sees('What do you expect')
    navigator.type(expects + KEY.enter)
  }
  /** The one below the first. */
  const chooseSecond = async (driver: Terminal, label: string) => {
    await driver.sees('What now?')
    driver.type(KEY.down)
    await driver.sees(`● ${label}`)
    driver.type(KEY.enter)
  }

  suite.test(
    'a wrong prediction stops the run before the switch; who leaves is missed, and the driver goes on alone',
    async () => {
      begin()
      const driver = open(DRIVER, ['--pair'])
      await confirm(driver)
      await driver.sees('waiting for the navigator')
      const navigator = open(FOLLOW, ['--navigate', '--name', 'ann'])
      await navigator.sees('! copy the rows beside')
      navigator.type(`yes${KEY.enter}`)
      await navigator.sees('say what you expect to see')
      navigator.type(`4 rows${KEY.enter}`)
      for (const shown of ['is not as predicted', 'expected: 4 rows', 'seen:     done; proven: 3 rows'])
        await driver.sees(shown)
      assert.ok(there('copied') && !there('switched'))
      await navigator.sees('NOT AS PREDICTED')
      await chooseSecond(driver, 'we have talked about it: go on')
      await driver.sees('What did you find')
      driver.type(`one row was deleted on purpose${KEY.enter}`)
      await navigator.sees('! switch to the copy')
      process.kill(navigator.pidOf(FOLLOW), 'SIGKILL')
      await driver.sees('the navigator has left')
      await chooseSecond(driver, 'go on alone, without predictions')
      assert.is(await driver.ended(), 0, driver.text())
      assert.ok(there('switched'))
      assert.ok(
        events().some(
          event => event.kind === 'note' && event.text.includes('one row was deleted on purpose'),
        ),
      )
    },
    LIMIT,
  )

  suite.test(
    'an unattended driver waits for a navigator, too, and stops when they differ',
    async () => {
      begin()
      const phrase = await phraseOf(open(DRIVER))
      const driver = openTerminal(
        [
          'sh',
          '-c',
          `${process.execPath} --import ${TSX} ${DRIVER} --pair --resume --confirm '${phrase}' </dev/null`,
        ],
        { cwd, env },
      )
      const navigator = open(FOLLOW, ['--navigate', '--wait'])
      await predict(navigator, 'copy the rows beside', 'done')
      await predict(navigator, 'switch to the copy', 'failed')
      assert.is(await driver.ended(), 2, driver.text())
      assert.match(driver.text(), 'is not as predicted')
    },
    LIMIT,
  )

  suite.test(
    'who hands over at a question can no longer answer it, and a second run is refused but for that incident',
    async () => {
      begin()
      const first = open(DRIVER)
      await first.sees('Type the phrase')
      const follower = open(FOLLOW)
      await follower.sees('held by')
      const handover = open(HANDOVER, ['--to', 'ben'])
      await handover.sees('no log can tell')
      handover.type(`it is raining${KEY.enter}`)
      assert.is(await first.ended(), 75, first.text())
      assert.match(first.text(), 'was handed over to ben')
      assert.is(await handover.ended(), 0, handover.text())
      const other = open(DRIVER)
      await other.sees('is reserved for ben')
      assert.is(await other.ended(), 75, other.text())
      // A recovery takes longer than a follower looks away; this one would be over before.
      const held = gate('echo', '3', 'before')
      const second = open(DRIVER, ['--resume'], `${BIN}${delimiter}${held.env.PATH}`)
      await confirm(second)
      await held.reached()
      for (const shown of ['was handed over to ben', 'now: $ all rows are there']) await follower.sees(shown)
      held.open()
      assert.is(await second.ended(), 0, second.text())
      await follower.sees('the run has ended: recovered and proven')
      assert.ok(there('switched'))
    },
    LIMIT,
  )

  suite.test(
    'one that sleeps through the handover can write neither into the target nor into the journal when it wakes up',
    async () => {
      begin()
      // Below a shell: `script` goes to sleep with a program that it has started itself.
      const first = openTerminal(['sh', '-c', `${process.execPath} --import ${TSX} ${DRIVER}; exit $?`], {
        cwd,
        env,
      })
      await first.sees('Type the phrase')
      const pid = first.pidOf(DRIVER)
      process.kill(pid, 'SIGSTOP')
      assert.is(await open(HANDOVER, ['--to', 'ben', '--note', 'it is raining']).ended(), 0)
      const second = open(DRIVER, ['--resume'])
      await confirm(second)
      assert.is(await second.ended(), 0, second.text())
      const before = events()
      const phrase = await eventually(() => /go [0-9a-f]{4}-[0-9a-f]{4}/.exec(first.text())?.[0])
      first.type(phrase + KEY.enter)
      process.kill(pid, 'SIGCONT')
      assert.is(await first.ended(), 75, first.text())
      assert.match(first.text(), 'was handed over to ben')
      assert.equal(events(), before)
      assert.ok(before.some(event => event.kind === 'handed' && event.note === 'it is raining'))
    },
    LIMIT,
  )

  /** The phrase of an incident that is left at its question. */
  async function phraseOf(driver: Terminal): Promise<string> {
    await driver.sees('Type the phrase')
    const phrase = await eventually(() => /go [0-9a-f]{4}-[0-9a-f]{4}/.exec(driver.text())?.[0])
    driver.type(KEY.ctrlC)
    assert.is(await driver.ended(), 3)
    return phrase
  }
})
