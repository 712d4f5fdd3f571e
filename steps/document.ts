import { command, ownCommand } from '../lib/command.ts'
import { writeReport } from '../lib/report.ts'
import { step } from '../runbook/tree.ts'
import { type Base, staging } from '../stores/base.ts'

export const documentRecovery = step<Base, unknown>({
  id: 'document',
  title: 'Document the recovery',
  why: `Every command, answer and check is in the journal already. The report puts them into the order a reader
needs: what was lost, how long it took and where the time went, what is in quarantine and how to release it.`,
  body: s =>
    s
      // Nothing was staged when nothing had to be restored.
      .keep('remove the staged copy; its bytes are in the bucket', f =>
        command(['rm', '-rf', staging(f.run)]),
      )
      .keep('write the report', f =>
        ownCommand('report', [f.run.folder], async ([folder], io) => writeReport(io.cwd, folder!)),
      ),
  summary: f => `${f.run.folder}/report.md`,
})
