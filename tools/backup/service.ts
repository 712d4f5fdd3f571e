import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { basename } from 'node:path'
import { schedule } from '../../lib/cron.ts'
import { stamp, timeOf } from '../../lib/format.ts'
import { openIncidents } from '../../lib/incident-mark.ts'
import { Objects } from '../../lib/objects.ts'
import { EXIT, type ExitCode } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import type { Target } from '../../lib/target.ts'
import { isManifest } from '../../stores/backups.ts'
import { readManifest } from '../../stores/manifest.ts'
import { stampOf } from '../../stores/retention.ts'
import { listenAt } from '../arguments.ts'
import { endDeadRun } from './dead-run.ts'
import { keepSchedule, type Seen, type Status, type World } from './keep-schedule.ts'

/** So many of the newest sets are looked at for one of this installation; several may share a bucket. */
const NEWEST = 20
const LONG_MS = 24 * 3_600_000
/** Clocks of two machines may differ by so much. */
const AHEAD_MS = 10 * 60_000

interface Service {
  config: string | undefined
  /** Where `/health` is answered: host:port. */
  listen: string
}

/** The backup service: stays, keeps the schedule, answers `/health`, and leaves when it is told to. */
export async function serve(target: Target, { config, listen }: Service): Promise<ExitCode> {
  const { schedule: pattern } = target.nightly
  const kept = pattern === 'off' ? undefined : schedule(pattern)
  const status: Status = { state: kept ? 'waiting' : 'off' }
  const server = await health(listen, () => ({ schedule: pattern, ...status }))
  const runner = new Runner(config)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => runner.stop())
  tell(
    `${kept ? `keeps the schedule "${pattern}" (UTC)` : 'the schedule is off'}; /health is answered at ${listen}`,
  )
  await endDeadRun(target, tell)
  const look = () => lookAt(target)
  const world: World = {
    now: () => new Date(),
    wait: ms => runner.wait(ms),
    look,
    run: () => runner.run(),
    tell,
  }
  if (kept) await keepSchedule(kept, world, status, () => runner.stopped)
  else while (!runner.stopped) await runner.wait(LONG_MS)
  server.close()
  tell('stopped')
  return EXIT.recovered
}

/** Runs `--run-once` as a program of its own: what a night leaves in memory, or a crash, ends with it. */
class Runner {
  stopped = false
  readonly #argv: string[]
  #child: ReturnType<typeof spawn> | undefined
  #wake: () => void = () => undefined

  constructor(config: string | undefined) {
    // This very program: also where it is bundled into one file.
    this.#argv = [
      ...process.execArgv,
      process.argv[1]!,
      '--run-once',
      ...(config ? ['--config', config] : []),
    ]
  }

  run(): Promise<number> {
    // A group of its own: whatever ends this process, the run puts its stores right before it goes.
    const child = spawn(process.execPath, this.#argv, {
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    })
    this.#child = child
    return new Promise(ended => {
      child.on('error', () => ended(EXIT.commandFailed))
      child.on('exit', code => ended(code ?? EXIT.interrupted))
    })
  }

  /** A run in flight is interrupted: it takes back what it began and starts what it stopped. */
  stop(): void {
    this.stopped = true
    this.#child?.kill('SIGTERM')
    this.#wake()
  }

  wait(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve()
    return new Promise(over => {
      const timer = setTimeout(over, ms)
      this.#wake = () => {
        clearTimeout(timer)
        over()
      }
    })
  }
}

async function lookAt({ backups, runtime: { project } }: Target): Promise<Seen> {
  const objects = new Objects(backups)
  const open = (await openIncidents(objects)).filter(one => one.project === project)
  return {
    last: await newestSet(objects, project, new Date()),
    incidents: open.map(({ incident }) => incident),
  }
}

/**
 * When the newest set of this installation was begun. One of a clock that ran ahead would silence the schedule
 * until that day: it is passed over.
 */
export async function newestSet(objects: Objects, project: string, now: Date): Promise<Date | undefined> {
  const soon = `set_${stamp(new Date(now.getTime() + AHEAD_MS))}`
  const all = (await objects.list('sets/')).map(({ key }) => key).filter(isManifest)
  const keys = all.filter(key => basename(key) < soon)
  for (const key of keys.sort().reverse().slice(0, NEWEST)) {
    const manifest = await objects.text(key).then(text => readable(key, text))
    if (manifest?.source.project === project) return new Date(timeOf(stampOf(manifest.set)))
  }
  return undefined
}

function readable(key: string, text: string) {
  try {
    return readManifest(key, text)
  } catch {
    return undefined
  }
}

async function health(listen: string, answer: () => object) {
  const server = createServer((request, response) => {
    const known = request.url === '/health'
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' })
    response.end(
      `${JSON.stringify(known ? { status: 'healthy', service: 'backup-service', ...answer() } : {})}\n`,
    )
  })
  await listenAt(server, listen)
  return server
}

function tell(line: string): void {
  process.stdout.write(`${new Date().toISOString()}  backup-service: ${mask(line)}\n`)
}
