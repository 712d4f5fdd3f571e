import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, command, ownCommand, type Progress } from '../../lib/command.ts'
import { exec, hold } from '../../lib/exec.ts'
import { EXIT, Problem } from '../../lib/problem.ts'
import { Secret } from '../../lib/secret.ts'
import { assert, describe, failure } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'

async function problem(run: () => unknown): Promise<Problem> {
  const error = await failure(run)
  assert.instance(error, Problem)
  return error as Problem
}

/** True while a process exists; a zombie that nobody has collected yet does not count. */
function alive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function pidIn(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined
}

describe('exec, the answer of a program', suite => {
  const cwd = tempDir(suite)
  const answers = program(cwd, 'answers', 'echo "out $1"; echo "err $1" >&2; exit $2')

  suite.test('gives both streams and the exit code', async () => {
    const output = await exec(command([answers, 'a b']), { cwd })
    assert.is(output.stdout, 'out a b\n')
    assert.is(output.stderr, 'err a b\n')
    assert.is(output.exitCode, 0)
  })

  suite.test('an exit code that is an answer does not fail, any other does', async () => {
    const output = await exec(command([answers, 'x', '22'], { ok: [22] }), { cwd })
    assert.is(output.exitCode, 22)
    const error = await problem(() => exec(command([answers, 'x', '7'], { ok: [22] }), { cwd }))
    assert.is(error.code, 7)
    assert.is(error.exitCode, EXIT.commandFailed)
    assert.equal(error.tail, ['err x'])
    assert.match(error.message, 'ended with exit code 7')
    assert.match(error.command ?? '', /answers x 7$/)
  })

  suite.test('a program that is not there is named, with a hint', async () => {
    const error = await problem(() => exec(command(['no-such-program-at-all']), { cwd }))
    assert.match(error.message, 'no-such-program-at-all is not installed or not on the PATH')
    assert.match(error.hint ?? '', 'install no-such-program-at-all')
  })

  suite.test('a directory that is not there is not told as a missing program', async () => {
    const error = await problem(() => exec(command(['true']), { cwd: join(cwd, 'gone') }))
    assert.not.match(error.message, 'is not installed')
  })

  suite.test('a known failure becomes its own sentence', async () => {
    const known: Command = command([answers, 'disk full', '1'], {
      explain: o => (o.stderr.includes('disk full') ? { message: 'no space', hint: 'make some' } : undefined),
    })
    const error = await problem(() => exec(known, { cwd }))
    assert.is(error.message, 'no space')
    assert.is(error.hint, 'make some')
    const other = { ...known, argv: [answers, 'other', '1'] as const }
    assert.match((await problem(() => exec(other, { cwd }))).message, 'ended with exit code 1')
  })

  suite.test('a program ended by a signal is told so', async () => {
    const suicide = program(cwd, 'suicide', 'kill -9 $$')
    assert.match((await problem(() => exec(command([suicide]), { cwd }))).message, 'was ended by SIGKILL')
  })

  suite.test('secrets reach the program and never the error', async () => {
    const secret = new Secret('EXEC_PASSWORD', 'exec-password-value')
    const tells = program(cwd, 'tells', 'echo "refused: $PASSWORD" >&2; exit 1')
    const error = await problem(() => exec(command([tells], { env: { PASSWORD: secret } }), { cwd }))
    assert.equal(error.tail, ['refused: <EXEC_PASSWORD>'])
    assert.not.match(JSON.stringify({ ...error, message: error.message }), 'exec-password-value')
  })

  suite.test('stdin and stdout may be files of the directory of the target', async () => {
    writeFileSync(join(cwd, 'in.txt'), 'from a file')
    await exec(command(['cat'], { stdin: { file: 'in.txt' }, stdout: 'out.txt' }), { cwd })
    assert.is(readFileSync(join(cwd, 'out.txt'), 'utf8'), 'from a file')
  })

  suite.test('stdin is closed unless it is given', async () => {
    assert.is((await exec(command(['cat']), { cwd })).stdout, '')
    const secret = new Secret('EXEC_KEY', 'exec-key-value')
    const fed = command(['cat'], { stdin: { format: 'key: %s\\n', values: [secret] } })
    assert.is((await exec(fed, { cwd })).stdout, 'key: exec-key-value\n')
  })

  suite.test('a file may get more than memory would hold', async () => {
    await exec(command(['head', '-c', '40000000', '/dev/zero'], { stdout: 'large.bin' }), { cwd })
    assert.is(statSync(join(cwd, 'large.bin')).size, 40_000_000)
  })
  suite.test('output can go to a file below the directory of the target', async () => {
    const output = await exec(command([answers, 'x'], { stdout: 'out.txt' }), { cwd })
    assert.is(readFileSync(join(cwd, 'out.txt'), 'utf8'), 'out x\n')
    assert.is(output.stderr, 'err x\n')
  })

  suite.test('percentages on stderr are progress', async () => {
    const loads = program(cwd, 'loads', `printf '##   12.5%%\\r####  100.0%%\\r' >&2`)
    const seen: Progress[] = []
    await exec(command([loads]), { cwd, progress: p => seen.push(p) })
    assert.equal(seen.at(-1), { done: 100, total: 100, unit: '%' })
  })
})

