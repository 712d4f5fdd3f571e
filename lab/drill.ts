import { relative } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { noMoreThan, splitArguments } from '../lib/arguments.ts'
import { clock } from '../lib/format.ts'
import { readJournal } from '../lib/journal.ts'
import { badInput, EXIT, exitCodeOf, Problem, problemLines } from '../lib/problem.ts'
import { newRun, noted } from '../lib/run-record.ts'
import { mask } from '../lib/secret.ts'
import { style } from '../lib/style.ts'
import { keepDrill } from './drills/history.ts'
import { incidentNames, newIncident } from './drills/incidents.ts'
import { writeMarker } from './drills/marker.ts'
import { prepareGround } from './drills/prepare.ts'
import { runHere } from './drills/program.ts'
import { type Claim, prove } from './drills/proof.ts'
import { planned, scenarioFor } from './drills/scenario.ts'
import { score } from './drills/score.ts'
import { rightAnswer } from './drills/script.ts'
import { anyFault, type Engineer, newestSet, recordOf, surprise } from './drills/surprise.ts'
import type { Fault } from './faults/fault.ts'
import { FAULTS, faultNamed, inject, refuseCollection } from './faults/faults.ts'
import { DOCUMENTS } from './platform/qdrant.ts'
import { say, track } from './setup/progress.ts'
import { ensureDocker, ensureEnv, ensureImages } from './setup/setup.ts'
import { storeLines } from './status.ts'
import { bucketOf, type LabTarget, labTarget } from './target.ts'

const HELP = `npm run drill [-- <fault>] [--collection documents|packages] [--yes]

A whole disaster with a known end: sets up Docker, the images and the platform, seeds it, backs it up, breaks
it, runs the scenario for it and proves from outside that everything came back.
In a terminal it asks what the scenario asks. The first drill takes some minutes; later ones reuse all of it.

  --list         the faults
  --surprise     something is broken and nobody says what: find it, mend it, and see afterwards how your decisions
                 compare with what was right; --seed <n> breaks the same thing again
  --collection   for a fault of Qdrant: documents (reached through an alias; the default) or packages (a physical name)
  --yes          answer everything from the drill's own script; also without a terminal and in CI

COMPOSE_PROJECT_NAME and PUBLISH_* in the environment drill another practice ground than the ordinary one.
Exit codes: 0 proven, 2 not what it should be, 64 wrong input, else that of the scenario.`

