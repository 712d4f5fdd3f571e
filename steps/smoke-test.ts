import type { SmokeKind } from '../lib/config-schema.ts'
import type { SmokeTests } from '../lib/smoke-tests.ts'
import type { Sequence } from '../runbook/tree.ts'
import { step } from '../runbook/tree.ts'
import type { Base } from '../stores/base.ts'
import { judgeAnswer } from '../stores/smoke/answer.ts'
import { judgeCount, queryOf } from '../stores/smoke/query.ts'
import { requestOf } from '../stores/smoke/request.ts'
import { told } from '../stores/smoke/tally.ts'

export const smokeTest = step<Base, unknown>({
  id: 'smoke-test',
  title: 'Smoke test as users come in',
  why: `Restored means that somebody can use it. The requests of the configuration go in where users do, and every store
is asked as well. Answers are read and timed: one that is empty, wrong or late is none. What needs the data alone is told
apart from what needs a model too, so that a model that is away does not hide what was recovered. The RTO clock stops when
all of them pass, not when a script ends.`,
  trouble: `When only inference failed, the data is back and nothing is to be undone: start what the model needs, then go on
with --resume. The incident stays open until then, and no scheduled backup is taken; should that last for hours:
\`npx tsx tools/backup-service.ts --close-incident <incident>\`. When data failed, the answer names the store; what is
behind it: \`npx tsx tools/diagnose.ts\``,
  survey: true,
  missed: (missed, f) =>
    told(
      f.target.smokeTests,
      missed.map(({ say }) => say),
    ),
  body: s => s.use(requests('data')).use(queries).use(requests('inference')),
  summary: f => told(f.target.smokeTests, []),
})

/** What is said of a check begins with its kind: the tally goes by it. */
function requests(kind: SmokeKind) {
  return (s: Sequence<Base>) =>
    s.each(
      'test',
      f => ofKind(f.target.smokeTests, kind),
      s =>
        s.check(
          kind,
          f => requestOf(f.test),
          (o, f) => judgeAnswer(f.test, o),
        ),
    )
}

function queries(s: Sequence<Base>) {
  return s.each(
    'query',
    f => f.target.smokeTests.queries,
    s =>
      s.check(
        'data',
        f => queryOf(f.target, f.query),
        (o, f) => judgeCount(f.target, f.query, o),
      ),
  )
}

function ofKind({ requests }: SmokeTests, kind: SmokeKind) {
  return requests.filter(request => request.kind === kind)
}