describe('exec, limits and interrupts', suite => {
  const cwd = tempDir(suite)
  // A grandchild that outlives its parent unless the whole group is killed.
  const family = program(cwd, 'family', 'sh -c \'echo $$ > "$0"; exec tail -f /dev/null\' "$1" & wait')
  const silent = program(cwd, 'silent', 'echo first; exec tail -f /dev/null')

  suite.test('the total limit kills the whole family', async () => {
    const file = join(cwd, 'total.pid')
    const running = exec(command([family, file], { limits: { total: 1.5 } }), { cwd })
    const error = await problem(() => running)
    assert.match(error.message, 'gave no answer within 1.5 s')
    const pid = await eventually(() => pidIn(file))
    await eventually(() => !alive(pid))
  })

  suite.test('a silence longer than the idle limit kills it', async () => {
    const error = await problem(() => exec(command([silent], { limits: { total: 60, idle: 0.2 } }), { cwd }))
    assert.match(error.message, 'gave no answer within 0.2 s')
  })

  suite.test('an abort kills the whole family and is an interrupt', async () => {
    const file = join(cwd, 'abort.pid')
    const controller = new AbortController()
    const running = problem(() => exec(command([family, file]), { cwd, signal: controller.signal }))
    const pid = await eventually(() => pidIn(file))
    assert.ok(alive(pid))
    controller.abort()
    assert.is((await running).exitCode, EXIT.interrupted)
    await eventually(() => !alive(pid))
  })

  suite.test('after an abort nothing is started', async () => {
    const mark = join(cwd, 'started')
    const error = await problem(() => exec(command(['touch', mark]), { cwd, signal: AbortSignal.abort() }))
    assert.is(error.exitCode, EXIT.interrupted)
    assert.not.ok(existsSync(mark))
  })

  suite.test('what a killed client leaves behind is cleaned up', async () => {
    const mark = join(cwd, 'cleaned')
    const leaves = command([silent], { limits: { total: 0.1 }, cleanup: command(['touch', mark]) })
    await problem(() => exec(leaves, { cwd }))
    assert.ok(existsSync(mark))
  })

  suite.test('a program that ignores the polite signal is killed all the same', async () => {
    const deaf = program(cwd, 'deaf', 'trap "" TERM; echo $$ > "$1"; while :; do tail -f /dev/null; done')
    const file = join(cwd, 'deaf.pid')
    const error = await problem(() => exec(command([deaf, file], { limits: { total: 1 } }), { cwd }))
    assert.match(error.message, 'gave no answer')
    const pid = pidIn(file)
    assert.ok(pid, 'it had set its trap')
    assert.not.ok(alive(pid))
  })
})

describe('exec, commands of our own', suite => {
  const cwd = tempDir(suite)

  suite.test('gets its arguments, its directory and its environment', async () => {
    const own = ownCommand('greet', ['a', 'b'], async (args, io) => `${args.join('+')} in ${io.cwd}`)
    assert.equal(own.argv, ['npx', 'tsx', 'tools/greet.ts', 'a', 'b'])
    assert.is((await exec(own, { cwd })).stdout, `a+b in ${cwd}`)
  })

  suite.test('a Problem passes, another error becomes one with the command', async () => {
    const hinted = ownCommand('x', [], () => Promise.reject(new Problem('full', { hint: 'empty it' })))
    assert.is((await problem(() => exec(hinted, { cwd }))).hint, 'empty it')
    const raw = ownCommand('x', ['y'], () => Promise.reject(new Error('boom')))
    const error = await problem(() => exec(raw, { cwd }))
    assert.is(error.message, 'boom')
    assert.is(error.command, 'npx tsx tools/x.ts y')
  })

  const waits = ownCommand('wait', [], (_, io) => {
    return new Promise((_, reject) => io.signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  suite.test('its limit and its interrupt are told apart', async () => {
    const late = await problem(() => exec({ ...waits, limits: { total: 0.1 } }, { cwd }))
    assert.match(late.message, 'gave no answer within 0.1 s')
    const controller = new AbortController()
    const running = problem(() => exec(waits, { cwd, signal: controller.signal }))
    controller.abort()
    assert.is((await running).exitCode, EXIT.interrupted)
  })
})

describe('hold', suite => {
  const cwd = tempDir(suite)

  suite.test('keeps a program, writes to it masked, and ends it by closing its stdin', async () => {
    const secret = new Secret('HELD_KEY', 'held-key-value')
    const file = join(cwd, 'heard')
    const listens = program(cwd, 'listens', `exec cat > '${file}'`)
    writeFileSync(file, '')
    const held = await hold(command([listens]), { cwd })
    held.write(`the key is ${secret.reveal()}\n`)
    await eventually(() => readFileSync(file, 'utf8') !== '')
    assert.not.ok(held.ended())
    await held.end()
    assert.ok(held.ended())
    assert.is(readFileSync(file, 'utf8'), 'the key is <HELD_KEY>\n')
  })

  suite.test('notices the end of its program and what it said', async () => {
    const held = await hold(command(['sh', '-c', 'echo no room >&2; exit 1']), { cwd })
    await eventually(() => held.ended())
    assert.is(held.said(), 'no room')
  })
})
