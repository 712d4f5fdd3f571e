import { assert, describe } from './describe.ts'
import { KEY, openTerminal } from './pty.ts'

describe('a pseudo-terminal', suite => {
  suite.test('a copy of the program that has not begun another yet is not taken for it', async () => {
    const forks = 'echo "I am $$."; (echo waiting; read -r line; echo "read $line"); true'
    const terminal = openTerminal(['bash', '-c', forks, 'the-program'], { cwd: '.' })
    await terminal.sees('waiting')
    const pid = terminal.pidOf('the-program')
    terminal.type(`this${KEY.enter}`)
    await terminal.sees('read this')
    assert.is(await terminal.ended(), 0)
    assert.is(`${pid}`, /I am (\d+)\./.exec(terminal.text())?.[1])
  })
})
