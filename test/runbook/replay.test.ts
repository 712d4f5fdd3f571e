import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { command } from '../../lib/command.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { OUTPUTS, type RecordedOutput, Recording, readRecordedRun, TARGET } from '../../runbook/recording.ts'
import { replay } from '../../runbook/replay.ts'
import { assert, describe, failure } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { type Leaves, pastRun, small, targetAt } from './past-run.ts'

describe('a replay', suite => {
  const dir = tempDir(suite)
  let next = 0
  const target = () => targetAt(join(dir, `${next++}`))
  let kept = ''
  suite.before(async () => {
    kept = await pastRun(small(), target())
  })
  const differences = async (change: Partial<Leaves> = {}, folder = kept) =>
    (await replay(small(change), readRecordedRun(folder))).differences
  const kinds = async (change: Partial<Leaves>) => (await differences(change)).map(({ kind }) => kind)

  suite.test('of the same steps finds no difference, asks for every output and runs nothing', async () => {
    const run = readRecordedRun(kept)
    rmSync(join(kept, '../..', 'world'))
    const replayed = await replay(small(), run)
    assert.equal(replayed.differences, [])
    assert.is(replayed.commands, run.outputs.length)
    assert.ok(replayed.commands > 10)
  })

  suite.test('happens at the time of the run, and gives the clock back', async () => {
    const run = readRecordedRun(kept)
    const then = '2001-02-03T04:05:06.000Z'
    const events = run.events.map(event => ({ ...event, at: then }))
    const outputs = run.outputs.map(output => ({ ...output, at: then }))
    const found = (await replay(small(), { ...run, events, outputs })).differences
    const day = found.find(({ kind }) => kind === 'fact')
    assert.is(day?.is, '"2001-02-03"')
    assert.ok(new Date().getFullYear() > 2001)
  })

  suite.test('finds a command that was changed, and says what it was and is', async () => {
    const [first, ...more] = await differences({ look: () => command(['cat', 'elsewhere']) })
    const { kind, path, was, is } = first!
    assert.equal(
      { kind, path, was, is },
      { kind: 'command', path: 'look/0', was: 'cat world', is: 'cat elsewhere' },
    )
    assert.equal(more, [])
  })

  suite.test('finds a write that was changed, and that the plan is another one', async () => {
    const work: Leaves['work'] = f => command(['sh', '-c', `echo half > made-${f.item}`])
    assert.equal(await kinds({ work }), ['plan', 'command', 'command'])
  })

  suite.test('finds what is learned otherwise, key by key', async () => {
    const learn: Leaves['learn'] = (o, f) => ({ ...learned(o.stdout), seen: f.run.id.slice(0, 0) })
    const [fact] = await differences({ learn })
    assert.is(fact?.kind, 'fact')
    assert.match(fact?.sentence ?? '', /look at the world: "seen" is learned otherwise/)
  })

  suite.test('finds another verdict and other figures; other words do not decide', async () => {
    assert.equal(await kinds({ passes: () => false }), ['verdict', 'outcome'])
    assert.equal(await kinds({ found: () => '7 letters' }), ['verdict'])
    assert.equal(await kinds({ found: () => 'letters: 5' }), [])
  })

  suite.test('finds an answer that would be refused, and what follows from it', async () => {
    const learn: Leaves['learn'] = o => ({ ...learned(o.stdout), items: ['b'] })
    const found = await differences({ learn })
    assert.ok(
      found.some(({ kind, sentence }) => kind === 'answer' && /"a" is not one of the answers/.test(sentence)),
    )
    assert.ok(found.some(({ kind, sentence }) => kind === 'plan' && /make it · a/.test(sentence)))
    assert.ok(found.some(({ kind }) => kind === 'gone'))
  })

  suite.test('finds a command that was not recorded, and says from where it cannot go on', async () => {
    const found = await differences({ extra: true })
    assert.equal(
      found.map(({ kind, path }) => `${kind} ${path}`),
      ['new prove/0', 'open prove/0'],
    )
    assert.match(found[1]?.sentence ?? '', /could not be replayed from here: 3 recorded commands/)
  })

  suite.test('finds a wait that ends earlier, and one that does not end', async () => {
    const [early] = await differences({ wait: () => true })
    assert.is(early?.kind, 'gone')
    assert.match(early?.sentence ?? '', /it has settled: not run today \(2 times then\)/)
    const [late] = await differences({ wait: () => false })
    assert.match(late?.sentence ?? '', /it has settled: the wait is not over with what was recorded/)
  })

  suite.test('tells of every single output that is missing from a recording', async () => {
    const run = readRecordedRun(kept)
    for (const output of run.outputs) {
      const outputs = run.outputs.filter(each => each !== output)
      const found = (await replay(small(), { ...run, outputs })).differences
      assert.ok(found.length > 0, `without ${output.path}: ${output.command}`)
    }
  })

  suite.test('goes through a failure and a resume as the run did', async () => {
    const place = target()
    const broken = small({ passes: () => false })
    const folder = await pastRun(broken, place)
    await pastRun(small(), place, { resume: basename(folder) })
    const run = readRecordedRun(folder)
    assert.ok(run.events.some(({ kind }) => kind === 'resumed'))
    const replayed = await replay(small({ passes: once() }), run)
    assert.equal(replayed.differences, [])
    assert.is(replayed.runs, 2)
    const [repaired] = (await replay(small(), run)).differences
    assert.match(repaired?.sentence ?? '', /it is whole: another verdict/)
  })

  suite.test('stops where a prediction was wrong, and goes on where the two went on', async () => {
    const folder = await pastRun(small(), target(), { talks: true })
    const run = readRecordedRun(folder)
    assert.ok(run.events.some(({ kind }) => kind === 'failed'))
    assert.equal((await replay(small(), run)).differences, [])
  })

  suite.test('goes through a run that died in the middle and was resumed', async () => {
    const place = target()
    const folder = await pastRun(small(), place)
    const run = readRecordedRun(folder)
    const at = run.events.findIndex(event => event.kind === 'started' && event.path === 'work/1')
    const cut = run.events.slice(0, at + 1)
    const outputs = run.outputs.filter(output => output.at <= cut.at(-1)!.at)
    write(folder, 'journal.jsonl', cut)
    write(folder, OUTPUTS, outputs)
    await pastRun(small(), place, { resume: basename(folder) })
    assert.equal(await differences({}, folder), [])
  })

  suite.test('says of a run whose outputs are on another machine that they are', async () => {
    const found = (await replay(small(), { ...readRecordedRun(kept), outputs: [] })).differences
    assert.equal(
      found.map(({ sentence }) => sentence),
      ['could not be replayed: the outputs of this run were kept on another machine'],
    )
  })

  suite.test('cannot go on behind an output that was too long, and says so', async () => {
    const run = readRecordedRun(kept)
    const outputs = run.outputs.map(
      ({ stdout: _, ...output }): RecordedOutput =>
        output.path === 'work/1'
          ? { ...output, dropped: 5_000_000 }
          : { ...output, ...(_ === undefined ? {} : { stdout: _ }) },
    )
    const found = (await replay(small(), { ...run, outputs })).differences
    assert.equal(
      found.map(({ kind }) => kind),
      ['open'],
    )
    assert.match(found[0]?.sentence ?? '', /too long to be kept \(5000000 characters\)/)
  })

  suite.test('needs the outputs, and says so', async () => {
    const folder = join(dir, 'old')
    mkdirSync(folder)
    writeFileSync(join(folder, 'journal.jsonl'), '')
    const error = (await failure(() => readRecordedRun(folder))) as Problem
    assert.is(error.exitCode, EXIT.badInput)
    assert.match(error.message, /has no outputs\.jsonl and no target\.json/)
  })
})

