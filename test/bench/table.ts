/** One line of the table: a ratio or an amount, with the budget it must not exceed. */
export interface Row {
  what: string
  /** The two sides as they were measured, or why there is no figure. */
  figures: string
  /** Undefined: could not be measured. */
  value: number | undefined
  budget: number
  /** Seconds only where a promise is made in seconds. */
  unit: 'times' | 'MB' | 's'
}

export type Verdict = 'met' | 'MISSED' | 'NOT MEASURED'

export function verdictOf({ value, budget }: Row): Verdict {
  if (value === undefined || !Number.isFinite(value)) return 'NOT MEASURED'
  return value <= budget ? 'met' : 'MISSED'
}

/** The table as text, columns in line, a missed budget in capitals. */
export function tableText(rows: readonly Row[]): string {
  const head = ['what', 'measured', 'budget', '', 'sides']
  const cells = rows.map(row => [
    row.what,
    amount(row.value, row.unit),
    row.value === undefined ? '' : `≤ ${amount(row.budget, row.unit)}`,
    verdictOf(row),
    row.figures,
  ])
  const all = [head, ...cells]
  const widths = head.map((_, column) => Math.max(...all.map(line => line[column]!.length)))
  return all
    .map(line =>
      line
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function amount(value: number | undefined, unit: Row['unit']): string {
  if (value === undefined) return '–'
  if (unit === 'times') return `${value.toFixed(2)} ×`
  return `${Math.round(value)} ${unit}`
}

/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** "12.3 s" from milliseconds. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}
