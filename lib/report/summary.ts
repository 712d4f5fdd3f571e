import { clock, duration, plural } from '../format.ts'
import { stepOf } from '../path.ts'
import { type CheckOnce, checksMade, foundWrong } from './checks.ts'
import { commandRuns } from './commands.ts'
import { all, type Fact, type Line, type Of, when, words } from './model.ts'

/** The step whose questions say what happened, and the one that asks the front door at the end. */
const INCIDENT = 'incident'
const FRONT_DOOR = 'smoke-test'

/** When the clock of the RTO began and ended, in milliseconds since 1970, and what says so. */
export interface RtoClock {
  minutes: number | undefined
  from: number
  to: number | undefined
  lines: number[]
}

/** From the detection to the last answer of the front door: the health of the platform counts, not the end of the script. */
export function rtoClock(lines: readonly Line[]): RtoClock {
  const opened = all(lines, 'opened')[0]
  const told = answerTo(lines, 'detected')
  const detected = told && !Number.isNaN(Date.parse(words(told.answer))) ? told : undefined
  const recovered = all(lines, 'closed').find(({ exitCode }) => exitCode === 0)
  const healthy = all(lines, 'checked')
    .filter(({ path, verdict }) => stepOf(path) === FRONT_DOOR && verdict === 'proven')
    .at(-1)
  const end = recovered && (healthy ?? recovered)
  const begin = detected ?? opened
  return {
    minutes: opened?.rtoMinutes,
    from: Date.parse(detected ? words(detected.answer) : (opened?.at ?? '')),
    to: end && Date.parse(end.at),
    lines: [begin, end].flatMap(event => (event ? [event.line] : [])),
  }
}

export function answerTo(lines: readonly Line[], question: string): Of<'answered'> | undefined {
  return all(lines, 'answered').findLast(({ path }) => path === `${INCIDENT}/${question}`)
}

/** How it stands: by its last end, unless it was resumed since. */
export function status(lines: readonly Line[]): Fact {
  const end = lines.findLast(({ kind }) => kind === 'closed' || kind === 'resumed')
  if (end?.kind !== 'closed') return { text: 'still open', lines: end ? [end.line] : [], tone: 'warn' }
  const { outcome, exitCode, line, at } = end
  const tone = exitCode === 0 ? 'good' : 'bad'
  return { text: `closed ${when(at)} UTC: ${outcome} (exit code ${exitCode})`, lines: [line], tone }
}

/** Beside its status and its tiles: whose it is, and what the figures rest on. */
export function summary(lines: readonly Line[]): Fact[] {
  return [...who(lines), ...againstRto(lines), ...againstPlan(lines), ...counted(lines)]
}

function who(lines: readonly Line[]): Fact[] {
  return all(lines, 'opened').map(({ scenario, project, operator, host, at, line, version }) => ({
    text: `${scenario} on ${project}, opened ${when(at)} UTC by ${operator} on ${host} with version ${version}`,
    lines: [line],
  }))
}

function againstRto(lines: readonly Line[]): Fact[] {
  const { minutes, from, to, lines: sources } = rtoClock(lines)
  if (to === undefined || Number.isNaN(from)) return []
  const took = `${clock(to - from)} from the detection to the last answer of the front door`
  if (minutes === undefined) return [{ text: took, lines: sources }]
  const met = to - from <= minutes * 60_000
  const tone = met ? 'good' : 'bad'
  return [{ text: `${took}; the RTO of ${minutes}:00 was ${met ? 'met' : 'missed'}`, lines: sources, tone }]
}

/** What the plan had predicted for all that followed, beside what it took. */
function againstPlan(lines: readonly Line[]): Fact[] {
  const planned = all(lines, 'planned').at(-1)
  const confirmed = all(lines, 'confirmed').at(-1)
  const closed = all(lines, 'closed').at(-1)
  if (planned?.seconds === undefined || !confirmed || closed?.exitCode !== 0) return []
  const took = Date.parse(closed.at) - Date.parse(confirmed.at)
  const text = `the plan predicted ${duration(planned.seconds * 1000)} from the confirmation to the end; it took ${duration(took)}`
  return [{ text, lines: [planned.line, confirmed.line, closed.line] }]
}

function counted(lines: readonly Line[]): Fact[] {
  const runs = commandRuns(lines)
  if (runs.length === 0) return []
  const writes = runs.filter(({ effect }) => effect === 'write').length
  const failed = runs.filter(({ outcome }) => outcome === 'failed').length
  const verdicts = checksMade(lines).map(({ last }) => last.verdict)
  const each = [...new Set(verdicts)].map(
    verdict => `${verdicts.filter(one => one === verdict).length} ${verdict}`,
  )
  const checks = each.length === 0 ? '' : `; ${plural(verdicts.length, 'check')}: ${each.join(', ')}`
  const text = `${plural(runs.length, 'command')}, ${writes} to change something, ${failed} failed${checks}`
  return [{ text, lines: [...new Set([runs[0]!.lines[0]!, ...runs.at(-1)!.lines.slice(-1)])] }]
}

/** What people noticed, and what it cost them. */
export function impact(lines: readonly Line[]): Fact[] {
  const told = ['description', 'detected', 'affected'].flatMap(question => {
    const event = answerTo(lines, question)
    return event ? [{ text: `${event.question} ${words(event.answer)}`, lines: [event.line] }] : []
  })
  const wrong = foundWrong(lines).map(({ sentence, lines }): Fact => ({ text: sentence, lines, tone: 'bad' }))
  return [...told, ...wrong, ...away(lines)]
}

/** From the first stop to the last wait of a start: as long the platform did not write. */
function away(lines: readonly Line[]): Fact[] {
  const ended = all(lines, 'finished')
  const stopped = ended.find(
    ({ path, effect }) => effect === 'write' && /^(fence|stop-services)$/.test(stepOf(path)),
  )
  const started = ended.findLast(({ path }) => stepOf(path) === 'restart-services')
  if (!stopped) return []
  if (!started)
    return [{ text: `services that write are stopped since ${when(stopped.at)} UTC`, lines: [stopped.line] }]
  const took = Date.parse(started.at) - Date.parse(stopped.at)
  const text = `services that write were stopped for ${duration(took)}, from ${when(stopped.at)} to ${when(started.at)} UTC`
  return [{ text, lines: [stopped.line, started.line] }]
}

/** What is missing because it is younger than the backup. */
export function lost(lines: readonly Line[]): Fact[] {
  return checksMade(lines)
    .filter(({ last }) => last.verdict === 'expected loss')
    .map(({ last, lines }: CheckOnce) => ({ text: `Expected loss: ${last.found}`, lines, tone: 'warn' }))
}
