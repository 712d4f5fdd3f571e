import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, command } from '../../lib/command.ts'
import { exportsOf, quote, render, renderLine, WIDTH } from '../../lib/render.ts'
import { Secret } from '../../lib/secret.ts'
import { assert, describe } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

const NASTY = [
  'two words',
  "it's",
  'say "hi"',
  '$HOME',
  '`id`',
  '$(id)',
  'line\nbreak',
  '',
  '*',
  '~',
  '!x',
  'back\\slash',
  ';rm -rf /',
  'a&b|c>d',
  'A=b',
  '{a,b} #no comment',
] as const

/** What a shell makes of a text: the arguments that the fake program `argv` receives. */
function argvIn(shell: string, text: string): string[] {
  const ran = spawnSync(shell, ['-c', text], { encoding: 'utf8' })
  assert.is(ran.stderr, '')
  return ran.stdout.split('\0').slice(0, -1)
}

describe('rendered commands', suite => {
  const dir = tempDir(suite)
  onPath(suite, dir)
  program(dir, 'argv', `printf '%s\\0' "$@"`)
  const nasty = command(['argv', ...NASTY])

  for (const shell of ['sh', 'bash']) {
    suite.test(`${NASTY.length} nasty arguments survive ${shell}`, () => {
      assert.equal(argvIn(shell, renderLine(nasty)), [...NASTY])
    })
    suite.test(`wrapped text gives ${shell} the same arguments`, () => {
      const long = command(['argv', ...NASTY, ...NASTY, 'x'.repeat(200), ...NASTY])
      assert.equal(argvIn(shell, render(long)), long.argv.slice(1))
    })
  }

  suite.test('a program name is quoted like any other word', () => {
    program(dir, 'two words', 'echo reached')
    assert.is(argvIn('sh', `${renderLine(command(['two words']))} | tr '\\n' '\\0'`)[0], 'reached')
  })

  suite.test('no printed line is wider than 80 columns, unless one word is', () => {
    const words = Array.from({ length: 60 }, (_, i) => `word-${i}`)
    for (const line of render(command(['argv', ...words])).split('\n')) assert.ok(line.length <= WIDTH)
    assert.match(render(command(['argv', 'y'.repeat(100)])), 'y'.repeat(100))
  })

  suite.test('harmless words stay bare', () => {
    const bare = ['docker', '--format', '{{json .}}', 'http://h:1/a', '@-', 'a=b', '-X']
    assert.equal(bare.map(quote), ['docker', '--format', "'{{json .}}'", 'http://h:1/a', '@-', "'a=b'", '-X'])
  })

  suite.test('stdin and stdout may be files', () => {
    const copied = command(['cat'], { stdin: { file: 'a b' }, stdout: 'c' })
    assert.is(renderLine(copied), "cat < 'a b' > c")
  })

  suite.test('stdin is a printf, and a secret stands there by its name', () => {
    const key = new Secret('RENDER_KEY', 'render-key-value')
    program(dir, 'stdin', 'cat')
    const withKey = command(['stdin'], {
      stdin: { format: 'api-key: %s\\nname: %s\\n', values: [key, "it's"] },
    })
    const text = renderLine(withKey)
    assert.not.match(text, 'render-key-value')
    assert.match(text, '"$RENDER_KEY"')
    const ran = spawnSync('sh', ['-c', text], {
      encoding: 'utf8',
      env: { ...process.env, RENDER_KEY: 'render-key-value' },
    })
    assert.is(ran.stdout, "api-key: render-key-value\nname: it's\n")
  })

  suite.test('output goes to the file it names', () => {
    const file = join(dir, 'a file.txt')
    const text = renderLine(command(['argv', 'x'], { stdout: file }))
    assert.equal(argvIn('sh', text), [])
    assert.is(readFileSync(file, 'utf8'), 'x\0')
  })
})

describe('exports of a page', suite => {
  const secret = new Secret('PAGE_PASSWORD', 'page-password-value')

  suite.test('plain values are given, secrets are named, each once', () => {
    const one: Command = command(['x'], { env: { COMPOSE_FILE: 'a b.yaml', PAGE_PASSWORD: secret } })
    assert.equal(exportsOf([one, one]), [
      "export COMPOSE_FILE='a b.yaml'",
      'export PAGE_PASSWORD   # secret: read it from your vault',
    ])
  })

  suite.test('a secret under another name refers to its variable', () => {
    const lines = exportsOf([command(['psql'], { env: { PGPASSWORD: secret } })])
    assert.equal(lines, ['export PGPASSWORD="$PAGE_PASSWORD"'])
  })
})
