/**
 * Runs test files: `node --import tsx test/run.ts [--jobs N] [file or folder …]`; without paths all of
 * test/, except the drills and whatever else needs Docker. Ends with the line `N passed, N failed`.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { discover } from './discover.ts'
import { type Message, SET_UP_FACTOR, Tally, tell } from './tally.ts'

export interface RunOptions {
  /** Files are dealt out to so many processes. */
  jobs: number
  /** Output is seen as it comes; without, when the process has ended. One process is always seen. */
  seen?: boolean
  /** A process for each file, the next file for whoever is done first; else each process gets its share at once. */
  oneByOne?: boolean
  /** Variables of each process, such as the practice ground it has for itself. */
  env?: (hand: number) => Record<string, string>
}

/** Runs these files and adds what they came to. */
export async function runFiles(
  files: readonly string[],
  { jobs, seen = jobs === 1, oneByOne = false, env = () => ({}) }: RunOptions,
  tally: Tally,
): Promise<void> {
  if (oneByOne) {
    const waiting = [...files]
    const work = async (hand: number) => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        await runWorker([file], { seen, env: env(hand) }, tally)
      }
    }
    await Promise.all(Array.from({ length: jobs }, (_, hand) => work(hand)))
    return
  }
  const hands = Array.from({ length: Math.min(jobs, files.length) }, (_, hand) =>
    files.filter((_, index) => index % jobs === hand),
  )
  await Promise.all(hands.map((hand, index) => runWorker(hand, { seen, env: env(index) }, tally)))
}

/** MB: a drill compares a store with its seed point by point; collected less often, it takes a seventh less time. */
const NURSERY = '--max-semi-space-size=64'

interface Worker {
  seen: boolean
  env: Record<string, string>
}

function runWorker(files: readonly string[], how: Worker, tally: Tally): Promise<void> {
  const stream = how.seen ? 'inherit' : 'pipe'
  const worker = fork(fileURLToPath(import.meta.url), ['--worker', ...files], {
    execArgv: ['--import', 'tsx', NURSERY],
    env: { ...process.env, ...how.env },
    stdio: ['ignore', stream, stream, 'ipc'],
  })
  const printed = gather(worker)
  const loaded = new Set<string>()
  let [failed, done] = [0, false]
  let unloadable: string | undefined
  const broken = (why: string) => {
    failed++
    tally.fail(why)
    process.stdout.write(`FAILED: ${why}\n`)
  }
  const watch = guard(worker, broken)
  worker.on('message', (message: Message) => {
    if (message.kind === 'done') done = true
    else if (message.kind === 'test') watch.begin(message)
    else if (message.kind === 'broken') {
      unloadable = message.file
      broken(`${message.file}: ${message.why}`)
    } else {
      loaded.add(files[message.file] ?? '')
      failed += message.result.failed
      tally.add(message.result)
    }
  })
  return new Promise(finished => {
    worker.on('close', (code, signal) => {
      watch.stop()
      process.stdout.write(printed())
      const missing = files.filter(file => !loaded.has(file))
      if (!done) broken(`a worker ended early (${signal ?? `exit code ${code}`}) with ${missing.join(', ')}`)
      else if (failed === 0 && missing.length > 0) broken(`no suite in ${missing.join(', ')}`)
      else if (failed === 0 && code !== 0) broken(`a worker ended with ${signal ?? `exit code ${code}`}`)
      // The others were not run either: they are loaded together. They have their turn without it.
      const rest = files.filter(file => file !== unloadable)
      finished(unloadable && rest.length > 0 ? runWorker(rest, how, tally) : undefined)
    })
  })
}

/** How much later than the test's own limit its process is ended. */
const PATIENCE_SECONDS = 10

/** Ends a worker whose test overruns its limit: a loop without a pause keeps its own timers from firing. */
function guard(worker: ChildProcess, told: (why: string) => void) {
  let timer: NodeJS.Timeout | undefined
  return {
    begin({ name, seconds }: { name: string; seconds: number }) {
      clearTimeout(timer)
      const end = () => {
        told(`"${name}" ran away and was ended`)
        worker.kill('SIGKILL')
      }
      // The test and its clean-up have the limit each, the set-up has more.
      timer = setTimeout(end, ((SET_UP_FACTOR + 2) * seconds + PATIENCE_SECONDS) * 1000)
    },
    stop: () => clearTimeout(timer),
  }
}

function gather(worker: ChildProcess): () => string {
  const chunks: Buffer[] = []
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', chunk => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8')
}

/** One process with its share of the files. */
async function work(files: readonly string[]): Promise<void> {
  const { run } = await import('uvu/run')
  const suites = files.map(file => ({ name: file, file: resolve(file) }))
  try {
    await run(suites)
  } catch (error) {
    const file = suites[(globalThis as { UVU_INDEX?: number }).UVU_INDEX ?? 0]?.name ?? 'a file'
    tell({ kind: 'broken', file, why: String(error instanceof Error ? error.stack : error) })
    process.exitCode = 1
  }
  // A handle that a test left open must not keep the runner waiting for ever.
  process.send?.({ kind: 'done' } satisfies Message, () => process.exit())
}

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === '--worker') return work(args.slice(1))
  const jobs = args[0] === '--jobs' ? Number(args[1]) : 2
  const paths = args[0] === '--jobs' ? args.slice(2) : args
  const tally = new Tally()
  try {
    const files = discover(paths)
    if (files.length === 0) throw new Error(`no test files in ${paths.join(', ')}: nothing was tested`)
    await runFiles(files, { jobs }, tally)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    tally.fail('nothing was tested')
  }
  process.stdout.write(`\nWhere the time went:\n${tally.whereTheTimeWent()}\n\n${tally.line}\n`)
  process.exitCode = tally.exitCode
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2))
