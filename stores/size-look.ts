import type { Command } from '../lib/command.ts'

/** How much something takes that is kept for an incident. */
export interface SizeLook {
  /**
   * Prints nothing when it is gone. For a volume that has to be asked first: a container that mounts one which is no
   * more makes it again, empty, and a look would have changed something.
   */
  there?: Command
  /** Prints KiB first, as `du -sk`, and nothing for what is gone. */
  size: Command
}
