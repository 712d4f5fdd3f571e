/** 1536 → "1.5 KB". Decimal steps of 1024, as `docker` and `mc` print them. */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = n
  let unit = ''
  for (const next of units) {
    if (value < 1024) break
    value /= 1024
    unit = next
  }
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`
}

/** Milliseconds → "02:10", or "1:02:10" from an hour on. */
export function clock(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000))
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(total / 60)
  if (minutes < 60) return `${two(minutes)}:${two(total % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(total % 60)}`
}

/** Milliseconds → "1 h 15 min", "4 min", "12 s": for sentences. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.round(hours / 24)} days`
}

/** 18204 → "18,204". */
export function count(n: number): string {
  return n.toLocaleString('en-US')
}

/** "1 collection", "2 collections". */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** UTC stamp as the paper's keys have it: 20261122_031502. */
export function stamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '').replace('T', '_')
}

/** 20261122_020000 → 2026/11/22, as the keys of the bucket have it. */
export function dayOf(stamp: string): string {
  return `${stamp.slice(0, 4)}/${stamp.slice(4, 6)}/${stamp.slice(6, 8)}`
}

/** 20261122_020000 → 2026-11-22T02:00:00Z. A placeholder of the page stays one. */
export function timeOf(stamp: string): string {
  return stamp.replace(/^(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6Z')
}
