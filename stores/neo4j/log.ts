import type { LastStart } from '../../lib/runtime.ts'

/** Neo4j writes this first whenever it is started. */
const BEGIN = 'Logging config in use'

/** The causes, the lines above them, which have the time of day, and where a start begins. */
const TELLING = `^Caused by: |^[0-9-]+ [0-9:.]+[^ ]* (WARN|ERROR) |${BEGIN}`

/** The lines of its log that tell of a failure, those of earlier starts too: the volume outlives them. */
export const LOG = `tail -c 200000 /logs/debug.log 2>/dev/null | grep -aE '${TELLING}'`

export function isCause(line: string): boolean {
  return line.startsWith('Caused by: ')
}

/**
 * What was said since the last start of the container: what an earlier one has died of may have been mended since.
 * Where the daemon starts it again and again, a look often comes before the last start has failed; then the one
 * before it counts, as nobody has mended anything in between. `up`: it has come to its end, and well.
 */
export function saidSince(
  log: string,
  { started, up }: { started: LastStart | null; up: boolean },
): string[] {
  if (!started) return []
  const lines = log.split('\n').filter(line => line.trim() !== '')
  const first = lines.findIndex(line => timeOf(line) >= Date.parse(started.at))
  const begin = first < 0 ? lines.length : first
  const now = lines.slice(begin)
  if (up || !started.again || now.some(isCause)) return now
  const before = lines.slice(0, begin)
  return before.slice(
    Math.max(
      0,
      before.findLastIndex(line => line.includes(BEGIN)),
    ),
  )
}

/** NaN for a line without a time, which is neither before nor after anything. */
function timeOf(line: string): number {
  const [, day, time, zone = 'Z'] = /^(\d{4}-\d\d-\d\d) ([\d:.]+)([+-]\d{4}|Z)? /.exec(line) ?? []
  return Date.parse(`${day}T${time}${zone.replace(/(\d\d)$/, ':$1')}`)
}
