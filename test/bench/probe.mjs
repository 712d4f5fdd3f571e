// Preloaded (`node --import`) into a measured program: at its end it writes what the process itself used,
// its children not counted, into the file that BENCH_PROBE names.
import { writeFileSync } from 'node:fs'

const file = process.env.BENCH_PROBE
// A measured program starts others; they are not measured.
delete process.env.BENCH_PROBE
if (file) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    const used = { peakKb: maxRSS, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }
    writeFileSync(file, JSON.stringify(used))
  })
}
