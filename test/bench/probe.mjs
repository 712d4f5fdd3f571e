// Preloaded (`node --import`) into a measured program: at its end it writes what the process itself used into
// the folder that BENCH_PROBE names. A recovery runs in a process of its own below the one that was started;
// that one inherits the preload, so every process of the tool has a file. Foreign programs have none.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.BENCH_PROBE
if (folder) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    const used = { peakKb: maxRSS, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(used))
  })
}
