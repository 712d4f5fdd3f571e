/**
 * Scripts in the volume, all of them for `sh -c <script> <name> <quarantine> <failed> <database>…`. Nothing is
 * deleted and nothing that stands at a destination is overwritten; what is not there is passed over.
 */

const START = 'set -e; q=$1; failed=$2; shift 2'

/** move <from> <to> */
const MOVE = `${START}
move() {
  if [ ! -e "$1" ]; then return; fi
  if [ -e "$2" ]; then echo "$2 is in the way" >&2; exit 1; fi
  mkdir -p "$(dirname "$2")"; mv "$1" "$2"
}
each() { for db; do for kind in databases transactions; do move "$from/$kind/$db" "$to/$kind/$db"; done; done; }`

/** Store and transaction logs belong together: logs of another store keep a database from starting. */
export const SET_ASIDE = `${MOVE}
mkdir -p "$q"; from=/data to=$q; each "$@"; touch "$q/moved"`

/** Brings back what was set aside; what the run has loaded must have gone before. */
export const BRING_BACK = `${MOVE}
from=$q to=/data; each "$@"; rm -f "$q/moved"
for dir in "$q/databases" "$q/transactions" "$q"; do if [ -d "$dir" ]; then rmdir "$dir"; fi; done`

/** Loads and leaves a mark: a load that was killed half-way leaves files, too. Only --verbose tells why one failed. */
export const LOAD = `${START}
for db; do neo4j-admin database load "$db" --verbose --from-path=/var/lib/neo4j/import; done
touch "$q/loaded"`

/** Puts what was loaded, or half of it, where it can be looked at; a second time beside the first. */
export const PUT_AWAY = `${MOVE}
n=1; while [ -e "$failed/$n" ]; do n=$((n + 1)); done
from=/data to=$failed/$n; each "$@"; rm -f "$q/loaded"`

/** What of all this is there: `moved`, `loaded`, `quarantine`, and the databases that have files. */
export const SEE = `q=$1; shift 2
for mark in moved loaded; do if [ -e "$q/$mark" ]; then echo "$mark"; fi; done
if [ -d "$q" ]; then echo quarantine; fi
for db; do if [ -e "/data/databases/$db" ] || [ -e "/data/transactions/$db" ]; then echo "there $db"; fi; done`
