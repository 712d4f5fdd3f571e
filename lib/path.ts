/** The step that a path of the journal is in: its first segment. */
export function stepOf(path: string): string {
  return path.split('/')[0] ?? ''
}

/** The lane that a path is in; empty outside of lanes. */
export function laneOf(path: string): string {
  // Elements of loops stand in brackets, and a collection may be called anything.
  return /\{([^}]*)\}/.exec(path.replace(/\[[^\]]*\]/g, ''))?.[1] ?? ''
}
