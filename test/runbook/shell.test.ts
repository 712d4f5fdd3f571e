import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from '../../lib/command.ts'
import { Secret } from '../../lib/secret.ts'
import type { Facts } from '../../runbook/model.ts'
import { shellText } from '../../runbook/shell.ts'
import { Sequence, step } from '../../runbook/tree.ts'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

const FACTS = { target: {}, run: { id: 'r', folder: 'incidents/r' }, name: "it's" }
const text = { title: 'T', why: '' }
const probe = { look: () => command(['probe']), state: () => 'done' as const }
const password = new Secret('SHELL_PASSWORD', 'shell-password-value')

interface Known {
  name: string
  unknown: string[]
}

const asks = step<Known>({
  ...text,
  id: 'asks',
  body: s => s.read('look', () => command(['before'])).ask({ id: 'q', say: 'Q?' }),
})
const works = step<Known>({
  ...text,
  id: 'works',
  body: s =>
    s
      .read(
        'look',
        () => command(['say', 'read']),
        () => ({ learned: 'x' }),
      )
      .write('change', {
        run: f => command(['say', 'write', f.name], { env: { PASSWORD: password } }),
        probe,
        undo: f => command(['say', 'undo', f.name]),
      })
      .until(
        'wait',
        () => command(['ready']),
        () => true,
        { total: 10, every: 1 },
      )
      .until(
        'wait until it says so',
        () => command(['status']),
        () => true,
        { total: 10, every: 1 },
        () => ({ shows: '^online$' }),
      )
      .until(
        'wait until it is gone',
        () => command(['list']),
        () => true,
        { total: 10, every: 1 },
        f => ({ lacks: f.name }),
      )
      .each(
        'leftover',
        f => f.unknown,
        s =>
          s.write('remove', {
            run: f => command(['say', String(f.leftover)]),
            probe,
            undo: { none: 'a copy' },
          }),
      )
      .check(
        'right',
        () => command(['say', 'check']),
        () => ({ verdict: 'proven', found: '' }),
      ),
})
const nodes = new Sequence<Known>()
  .step(asks)
  .confirm({} as never)
  .step(works).nodes

describe('the plan as a script', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  const out = join(dir, 'out')
  const script = () => shellText(nodes, FACTS as Facts)

  suite.test('runs through sh what comes after the last question, and waits', () => {
    execFileSync('mkdir', ['-p', bin])
    program(bin, 'say', `echo "$@" >> '${out}'`)
    program(bin, 'before', `echo before >> '${out}'`)
    // Ready at the third look.
    program(bin, 'ready', `echo look >> '${out}'; [ "$(grep -c look '${out}')" -ge 3 ]`)
    // It answers with exit code 0 before it is online; the list cannot be read at first, and then gets shorter.
    program(
      bin,
      'status',
      `echo status >> '${out}'; [ "$(grep -c status '${out}')" -ge 2 ] && echo online || echo starting`,
    )
    program(
      bin,
      'list',
      `echo list >> '${out}'; n=$(grep -c list '${out}'); [ $n -ge 2 ] || exit 1; [ $n -ge 3 ] || echo "it's"`,
    )
    program(bin, 'sleep', 'true')
    const file = join(dir, 'plan.sh')
    writeFileSync(file, script())
    execFileSync('/bin/sh', [file], { cwd: dir, env: { PATH: `${bin}:/usr/bin:/bin` } })
    assert.equal(readFileSync(out, 'utf8').trim().split('\n'), [
      'read',
      "write it's",
      'look',
      'look',
      'look',
      'status',
      'status',
      'list',
      'list',
      'list',
      'check',
    ])
  })
  suite.test('has the undo of every change as a comment', () =>
    assert.match(script(), "# say undo 'it'\\''s'"),
  )
  suite.test('leaves what is not decided to the person', () =>
    assert.match(script(), /# For each leftover[\s\S]*# say '<leftover>'/),
  )
  suite.test('shows no secret', () => {
    assert.not.match(script(), 'shell-password-value')
    assert.match(script(), 'export PASSWORD="$SHELL_PASSWORD"')
  })

  suite.test('a question after the confirmation is for the person, and what comes before it stays', () => {
    const later = step<Known>({
      ...text,
      id: 'later',
      body: s => s.ask({ id: 'p', say: 'Really?' }).read('look', () => command(['after'])),
    })
    const script = shellText(
      new Sequence<Known>()
        .step(asks)
        .confirm({} as never)
        .step(works)
        .step(later).nodes,
      FACTS as unknown as Facts,
    )
    assert.match(script, /^say write/m)
    assert.match(script, /^# DECIDE: Really\?$/m)
    assert.match(script, /^after$/m)
    assert.not.match(script, /^before$/m)
  })

  suite.test('a survey goes on behind a command that fails, and the script ends behind it', () => {
    const all = step<Known>({
      ...text,
      id: 'all',
      survey: true,
      body: s => {
        const proven = () => ({ verdict: 'proven', found: '' }) as const
        return s
          .check("it's one", () => command(['bad', 'one']), proven)
          .check(
            'two',
            () => command(['say', 'two'], { stdin: { format: 'a\n%s\n', values: ['b'] } }),
            proven,
          )
          .check('three', () => command(['bad', 'three']), proven)
      },
    })
    const behind = step<Known>({
      ...text,
      id: 'behind',
      body: s => s.read('go on', () => command(['say', 'on'])),
    })
    program(bin, 'bad', `echo "bad $1" >> '${out}'; exit 1`)
    writeFileSync(out, '')
    const file = join(dir, 'survey.sh')
    writeFileSync(file, shellText(new Sequence<Known>().step(all).step(behind).nodes, FACTS as Facts))
    const env = { PATH: `${bin}:/usr/bin:/bin` }
    const { status, stderr } = spawnSync('/bin/sh', [file], { cwd: dir, env, encoding: 'utf8' })
    assert.is(status, 2)
    assert.is(stderr, "failed: it's one; three;\n")
    assert.equal(readFileSync(out, 'utf8').trim().split('\n'), ['bad one', 'two', 'bad three'])
  })
})
