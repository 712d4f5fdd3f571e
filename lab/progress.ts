import { clock, count, duration } from '../lib/format.ts'

/** How far a job is: redrawn in a terminal, a line every few seconds elsewhere. */
export interface Bar {
  add(n: number): void
  /** Ends with one line that says how many and how long. */
  done(): void
}

const WIDTH = 24
const REDRAW_MS = 100
const LINE_MS = 5_000

/** A bar on stderr with the share done and the time left; `total` in units of `unit`. */
export function bar(title: string, total: number, unit: string, out = process.stderr): Bar {
  const started = performance.now()
  const every = out.isTTY ? REDRAW_MS : LINE_MS
  let shown = started
  let n = 0
  return {
    add(more) {
      n += more
      const now = performance.now()
      if (now - shown < every) return
      shown = now
      const line = barLine(title, n, total, unit, now - started)
      out.write(out.isTTY ? `\r\x1b[2K${line}` : `${line}\n`)
    },
    done() {
      const took = duration(performance.now() - started)
      out.write(`${out.isTTY ? '\r\x1b[2K' : ''}  ${title}: ${count(n)} ${unit} in ${took}\n`)
    },
  }
}

/** `  chunks  ██████░░░░  61 %  2,176/3,560 points  ETA 00:03` */
export function barLine(title: string, n: number, total: number, unit: string, elapsedMs: number): string {
  const share = total === 0 ? 1 : Math.min(1, n / total)
  const filled = Math.round(share * WIDTH)
  const blocks = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
  const eta = n === 0 ? '' : `  ETA ${clock((elapsedMs / n) * Math.max(0, total - n))}`
  return `  ${title} ${blocks} ${Math.round(share * 100)} %  ${count(n)}/${count(total)} ${unit}${eta}`
}
