/**
 * Words that stand for a backup or a set: `latest`, `previous` (the one before it), or a day (the last of that day,
 * UTC). `ids` are those that may be meant, newest first. Undefined when the word stands for none of them.
 */
export function meant(word: string, ids: readonly string[]): string | undefined {
  if (word === 'latest') return ids[0]
  if (word === 'previous') return ids[1]
  const day = dayIn(word)
  return day === undefined ? undefined : ids.find(id => new RegExp(`_${day}_\\d{6}$`).test(id))
}

/** Why a word stands for none of the ids; `what` is "a usable backup of neo4j". Undefined for anything but a word. */
export function meansNone(word: string, ids: readonly string[], what: string): string | undefined {
  if (word === 'latest' || (word === 'previous' && ids.length === 0)) return `there is no ${what}`
  if (word === 'previous') return `there is only one ${what}, ${ids[0]}: none is previous to it`
  return dayIn(word) === undefined ? undefined : `there is no ${what} of ${word} (UTC)`
}

/** 2026-11-21 as the ids have it: 20261121. */
function dayIn(word: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(word) ? word.replaceAll('-', '') : undefined
}
