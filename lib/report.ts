import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readJournal } from './journal.ts'
import { readAnnotations } from './report/annotations.ts'
import { htmlReport } from './report/html.ts'
import { markdown } from './report/markdown.ts'
import { reportOf } from './report/report.ts'
import { writeRunValidation } from './validation-report.ts'

/**
 * Writes report.md, report.html and validation_report_<incident>.txt and .json from the journal and what people have
 * annotated: facts only. Gives the path of report.md, relative to `root`.
 */
export function writeReport(root: string, folder: string): string {
  const at = resolve(root, folder)
  const events = readJournal(at)
  const report = reportOf(events, readAnnotations(at))
  writeFileSync(join(at, 'report.md'), markdown(report))
  writeFileSync(join(at, 'report.html'), htmlReport(report))
  writeRunValidation(at, events)
  return `${join(folder, 'report.md')}\n`
}
