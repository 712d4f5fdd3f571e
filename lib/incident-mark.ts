import { Objects } from './objects.ts'
import { messageOf } from './problem.ts'
import type { Bucket } from './target.ts'

/** What the bucket knows of an incident that is open: schedule and retention stand still while it lies there. */
export interface OpenIncident {
  incident: string
  project: string
  scenario: string
  /** ISO 8601. */
  opened: string
  host: string
  operator: string
}

const PREFIX = 'incidents/'
/** Nobody waits longer for a bucket at three in the morning. */
const PATIENCE = { answerSeconds: 5 }

/** Where the marks of an installation lie. */
export function marksOf(project: string): string {
  return `${PREFIX}${project}/`
}

function keyOf({ project, incident }: Pick<OpenIncident, 'project' | 'incident'>): string {
  return `${marksOf(project)}${incident}.json`
}

/** Writes the mark; one that is there already stays. */
export async function placeMark(bucket: Bucket, open: OpenIncident): Promise<void> {
  const objects = new Objects(bucket, PATIENCE)
  if (await objects.find(keyOf(open))) return
  await objects.putOnce(keyOf(open), `${JSON.stringify(open)}\n`)
}

/** Removes the mark; one that is not there is no failure. */
export async function liftMark(
  bucket: Bucket,
  open: Pick<OpenIncident, 'project' | 'incident'>,
): Promise<void> {
  await new Objects(bucket, PATIENCE).remove(keyOf(open))
}

/**
 * The incidents that are open, of every installation that keeps its backups here. What lies among the marks and
 * cannot be read counts as one: better one night without retention than one set too few.
 */
export async function openIncidents(objects: Objects): Promise<OpenIncident[]> {
  const keys = (await objects.list(PREFIX)).map(({ key }) => key)
  return Promise.all(keys.map(async key => read(key, await objects.text(key).catch(messageOf))))
}

function read(key: string, content: string): OpenIncident {
  const [, project = '', name = ''] = key.split('/')
  const known = {
    incident: name.replace(/\.json$/, ''),
    project,
    scenario: '',
    opened: '',
    host: '',
    operator: '',
  }
  try {
    // The key says whose it is; the content only tells more about it.
    return { ...known, ...(JSON.parse(content) as object), incident: known.incident, project }
  } catch {
    return known
  }
}
