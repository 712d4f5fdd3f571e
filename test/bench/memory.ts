import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const EVERY_MS = 50

/** Memory of a running tool, as seen from outside it. */
export interface MemoryWatch {
  /** Ends the watch and gives the largest sum seen, in MiB. */
  stop(): number
}

/**
 * Watches how much memory a Node program and the Node programs below it have together (foreign programs are
 * not counted). Proportional set size: what they share, such as the code of Node itself, counts once
 * (proc(5), smaps_rollup; Linux only).
 */
export function watchMemory(pid: number): MemoryWatch {
  let [peakKb, seen] = [0, false]
  const look = () => {
    const all = family(pid).map(proportionalKb)
    peakKb = Math.max(
      peakKb,
      all.reduce((sum, kb) => sum + kb, 0),
    )
    seen ||= peakKb > 0
  }
  const timer = setInterval(look, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      if (!seen)
        throw new Error('the memory of the program was never seen: /proc/<pid>/smaps_rollup is needed')
      return peakKb / 1024
    },
  }
}

/** The process and all below it that are still there. */
function family(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const below = threads.flatMap(thread =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
    return [pid, ...below.flatMap(family)]
  } catch {
    return []
  }
}

/** KiB of a Node process; nothing of any other, or of one that has just ended. */
function proportionalKb(pid: number): number {
  try {
    if (readlinkSync(`/proc/${pid}/exe`) !== process.execPath) return 0
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
