import { stopServices } from '../../steps/stop-services.ts'

/** The recovery as a person would run it by hand: what `--plan --shell` prints, cut where the clock starts. */
export interface Scripts {
  /** What comes before the stop of the writers, not timed: the backup is downloaded and verified. */
  prepare: string
  /** From the stop to the last smoke test. */
  recover: string
  /** Commands in `recover`; what the script leaves to a person does not count. */
  commands: number
  /** Incident folder that both write to, relative to the target's root. */
  folder: string
}

/** Throws an Error when the text is not a script of a recovery. */
export function cutAtStop(text: string): Scripts {
  const at = text.indexOf(`# ========== ${stopServices.title}\n`)
  const head = /^[\s\S]*?^mkdir -p (incidents\/\S+)$/m.exec(text)
  if (at < 0 || !head) throw new Error(`the plan printed no script with a stop: ${text.slice(0, 200)}`)
  const recover = text.slice(at)
  return {
    prepare: text.slice(0, at),
    recover: `${head[0]}\n\n${recover}`,
    commands: recover.match(/^# (look|keep|CHECK|wait|CHANGE)\b.*\n[^#\s]/gm)?.length ?? 0,
    folder: head[1]!,
  }
}
