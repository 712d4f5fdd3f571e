import { spawnSync } from 'node:child_process'
import fs, { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { type Event, Journal, type Recorded, readJournal } from '../../lib/journal.ts'
import { Secret } from '../../lib/secret.ts'
import { assert, describe, failure } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const note = (text: string): Event => ({ kind: 'note', text })

function notesOf(events: readonly Recorded[]): string[] {
  return events.flatMap(event => (event.kind === 'note' ? [event.text] : []))
}

describe('the journal', suite => {
  const dir = tempDir(suite)
  let next = 0
  const journal = () => new Journal(join(dir, `incident-${next++}`), 'test').open()

  suite.test('keeps every event, with its time, in order', () => {
    const j = journal()
    for (const text of ['one', 'two', 'three']) j.write(note(text))
    assert.equal(notesOf(j.read()), ['one', 'two', 'three'])
    for (const { at } of j.read()) assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000)
  })

  suite.test('writes the same for people beside it', () => {
    const j = journal()
    j.write({ kind: 'checked', path: 'a/1', say: 'all there', verdict: 'proven', found: '3 points', ms: 4 })
    j.write({ kind: 'failed', path: 'a/2', say: 'copy', problem: ['no space', 'HINT: make some'] })
    const log = readFileSync(join(j.folder, 'incident_test.log'), 'utf8')
    assert.match(log, /Z {2}proven: all there: 3 points\n/)
    assert.match(log, /FAILED: copy\n {4}no space\n {4}HINT: make some\n/)
  })

  suite.test('tells listeners once the event is on disk', () => {
    const j = journal()
    const seen: string[][] = []
    j.listen(() => seen.push(notesOf(readJournal(j.folder))))
    j.write(note('first'))
    assert.equal(seen, [['first']])
  })

  suite.test('an event that was cut in the middle never happened', () => {
    const j = journal()
    j.write(note('whole'))
    appendFileSync(j.file, '{"at":"2026-11-22T03:15:02Z","kind":"no')
    assert.equal(notesOf(j.read()), ['whole'])
  })

  suite.test('what is written after a cut line can be read', () => {
    const j = journal()
    j.write(note('whole'))
    appendFileSync(j.file, '{"at":"2026-11-22T03:15:02Z","kind":"no')
    const resumed = new Journal(j.folder, 'test').open()
    resumed.write(note('after the resume'))
    resumed.write(note('and one more'))
    assert.equal(notesOf(resumed.read()), ['whole', 'after the resume', 'and one more'])
  })

  suite.test('holds no secret, also one that JSON writes differently', () => {
    const j = journal()
    const plain = new Secret('JOURNAL_PLAIN', 'journal-plain-value')
    const quoted = new Secret('JOURNAL_QUOTED', 'qu"ote\\d-value')
    j.write(note(`${plain.reveal()} and ${quoted.reveal()}`))
    const written = readFileSync(j.file, 'utf8') + readFileSync(join(j.folder, 'incident_test.log'), 'utf8')
    assert.not.match(written, 'journal-plain-value')
    assert.not.match(written, 'd-value')
    assert.equal(notesOf(j.read()), ['<JOURNAL_PLAIN> and <JOURNAL_QUOTED>'])
  })

  suite.test('stays readable when a password is one of its own words', () => {
    new Secret('JOURNAL_WORD', 'opened')
    const j = journal()
    j.write({ kind: 'answered', path: 'q', question: 'which?', answer: 'latest', ms: 1 })
    j.write({
      kind: 'opened',
      scenario: 'opened',
      incident: 'i',
      project: 'p',
      host: 'h',
      operator: 'o',
      version: '1',
    })
    assert.equal(
      j.read().map(event => event.kind),
      ['answered', 'opened'],
    )
  })

  suite.test('is flushed to the disk before anything else happens', () => {
    const script = program(
      dir,
      'flushes.mjs',
      `#!/usr/bin/env node
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const order = []
for (const name of ['writeSync', 'fsyncSync', 'closeSync']) {
  const real = fs[name]
  fs[name] = (...args) => (order.push(name), real(...args))
}
syncBuiltinESMExports()
const { Journal } = await import(process.argv[2])
const j = new Journal(process.argv[3], 'x').open()
order.length = 0
j.listen(() => order.push('told'))
j.write({ kind: 'note', text: 'x' })
console.log(order.join(' '))
`,
    )
    const args = ['--import', 'tsx', script, join(process.cwd(), 'lib/journal.ts'), join(dir, 'flushed')]
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
    const one = 'writeSync fsyncSync closeSync'
    assert.is(stdout.trim(), `${one} ${one} told`)
  })

  suite.test('a run that slept while others went on with the incident adds nothing when it wakes up', () => {
    const j = journal()
    j.write(note('mine'))
    const tool = new Journal(j.folder, 'test')
    tool.write({ kind: 'released', store: 'qdrant' })
    j.write(note('still mine'))
    const other = new Journal(j.folder, 'test').open()
    other.write({ kind: 'resumed', host: 'h2', operator: 'ben' })
    const heard: string[] = []
    j.listen(({ kind }) => void heard.push(kind))
    j.write(note('too late'))
    j.write({ kind: 'closed', outcome: 'too late', exitCode: 75 })
    other.write(note('theirs'))
    assert.equal(notesOf(j.read()), ['mine', 'still mine', 'theirs'])
    assert.equal(heard, [])
  })

  suite.test('nor does one that fell asleep while it wrote a line', () => {
    const j = journal()
    whileFlushed(
      () => new Journal(j.folder, 'test').open().write({ kind: 'resumed', host: 'h2', operator: 'ben' }),
      () => j.write(note('mine')),
    )
    j.write(note('too late'))
    assert.equal(notesOf(j.read()), ['mine'])
  })

  suite.test('a run that has resumed an incident itself writes on', () => {
    const folder = journal().folder
    for (const operator of ['ann', 'ben']) {
      const j = new Journal(folder, 'test').open()
      j.write({ kind: 'resumed', host: 'h1', operator })
      j.write(note(operator))
      j.write(note('and more'))
    }
    assert.equal(notesOf(readJournal(folder)), ['ann', 'and more', 'ben', 'and more'])
  })
})

/** Does something else when `write` first waits for the disk. */
function whileFlushed(something: () => void, write: () => void): void {
  const { fsyncSync } = fs
  const replace = (flush: typeof fsyncSync) => {
    fs.fsyncSync = flush
    syncBuiltinESMExports()
  }
  replace(fd => {
    replace(fsyncSync)
    something()
    fsyncSync(fd)
  })
  try {
    write()
  } finally {
    replace(fsyncSync)
  }
}

describe('the journal on a full disk', suite => {
  const dir = tempDir(suite)

  suite.test('reserves a mebibyte while it is open and gives it back', () => {
    const j = new Journal(join(dir, 'open'), 'test').open()
    assert.is(readFileSync(join(j.folder, '.reserved')).length, 1024 * 1024)
    j.close()
    assert.not.ok(existsSync(join(j.folder, '.reserved')))
  })

  // /dev/full refuses every write as a full disk does, without being root and without filling anything.
  suite.test('gives up the reserve and, when that is not enough, says so', async () => {
    const folder = join(dir, 'full')
    mkdirSync(folder)
    symlinkSync('/dev/full', join(folder, 'incident_test.log'))
    const j = new Journal(folder, 'test').open()
    const error = await failure(() => j.write(note('x')))
    assert.match(error.message, /ENOSPC|full|no space/i)
    assert.not.ok(existsSync(join(folder, '.reserved')))
    assert.equal(notesOf(j.read()), ['x'])
  })
})
