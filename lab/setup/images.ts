import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../../lib/problem.ts'
import { attempt } from '../shell.ts'
import { buildImage, removeBuildStages } from './build.ts'
import { chosenImages, writeImages } from './env.ts'
import { type Decision, decide } from './hub.ts'
import { alone } from './lock.ts'
import { logged } from './logged.ts'
import { ROOT } from './paths.ts'
import { say } from './progress.ts'
import { BROWSER, contextOf, MONITORING, OWN, RECIPES, type Recipe, recipe, tagOf } from './recipes.ts'

/** Which images the practice ground runs on: `images` has a full name for every *_IMAGE variable. */
export interface ImageChoice extends Decision {
  images: Record<string, string>
}

/**
 * Decides between upstream images and stand-ins, pulls or builds what is missing, and writes the variables
 * into `.env`. With everything there it builds and asks nothing and takes a second.
 */
export async function ensureImages(): Promise<ImageChoice> {
  return alone(async () => {
    const chosen = await chosenImages()
    const upstream = { ...(await upstreamImages()), ...chosen }
    const ours = OWN.map(({ variable }) => variable)
    const stores = Object.keys(upstream).filter(name => !ours.includes(name))
    const missing = await notHere(stores.map(name => upstream[name]!))
    const decision = await decide(missing.length === 0)
    const standIn = decision.kind === 'stand-in'
    const built = await (standIn ? buildStandIns(chosen) : pullAndBuildOwn(missing, chosen))
    await writeImages(built, name => !OF_MONITORING.includes(name))
    return { ...decision, images: { ...upstream, ...built } }
  })
}

/**
 * The images of the compose profile `monitoring`: where a hub answers they are fetched when they are started, else
 * there are stand-ins for Prometheus and Alertmanager, and none for Grafana. After `ensureImages`.
 */
export async function ensureMonitoring(kind: Decision['kind']): Promise<void> {
  if (kind !== 'stand-in') return
  await alone(async () => {
    const chosen = await chosenImages()
    await writeImages(await buildStandIns(chosen, MONITORING), name => OF_MONITORING.includes(name))
  })
}

/** The image of a browser without a screen, built when it is not there. Gives its full name. */
export async function ensureBrowser(): Promise<string> {
  return alone(async () => {
    const { kind } = await decide(false)
    return new Builder().ensure(kind === 'stand-in' ? BROWSER : upstreamBase(BROWSER))
  })
}

/** Variables of the images of the compose profile `monitoring`. */
const OF_MONITORING = [...MONITORING.flatMap(({ variable }) => variable ?? []), 'GRAFANA_IMAGE']

/** The defaults of docker-compose.yaml, which is where they are written down. */
async function upstreamImages(): Promise<Record<string, string>> {
  const compose = await readFile(join(ROOT, 'docker-compose.yaml'), 'utf8')
  const all = [...compose.matchAll(/\$\{([A-Z0-9]+_IMAGE):-([^}]+)\}/g)].map(([, name, image]) => [
    name,
    image,
  ])
  return Object.fromEntries(all.filter(([name]) => !OF_MONITORING.includes(name!)))
}

async function pullAndBuildOwn(
  missing: string[],
  chosen: Record<string, string>,
): Promise<Record<string, string>> {
  const wanted = OWN.filter(({ variable }) => !chosen[variable!])
  const builder = new Builder()
  const [tags] = await Promise.all([
    all(wanted.map(own => builder.ensure(upstreamBase(own)))),
    all(missing.map(pull)),
  ])
  return Object.fromEntries(wanted.map(({ variable }, i) => [variable, tags[i]!]))
}

/** On the upstream image that its Dockerfile names. */
function upstreamBase({ on: _, ...alone }: Recipe): Recipe {
  return alone
}

async function pull(image: string): Promise<string> {
  const name = image.replace(/^.*\/|:.*$/g, '')
  await logged(`pull-${name}`, `fetching ${image}`, ['docker', 'pull', image])
  return image
}

async function buildStandIns(
  chosen: Record<string, string>,
  recipes: readonly Recipe[] = RECIPES,
): Promise<Record<string, string>> {
  const wanted = recipes.filter(r => r.variable && !chosen[r.variable])
  const builder = new Builder()
  const tags = await all(wanted.map(r => builder.ensure(r)))
  if (builder.built > 0) await removeBuildStages()
  return Object.fromEntries(wanted.map((r, i) => [r.variable, tags[i]]))
}

/** Builds each recipe at most once, side by side as far as they do not stand on each other. */
class Builder {
  built = 0
  readonly #ensured = new Map<string, Promise<string>>()

  /** The image of a recipe, built if it is not there. */
  ensure(wanted: Recipe): Promise<string> {
    const known = this.#ensured.get(wanted.name)
    if (known) return known
    const made = this.#make(wanted)
    this.#ensured.set(wanted.name, made)
    return made
  }

  async #make(wanted: Recipe): Promise<string> {
    const base = wanted.on ? await this.ensure(recipe(wanted.on)) : undefined
    const context = await contextOf(wanted)
    const tag = await tagOf(wanted, context, base)
    if ((await notHere([tag])).length > 0) {
      if (this.built++ === 0) say('Building images of the practice ground from package registries:')
      await buildImage(wanted, context, tag, base)
    }
    return tag
  }
}

async function notHere(images: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(images.map(image => attempt`docker image inspect --format ok ${image}`))
  return images.filter((_, i) => answers[i]?.exitCode !== 0)
}

/** All of them to their end, so that a failure does not leave builds running behind its message. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work)
  const failed = settled.filter(s => s.status === 'rejected')
  const [first] = failed
  if (first && failed.length > 1) {
    const others = failed.length - 1
    say(`${others} more did not succeed; see .lab/logs`)
  }
  if (first) throw first.reason instanceof Problem ? first.reason : new Problem(String(first.reason))
  return settled.map(s => (s as PromiseFulfilledResult<T>).value)
}
