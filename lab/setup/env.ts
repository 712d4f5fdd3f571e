import { existsSync } from 'node:fs'
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './paths.ts'

const EXAMPLE = join(ROOT, '.env.example')
const ENV = join(ROOT, '.env')
/** Images with this prefix were written by the set-up; any other value is a person's choice and stays. */
const OURS = 'ai-platform-lab/'

/** Copies `.env.example` to `.env` when there is none; an existing file is left as it is. */
export async function ensureEnv(): Promise<void> {
  if (!existsSync(ENV)) await copyFile(EXAMPLE, ENV)
}

/**
 * Puts the image variables of stand-ins into `.env`, or takes the set-up's own lines out again for those of `about`
 * that are not given. Everything else in the file is kept byte by byte.
 */
export async function writeImages(
  images: Readonly<Record<string, string>>,
  about: (variable: string) => boolean,
): Promise<void> {
  await ensureEnv()
  const before = await readFile(ENV, 'utf8')
  const after = withImages(before, images, name => fromEnvironment(name) || !about(name))
  if (after === before) return
  await writeFile(`${ENV}.new`, after)
  await rename(`${ENV}.new`, ENV)
}

/** The text of a .env file with these image lines; those of `leave` stay as they are. */
export function withImages(
  env: string,
  images: Readonly<Record<string, string>>,
  leave: (variable: string) => boolean = () => false,
): string {
  const rest = new Map(Object.entries(images))
  const lines = env.split('\n').flatMap(line => {
    const [, comment, name, value] = /^(# )?([A-Z0-9]+_IMAGE)=(.*)$/.exec(line) ?? []
    if (!name) return [line]
    const wanted = rest.get(name)
    if (!comment && !value?.startsWith(OURS)) {
      rest.delete(name)
      return [line]
    }
    if (comment || leave(name)) return [line]
    rest.delete(name)
    return wanted ? [`${name}=${wanted}`] : []
  })
  const added = [...rest].map(([name, image]) => `${name}=${image}`)
  if (added.length === 0) return lines.join('\n')
  return `${lines.join('\n').replace(/\n*$/, '\n')}${added.join('\n')}\n`
}

function fromEnvironment(variable: string): boolean {
  return process.env[variable] !== undefined
}

/** The image variables a person has set to something of their own, in the environment or in `.env`. */
export async function chosenImages(): Promise<Record<string, string>> {
  const text = existsSync(ENV) ? await readFile(ENV, 'utf8') : ''
  const chosen: Record<string, string> = {}
  for (const [, name, value] of text.matchAll(/^([A-Z0-9]+_IMAGE)=(.+)$/gm)) {
    if (name && value && !value.startsWith(OURS)) chosen[name] = value
  }
  for (const [name, value] of Object.entries(process.env)) {
    if (/^[A-Z0-9]+_IMAGE$/.test(name) && value) chosen[name] = value
  }
  return chosen
}