describe('what a run keeps for its replay', suite => {
  const dir = tempDir(suite)
  const target = targetAt(join(dir, 't'))
  const keep = async (name: string, stdout: string, notes: string[] = []) => {
    const folder = join(dir, name)
    mkdirSync(folder, { recursive: true })
    const recording = new Recording(folder, text => notes.push(text))
    recording.keepTarget({ ...target.written, attended: false })
    const door = recording.through(async () => ({ stdout, stderr: '', exitCode: 0, durationMs: 1 }))
    return { folder, output: await door(command(['look']), 'a/0', { cwd: dir }) }
  }

  suite.test('is for the eyes of its owner only', async () => {
    const { folder } = await keep('mode', 'x')
    for (const name of [OUTPUTS, TARGET]) assert.is(statSync(join(folder, name)).mode & 0o777, 0o600)
  })

  suite.test('holds no secret, however it was printed', async () => {
    const secret = target.backups.secretKey.reveal()
    const printed = JSON.stringify({
      a: secret,
      b: secret.replaceAll('$', '$$$$'),
      OPENAI_API_KEY: 'sk-of-others',
    })
    const { folder } = await keep('secrets', `${printed}\n"DATABASE_URL": "postgres://me:pw-in-url@db/x"\n`)
    for (const name of [OUTPUTS, TARGET]) {
      const text = readFileSync(join(folder, name), 'utf8')
      for (const hidden of ['secret$', 'of"minio', 'of\\', 'pass-of', 'key-of', 'sk-of', 'pw-in-url'])
        assert.not.ok(text.includes(hidden), `${name} has ${hidden}`)
    }
    assert.match(readFileSync(join(folder, TARGET), 'utf8'), /"NEO4J_PASSWORD"/)
  })

  suite.test('is not what the run itself gets: that sees everything', async () => {
    const { output } = await keep('whole', '{"API_KEY": "abcdef"}')
    assert.is(output.stdout, '{"API_KEY": "abcdef"}')
  })

  suite.test('leaves out what is too long', async () => {
    const { folder } = await keep('long', 'x'.repeat(5_000_000))
    const [output] = readPastRunOutputs(folder)
    assert.is(output?.dropped, 5_000_000)
    assert.is(output?.stdout, undefined)
  })

  suite.test('goes on with a line of its own after a line that was cut', async () => {
    const { folder } = await keep('cut', 'x')
    writeFileSync(join(folder, OUTPUTS), '{"at":"2026', { flag: 'a' })
    await keep('cut', 'y')
    assert.equal(
      readPastRunOutputs(folder).map(({ stdout }) => stdout),
      ['x', 'y'],
    )
  })

  suite.test('never stops a run: that it cannot be kept is noted once', async () => {
    const notes: string[] = []
    const recording = new Recording(join(dir, 'nowhere'), text => notes.push(text))
    const door = recording.through(async () => ({ stdout: 'x', stderr: '', exitCode: 0, durationMs: 1 }))
    for (const path of ['a/0', 'a/1'])
      assert.is((await door(command(['look']), path, { cwd: dir })).stdout, 'x')
    assert.is(notes.length, 1)
    assert.match(notes[0]!, /no longer kept, so this run cannot be replayed/)
  })
})

function learned(stdout: string) {
  return { items: stdout.trim().split(' '), seen: new Date().toISOString().slice(0, 10) }
}

/** Fails the first time. */
function once() {
  let times = 0
  return () => times++ > 0
}

function write(folder: string, name: string, lines: readonly unknown[]): void {
  writeFileSync(join(folder, name), lines.map(line => `${JSON.stringify(line)}\n`).join(''))
}

function readPastRunOutputs(folder: string): RecordedOutput[] {
  writeFileSync(join(folder, 'journal.jsonl'), '')
  return [...readRecordedRun(folder).outputs]
}
