import { operator } from '../lib/lock.ts'
import { badInput, EXIT } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { program } from '../runbook/perform.ts'
import { readArguments, targetFrom } from './arguments.ts'
import { Navigator } from './follow/navigator.ts'
import { followLock } from './follow/stream.ts'
import { View } from './follow/view.ts'

const HELP = `Shows a recovery live, in a second terminal, on this or another machine that reaches the daemon: where it is,
the clock against the RTO, what comes next, what can be undone, what was found. It ends when the run ends.

  npx tsx tools/follow.ts                            one screen that is drawn anew; lines in a pipe
  npx tsx tools/follow.ts --plain                    a line an event
  npx tsx tools/follow.ts --wait                     wait until there is a run
  npx tsx tools/follow.ts --navigate [--name ann]    be the navigator of a run that was begun with --pair: it asks
                                                     here what each write will lead to before it begins`

await program(async () => {
  const { values, positionals } = readArguments(HELP, {
    plain: { type: 'boolean' },
    wait: { type: 'boolean' },
    navigate: { type: 'boolean' },
    name: { type: 'string' },
  })
  const [extra] = positionals
  if (extra !== undefined)
    throw badInput(`"${extra.slice(0, 60)}" is one word too many`, '--help shows the form')
  const target = targetFrom(values)
  const plain = Boolean(values.plain) || !process.stdout.isTTY
  const by = (values.name as string | undefined) ?? operator()
  const navigator = values.navigate
    ? new Navigator({ input: process.stdin, output: process.stdout, by })
    : undefined
  const view = new View(plain, navigator)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  const wait = Boolean(values.wait || values.navigate)
  if (wait) process.stdout.write(`waiting for a run on ${target.runtime.project} …\n`)
  try {
    await followLock(target, { wait, signal: stop.signal }, async heard => {
      if ('event' in heard) return view.tell(heard.event)
      view.begin(heard.holder)
      if (heard.holder.reservedFor === '') await navigator?.join(target, heard.holder)
    })
  } finally {
    view.end()
    await navigator?.end()
  }
  if (stop.signal.aborted) return EXIT.interrupted
  process.stdout.write(`${mask(view.lastWord(target.runtime.project))}\n`)
  return EXIT.recovered
})
