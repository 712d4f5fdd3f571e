/** A chunk is filled up to this many characters, and a paragraph is only split when it alone is longer. */
export const CHUNK_CHARACTERS = 800

/** Shorter remains say nothing and are dropped, unless they are all there is. */
const SHORTEST = 40

/** Text → chunks of at most 800 characters, cut between paragraphs, else between lines, else between words. */
export function chunk(text: string): string[] {
  const chunks: string[] = []
  let current = ''
  for (const paragraph of paragraphs(text)) {
    if (current && current.length + paragraph.length + 2 > CHUNK_CHARACTERS) {
      chunks.push(current)
      current = ''
    }
    current = current ? `${current}\n\n${paragraph}` : paragraph
  }
  if (current.length >= SHORTEST || (current && chunks.length === 0)) chunks.push(current)
  return chunks
}

function paragraphs(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map(paragraph => paragraph.trim())
    .filter(Boolean)
    .flatMap(split)
}

function split(paragraph: string): string[] {
  const parts: string[] = []
  let rest = paragraph
  while (rest.length > CHUNK_CHARACTERS) {
    const at = cut(rest)
    parts.push(rest.slice(0, at).trim())
    rest = rest.slice(at).trim()
  }
  return rest ? [...parts, rest] : parts
}

/** Where to cut: after the last line or word that fits; else anywhere but inside a surrogate pair. */
function cut(text: string): number {
  const head = text.slice(0, CHUNK_CHARACTERS)
  for (const separator of ['\n', ' ']) {
    const at = head.lastIndexOf(separator)
    if (at > CHUNK_CHARACTERS / 2) return at
  }
  const last = head.charCodeAt(head.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? CHUNK_CHARACTERS - 1 : CHUNK_CHARACTERS
}
