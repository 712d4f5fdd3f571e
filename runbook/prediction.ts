/** What says nothing about the outcome: who types it has not thought of one. */
const EMPTY = new Set(
  'a an and are as at be fine good is it no of ok okay ready sure that the then this to will with y yep yes'.split(
    ' ',
  ),
)

/** The reason why a text is no prediction; undefined for one that is. */
export function refusePrediction(text: string): string | undefined {
  if (tokensOf(text).some(token => !EMPTY.has(token))) return undefined
  return 'say what you expect to see: a count (18,204), a state (done, proven) or a name'
}

/**
 * Whether an outcome is as it was predicted: every number and every word of the prediction appears in it. Separators
 * of thousands, capitals and little words do not matter. Words are compared whole: 12 is not in 1,204.
 */
export function agrees(expects: string, outcome: readonly string[]): boolean {
  const seen = new Set(outcome.flatMap(tokensOf))
  const wanted = tokensOf(expects).filter(token => !EMPTY.has(token))
  return wanted.length > 0 && wanted.every(token => seen.has(token))
}

/** Numbers without their separators, words in small letters; `documents_v1` and `3.5` are one token each. */
function tokensOf(text: string): string[] {
  const found = text.toLowerCase().match(/[\p{L}\p{N}_]+(?:[.,:/-][\p{L}\p{N}_]+)*/gu) ?? []
  return found.flatMap(token => {
    if (/^\d{1,3}([,_]\d{3})+(\.\d+)?$/.test(token)) return [token.replaceAll(/[,_]/g, '')]
    // "3,4" are two numbers; a name may have its own dots and dashes.
    return token.split(',')
  })
}