const OPTIONS = {
  collection: { type: 'string' },
  yes: { type: 'boolean' },
  surprise: { type: 'boolean' },
  seed: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const
const HINT = 'npm run drill -- --help shows what there is'

interface Asked {
  fault: Fault
  collection: string
  /** Nobody is asked. */
  alone: boolean
  /** Nobody is told what was broken. */
  surprise: boolean
}

/** From an empty machine to the proof. That it was done, and when, stays in the bucket. */
async function drill(asked: Asked): Promise<number> {
  chapter('The practice ground')
  const target = await setUp(asked.alone)
  const scale = await prepareGround(target)
  const run = newRun({ project: target.project, kind: 'test', name: 'drill' })
  return noted(bucketOf(target), run, say, () => story(target, scale, asked))
}

/** The story of one drill. */
async function story(target: LabTarget, scale: number, asked: Asked): Promise<number> {
  const { fault, collection, alone } = asked
  chapter('What is true before')
  const before = await writeMarker(target, 'before the backup')
  say(`  document ${before.id} is written; it must survive`)
  await backUp(target)
  const after = await writeMarker(target, 'after the backup')
  say(`  document ${after.id} is written; the backup does not hold it`)
  if (asked.surprise) {
    chapter('The disaster')
    const engineer = alone ? scripted(fault, collection) : atTheTerminal
    const good = await surprise(target, { fault, before, after, scale }, engineer)
    return good ? EXIT.recovered : EXIT.checkFailed
  }
  chapter(`The disaster: ${fault.title.toLowerCase()}`)
  // Asked now: the disaster may take MinIO as well.
  const newestBackup = await newestSet(target)
  const victim = await track('fault', fault.sentence, () => inject(target, fault, collection))
  for (const line of await storeLines(target)) say(`  seen from outside: ${line}`)
  const scenario = scenarioFor(fault)
  chapter(`The recovery: npx tsx ${scenario}`)
  const earlier = incidentNames(target)
  const begun = Date.now()
  const exitCode = await recovery(target, fault, collection, alone)
  const took = Date.now() - begun
  const incident = newIncident(target, earlier)
  if (exitCode !== EXIT.recovered || !incident) return unrecovered(exitCode, scenario)
  chapter('The proof, by reads of the drill’s own')
  const right = rightAnswer(fault, collection)
  const claims = await track('proof', 'reading everything again', () =>
    prove(target, { fault, victim, right, before, after, scale, incident }),
  )
  const scored = score([readJournal(incident)], { fault, right, broken: begun, newestBackup })
  keepDrill(target, {
    ...recordOf(target, fault, scored, claims, took),
    surprise: false,
    incidents: [relative(target.root, incident)],
    passed: claims.every(({ holds }) => holds),
  })
  return conclude(claims, fault, took)
}

/** Looks through the front door as often as it takes. */
async function atTheTerminal(target: LabTarget): Promise<void> {
  say('  npm start')
  for (;;) {
    await runHere(target, 'scenarios/start.ts')
    const more = await askLine('Look again [Enter], or end the drill [e]: ')
    if (more === 'e') return
  }
}

function scripted(fault: Fault, collection: string): Engineer {
  return async target => void (await recovery(target, fault, collection, true))
}

async function setUp(alone: boolean): Promise<LabTarget> {
  await ensureDocker({ yes: alone || Boolean(process.env.CI) })
  await ensureEnv()
  await ensureImages()
  // Read only now: the set-up may have written .env.
  return labTarget()
}

async function backUp(target: LabTarget): Promise<void> {
  say('  npx tsx tools/backup-service.ts --run-once')
  const exitCode = await runHere(target, 'tools/backup-service.ts', ['--run-once'])
  if (exitCode === 0) return
  throw new Problem(`the backup ended with exit code ${exitCode}`, {
    hint: 'nothing was broken by this drill; read the lines above, then run it again',
  })
}

/** A person answers the scenario; the drill's own script does when there is none. */
async function recovery(target: LabTarget, fault: Fault, collection: string, alone: boolean) {
  const scenario = scenarioFor(fault)
  if (!alone) return runHere(target, scenario)
  const { answers } = rightAnswer(fault, collection)
  const { phrase } = await track('plan', `npx tsx ${scenario} --plan ${answers.join(' ')}`, () =>
    planned(target, answers, scenario),
  )
  say(`  npx tsx ${scenario} ${answers.join(' ')} --confirm '${phrase}'`)
  return runHere(target, scenario, [...answers, '--confirm', phrase])
}

function unrecovered(exitCode: number, scenario: string): number {
  say(`${style.bad('✖')} the recovery ended with exit code ${exitCode}: there is nothing to prove`)
  say(`HINT: go on with npx tsx ${scenario} --resume, or begin again: npm run drill`)
  return exitCode || EXIT.checkFailed
}

function conclude(claims: readonly Claim[], fault: Fault, took: number): number {
  for (const { say: claim, holds, seen } of claims) {
    say(`${holds ? style.good('  ✔') : style.bad('  ✖')} ${claim} ${style.quiet(`(${seen})`)}`)
  }
  const failed = claims.filter(claim => !claim.holds).length
  if (failed > 0) {
    say(`${style.bad('Not recovered')}: ${failed} of ${claims.length} claims do not hold`)
    return EXIT.checkFailed
  }
  const title = fault.title.toLowerCase()
  say(`${style.good('Drill passed')}: ${title}, recovered in ${clock(took)}; ${claims.length} claims hold`)
  return EXIT.recovered
}

function chapter(title: string): void {
  say(`\n${style.strong(title)}`)
}

async function asked(args: readonly string[]): Promise<Asked | undefined> {
  const { values, positionals } = splitArguments(args, OPTIONS, HINT)
  if (values.help) return show(HELP)
  if (values.list) return show(FAULTS.map(named).join('\n'))
  noMoreThan(1, positionals, HINT)
  const alone =
    values.yes === true || Boolean(process.env.CI) || !process.stdin.isTTY || !process.stdout.isTTY
  const hidden = values.surprise === true
  if (hidden && positionals[0]) throw badInput('a fault that is named is no surprise', HINT)
  if (values.seed !== undefined && !(hidden && /^\d+$/.test(values.seed)))
    throw badInput('--seed is a number and goes with --surprise', HINT)
  const collection = values.collection ?? DOCUMENTS
  const fault = hidden ? anyFault(values.seed) : await chosenFault(positionals[0], alone)
  // Refused here, and not after minutes of set-up.
  refuseCollection(fault, collection)
  return { fault, collection, alone, surprise: hidden }
}

async function chosenFault(name: string | undefined, alone: boolean): Promise<Fault> {
  if (name) return faultNamed(name)
  return alone ? FAULTS[0]! : await askFault()
}

function show(text: string): undefined {
  process.stdout.write(`${text}\n`)
}

/** One line of a list: the name to type, the stores, what happens to them. */
function named({ id, stores, title }: Fault): string {
  return `${id.padEnd(20)} ${stores.join(', ').padEnd(24)} ${title}`
}

async function askFault(): Promise<Fault> {
  const lines = FAULTS.map((fault, index) => `  ${String(index + 1).padStart(2)}  ${named(fault)}`)
  say(['What is to break?', ...lines].join('\n'))
  const answer = (await askLine('Number or name [1]: ')) || '1'
  return FAULTS[Number(answer) - 1] ?? faultNamed(answer)
}

async function askLine(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // Ctrl-C and Ctrl-D close it, and an open question would never be answered.
  const nobody = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new Problem('the drill was left', { exitCode: EXIT.declined })))
  })
  try {
    return (await Promise.race([terminal.question(question), nobody])).trim()
  } finally {
    terminal.close()
  }
}

try {
  const what = await asked(process.argv.slice(2))
  if (what) process.exitCode = await drill(what)
} catch (error) {
  for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
  process.exitCode = exitCodeOf(error)
}
