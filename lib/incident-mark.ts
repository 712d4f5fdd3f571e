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

/** Removes the mark and lets go of what the incident holds; one that is not there is no failure. */
export async function liftMark(
  bucket: Bucket,
  open: Pick<OpenIncident, 'project' | 'incident'>,
): Promise<void> {
  const objects = new Objects(bucket, PATIENCE)
  await letGo(objects, open)
  await objects.remove(keyOf(open))
}

/** What an incident holds is noted beside its mark, so that whoever ends it knows what to let go of. */
const HELD = '.held.json'

function heldKeyOf({ project, incident }: Pick<OpenIncident, 'project' | 'incident'>): string {
  return `${marksOf(project)}${incident}${HELD}`
}

/**
 * Holds the objects that an incident restores from, where the bucket has object lock: nobody can remove them for good
 * then, no rule of the server either. What is held already stays so; false where the bucket holds nothing.
 */
export async function holdObjects(
  bucket: Bucket,
  open: Pick<OpenIncident, 'project' | 'incident'>,
  keys: readonly string[],
): Promise<boolean> {
  const objects = new Objects(bucket, PATIENCE)
  if (keys.length === 0 || !(await objects.canHold())) return false
  if (!(await objects.find(heldKeyOf(open))))
    await objects.putOnce(heldKeyOf(open), `${JSON.stringify({ keys })}\n`)
  for (const key of keys) await objects.hold(key, true)
  return true
}

/** But for what another incident holds too. */
async function letGo(objects: Objects, open: Pick<OpenIncident, 'project' | 'incident'>): Promise<void> {
  const own = heldKeyOf(open)
  const notes = (await objects.list(PREFIX)).map(({ key }) => key).filter(key => key.endsWith(HELD))
  if (!notes.includes(own)) return
  const others = await Promise.all(notes.filter(key => key !== own).map(key => heldIn(objects, key)))
  const still = new Set(others.flat())
  for (const key of await heldIn(objects, own))
    if (!still.has(key) && (await objects.find(key))) await objects.hold(key, false)
  await objects.remove(own)
}

async function heldIn(objects: Objects, note: string): Promise<string[]> {
  try {
    return (JSON.parse(await objects.text(note)) as { keys: string[] }).keys
  } catch {
    return []
  }
}

/**
 * The incidents that are open, of every installation that keeps its backups here. What lies among the marks and
 * cannot be read counts as one: better one night without retention than one set too few.
 */
export async function openIncidents(objects: Objects): Promise<OpenIncident[]> {
  const keys = (await objects.list(PREFIX)).map(({ key }) => key).filter(key => !key.endsWith(HELD))
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
