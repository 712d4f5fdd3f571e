/**
 * Scripts in the volume, all of them for `sh -c <script> <name> <quarantine> <failed> <database>…`. Nothing is
 * deleted and nothing that stands at a destination is overwritten; what is not there is passed over.
 */

const START = `set -e; q=$1; failed=$2; shift 2
move() { if [ -e "$1" ]; then [ ! -e "$2" ] || { echo "$2 is in the way" >&2; exit 1; }; mkdir -p "$(dirname "$2")"; mv "$1" "$2"; fi; }`

/** Store and transaction logs belong together: logs of another store keep a database from starting. */
export const SET_ASIDE = `${START}
mkdir -p "$q"
for db; do for kind in databases transactions; do move "/data/$kind/$db" "$q/$kind/$db"; done; done
touch "$q/moved"`

/** Brings back what was set aside; what the run has loaded must have gone before. */
export const BRING_BACK = `${START}
for db; do for kind in databases transactions; do move "$q/$kind/$db" "/data/$kind/$db"; done; done
rm -f "$q/moved"
for dir in "$q/databases" "$q/transactions" "$q"; do if [ -d "$dir" ]; then rmdir "$dir"; fi; done`

/** Loads and leaves a mark: a load that was killed half-way leaves files, too. */
export const LOAD = `${START}
for db; do neo4j-admin database load "$db" --from-path=/var/lib/neo4j/import; done
touch "$q/loaded"`

/** Puts what was loaded, or half of it, where it can be looked at; a second time beside the first. */
export const PUT_AWAY = `${START}
n=1; while [ -e "$failed/$n" ]; do n=$((n + 1)); done
for db; do for kind in databases transactions; do move "/data/$kind/$db" "$failed/$n/$kind/$db"; done; done
rm -f "$q/loaded"`

/** What of all this is there: \`moved\`, \`loaded\`, \`quarantine\`, and the databases that have files. */
export const SEE = `q=$1; shift 2
for mark in moved loaded; do if [ -e "$q/$mark" ]; then echo "$mark"; fi; done
if [ -d "$q" ]; then echo quarantine; fi
for db; do if [ -e "/data/databases/$db" ] || [ -e "/data/transactions/$db" ]; then echo "there $db"; fi; done`
