import { command, ownCommand } from '../lib/command.ts'
import { writeReport } from '../lib/report.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import { type Chosen, staging } from '../stores/qdrant/facts.ts'

export const documentRecovery = step<Base & Chosen, unknown>({
  id: 'document',
  title: 'Document the recovery',
  why: `Every command, answer and check is in the journal already. The report puts them into the order a reader
needs: what was lost, how long it took and where the time went, what is in quarantine and how to release it.`,
  body: s =>
    s
      .when(
        'a backup was staged',
        f => f.restoring.length > 0,
        s =>
          s.keep('remove the staged copy; its bytes are in the bucket', f =>
            command(['rm', '-r', staging(f.run)]),
          ),
      )
      .keep('write the report', f =>
        ownCommand('report', [f.run.folder], async ([folder], io) => writeReport(io.cwd, folder!)),
      ),
  summary: f => `${f.run.folder}/report.md`,
})
