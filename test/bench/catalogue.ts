import { FakeS3 } from '../fake-s3.ts'
import { fillYear } from '../stores/year.ts'
import { lastLines, run } from './programs.ts'
import { median, type Row, seconds } from './table.ts'

const BUDGET = 2
/** A year of sets has to be listed in so many seconds of the tool's own time. */
const OWN_SECONDS = 1
const NIGHTS = 365

/**
 * Listing a year of sets against listing one, from a bucket in memory, and what the year takes besides the start of the
 * program.
 */
export async function catalogueRows(
  cwd: string,
  pairs: number,
  tell: (line: string) => void,
): Promise<Row[]> {
  const [year, night] = [await bucketOf(NIGHTS), await bucketOf(1)]
  try {
    const times: { year: number; night: number }[] = []
    for (let i = 0; i < pairs; i++) {
      const pair = { night: await list(cwd, night.port), year: await list(cwd, year.port) }
      times.push(pair)
      tell(`catalogue: ${seconds(pair.year)}, of one set ${seconds(pair.night)}`)
    }
    const [all, one] = [median(times.map(t => t.year)), median(times.map(t => t.night))]
    const figures = `${seconds(all)}, of one set ${seconds(one)} (median of ${pairs} pairs)`
    return [
      {
        what: 'catalogue, a year of sets',
        figures,
        value: median(times.map(t => t.year / t.night)),
        budget: BUDGET,
        unit: 'times',
      },
      {
        what: 'catalogue, a year of sets, without its start',
        figures,
        value: median(times.map(t => t.year - t.night)) / 1000,
        budget: OWN_SECONDS,
        unit: 's',
      },
    ]
  } finally {
    year.s3.stop()
    night.s3.stop()
  }
}

async function bucketOf(nights: number): Promise<{ s3: FakeS3; port: string }> {
  const s3 = new FakeS3()
  const { endpoint } = await s3.start()
  fillYear(s3, nights)
  return { s3, port: new URL(endpoint).port }
}

async function list(cwd: string, port: string): Promise<number> {
  const secrets = {
    MINIO_ACCESS_KEY: 'a',
    MINIO_SECRET_KEY: 's',
    NEO4J_PASSWORD: 'n',
    POSTGRES_PASSWORD: 'p',
  }
  const env = { ...secrets, PUBLISH_MINIO: port, BACKUP_BUCKET: 'backups' }
  const ended = await run(['npx', 'tsx', 'tools/restore-backup.ts', '--list'], { cwd, env })
  if (ended.exitCode !== 0) throw new Error(`not the expected end: ${lastLines(ended)}`)
  return ended.ms
}
