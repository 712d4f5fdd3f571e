import { clock, plural } from '../format.ts'
import { DOINGS, spent } from '../spent.ts'
import { checksMade, isOpen } from './checks.ts'
import { all, type Line, type Tile } from './model.ts'
import { rtoClock } from './summary.ts'

/** What somebody wants to know who reads nothing else. */
export function tiles(lines: readonly Line[]): Tile[] {
  return [...recovered(lines), ...checked(lines), ...lost(lines), ...foretold(lines), ...time(lines)]
}

function recovered(lines: readonly Line[]): Tile[] {
  const { minutes, from, to, lines: sources } = rtoClock(lines)
  if (to === undefined || Number.isNaN(from))
    return [{ name: 'recovered', value: 'no', beside: 'not yet', lines: [], tone: 'bad' }]
  const late = minutes !== undefined && to - from > minutes * 60_000
  const beside = minutes === undefined ? 'from the detection on' : `of an RTO of ${minutes}:00`
  return [
    { name: 'recovered in', value: clock(to - from), beside, lines: sources, tone: late ? 'bad' : 'good' },
  ]
}

function checked(lines: readonly Line[]): Tile[] {
  const made = checksMade(lines).filter(({ last }) => last.verdict !== 'skipped')
  if (made.length === 0) return []
  const open = made.filter(isOpen)
  const value = `${made.length - open.length} of ${made.length}`
  const sources = open.flatMap(({ lines }) => lines)
  return [{ name: 'checks', value, beside: 'hold', lines: sources, tone: open.length === 0 ? 'good' : 'bad' }]
}

function lost(lines: readonly Line[]): Tile[] {
  const losses = checksMade(lines).filter(({ last }) => last.verdict === 'expected loss')
  if (losses.length === 0) return []
  const sources = losses.flatMap(({ lines }) => lines)
  return [
    {
      name: 'expected loss',
      value: `${losses.length}`,
      beside: 'listed for repair',
      lines: sources,
      tone: 'warn',
    },
  ]
}

function foretold(lines: readonly Line[]): Tile[] {
  const compared = all(lines, 'compared')
  if (compared.length === 0) return []
  const wrong = compared.filter(({ agrees }) => !agrees)
  const value = `${compared.length - wrong.length} of ${compared.length}`
  const sources = wrong.map(({ line }) => line)
  const tone = wrong.length === 0 ? 'good' : 'warn'
  return [
    {
      name: plural(compared.length, 'prediction').replace(/^\d+ /, ''),
      value,
      beside: 'came true',
      lines: sources,
      tone,
    },
  ]
}

function time(lines: readonly Line[]): Tile[] {
  const ms = spent(lines)
  const parts = DOINGS.filter(doing => ms[doing] > 0)
  const most = [...parts].sort((a, b) => ms[b] - ms[a])[0]
  if (!most) return []
  const others = parts.filter(doing => doing !== most).map(doing => `${doing} ${clock(ms[doing])}`)
  return [{ name: `most time: ${most}`, value: clock(ms[most]), beside: others.join(', '), lines: [] }]
}
