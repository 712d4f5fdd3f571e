import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chunk } from './chunk.ts'
import { byCodeUnit, type LockedPackage, readLockFile } from './lock-file.ts'

export interface CorpusPackage extends LockedPackage {
  description: string
}

/** One file of documentation, cut into chunks. */
export interface CorpusDocument {
  package: string
  version: string
  title: string
  chunks: readonly string[]
}

/** What the packages of this project say about themselves: the data of the practice ground. */
export interface Corpus {
  packages: readonly CorpusPackage[]
  documents: readonly CorpusDocument[]
}

/**
 * Reads the documentation of every installed package: Markdown pages and the documentation comments of
 * type declarations. The same lock file gives the same corpus on every machine; packages made for one
 * operating system count as packages, but their files are not read, nor those of `@types` when SEED_TYPES is `off`.
 */
export function readCorpus(root: string): Corpus {
  const found = read.get(root) ?? readFiles(root)
  read.set(root, found)
  return found
}

/** A drill asks several times, and no installation changes under it. */
const read = new Map<string, Corpus>()

function readFiles(root: string): Corpus {
  const packages = unique(readLockFile(root)).map(locked => ({
    ...locked,
    description: locked.everywhere ? descriptionOf(join(root, locked.path)) : '',
  }))
  const documents = packages.filter(isRead).flatMap(each => documentsOf(root, each))
  return { packages, documents }
}

/** The types of Node are half of all chunks: without them a drill reads, copies and compares half as much. */
function isRead({ everywhere, name }: CorpusPackage): boolean {
  return everywhere && !(process.env.SEED_TYPES === 'off' && name.startsWith('@types/'))
}

/** Two copies of one version in different folders are one package. */
function unique(packages: readonly LockedPackage[]): LockedPackage[] {
  const byVersion = new Map<string, LockedPackage>()
  for (const each of packages) {
    const key = `${each.name}@${each.version}`
    if (!byVersion.has(key)) byVersion.set(key, each)
  }
  return [...byVersion.values()]
}

function descriptionOf(folder: string): string {
  const manifest = join(folder, 'package.json')
  if (!existsSync(manifest)) return ''
  const { description } = JSON.parse(readFileSync(manifest, 'utf8')) as { description?: string }
  return description ?? ''
}

function documentsOf(root: string, { path, name, version }: CorpusPackage): CorpusDocument[] {
  const folder = join(root, path)
  return filesUnder(folder).flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8')
    const page = file.endsWith('.d.ts') ? declarations(file, text) : markdown(file, text)
    const chunks = chunk(page.text)
    return chunks.length === 0 ? [] : [{ package: name, version, title: page.title, chunks }]
  })
}

/** Markdown and declaration files below a folder, relative to it, without nested packages. */
function filesUnder(folder: string, below = ''): string[] {
  const here = join(folder, below)
  if (!existsSync(here)) return []
  const entries = readdirSync(here, { withFileTypes: true }).sort((a, b) => byCodeUnit(a.name, b.name))
  return entries.flatMap(entry => {
    const path = below ? `${below}/${entry.name}` : entry.name
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(folder, path)
    return /\.(md|markdown|d\.ts)$/i.test(entry.name) ? [path] : []
  })
}

function markdown(file: string, text: string): { title: string; text: string } {
  const heading = plain(/^#\s+(.+)$/m.exec(text)?.[1] ?? '')
  return { title: heading ? `${heading} (${file})` : file, text }
}

/** A heading without badges, links, tags and marks. */
function plain(heading: string): string {
  return heading
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/<[^>]*>|[*_`[\]]/g, '')
    .trim()
}

function declarations(file: string, text: string): { title: string; text: string } {
  const comments = text.match(/\/\*\*[\s\S]*?\*\//g) ?? []
  const texts = comments.map(comment =>
    comment
      .slice(3, -2)
      .replaceAll(/^[ \t]*\* ?/gm, '')
      .trim(),
  )
  return { title: `Declarations in ${file}`, text: texts.join('\n\n') }
}
