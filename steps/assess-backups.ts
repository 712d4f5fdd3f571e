import { stateOf } from '../lib/runtime.ts'
import { step } from '../runbook/tree.ts'
import { causesOf, late } from '../stores/backup-service/causes.ts'
import { howOftenDied, keeperOf, lastWords, serviceOf } from '../stores/backup-service/commands.ts'
import type { BackupsSeen, Cause } from '../stores/backup-service/facts.ts'
import { LOOKS } from '../stores/backup-service/looks.ts'
import type { Base } from '../stores/base.ts'
import { LOGS_FIRST, prerequisites } from './assess.ts'

export const assessBackups = step<Base, BackupsSeen & { causes: Cause[] }>({
  id: 'assess',
  title: 'Find out why backups are not running',
  why: `A backup needs the service, its schedule, MinIO, the bucket, the keys, room, and every store. Each is asked, because
one look at a log shows the last failure and not the first. ${LOGS_FIRST}`,
  trouble:
    'When Docker does not answer, repair that first. When nothing is found and there is still no backup, follow the log while the backup of this run is taken.',
  body: s =>
    s
      .use(prerequisites)
      .gather(
        'service',
        f => (keeperOf(f.target) === 'a container' ? [serviceOf(f.target).name] : []),
        s =>
          s
            .keep('save the last log lines of the service', f => ({
              ...f.target.runtime.logs(f.service, 200),
              stdout: `${f.run.folder}/${f.service}.log`,
            }))
            .read(
              'see what the service said last',
              f => f.target.runtime.logs(f.service, 30),
              o => ({ words: lastWords(o) }),
            )
            // A fact of its own: the page knows no state of a service, and shows a name to be filled in.
            .let('find its container', f => ({ container: stateOf(f.states, f.service).container }))
            .read('see how often it died', howOftenDied, o => ({
              restarts: Number.parseInt(o.stdout, 10) || 0,
            })),
        'said',
        ({ words, restarts }) => ({ words, restarts }),
        'If a container of this platform keeps the schedule',
      )
      .let('put it together', f => ({ words: '', restarts: 0, ...f.said[0] }))
      .read('see that MinIO can write', LOOKS.quorum.run, LOOKS.quorum.learn)
      .read('see what the bucket holds', LOOKS.bucket.run, LOOKS.bucket.learn)
      .read('see whether an incident holds backups up', LOOKS.marks.run, LOOKS.marks.learn)
      .read('see which backups have begun and ended', LOOKS.runs.run, LOOKS.runs.learn)
      .gather(
        'keeper',
        f => (keeperOf(f.target) === 'cron' ? [] : [keeperOf(f.target)]),
        s => s.read('ask it for its schedule and its next run', LOOKS.health.run, LOOKS.health.learn),
        'answers',
        ({ health }) => ({ health }),
        'If a service keeps the schedule, not cron on a host',
      )
      .let('put it together', f => ({ health: f.answers[0]?.health }))
      .let('conclude why', f => ({ causes: causesOf(f, Date.now()) })),
  summary: f => (f.causes.length === 0 ? 'no cause was seen' : `${f.causes.length} found`),
  details: f => [
    ...late(f.target, f.bucket.candidates, Date.now()),
    ...f.causes.map(({ sentence, by }) => `${sentence} (${by})`),
  ],
})
