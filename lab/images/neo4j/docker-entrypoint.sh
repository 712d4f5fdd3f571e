#!/bin/bash
# The official image's contract, as far as this platform uses it: NEO4J_AUTH, NEO4J_* settings,
# the server as user neo4j, anything that is not `neo4j` run as it stands.
set -euo pipefail

as_neo4j=()
if [ "$(id -u)" = 0 ]; then
  as_neo4j=(setpriv --reuid=neo4j --regid=neo4j --init-groups)
  for dir in /data /logs; do find "$dir" \! -user neo4j -exec chown neo4j:neo4j {} +; done
fi

conf=$NEO4J_HOME/conf/neo4j.conf
not_settings=' NEO4J_HOME NEO4J_CONF NEO4J_AUTH NEO4J_EDITION NEO4J_ACCEPT_LICENSE_AGREEMENT NEO4J_PLUGINS NEO4J_DEBUG '

# NEO4J_server_memory_heap_max__size=1G -> server.memory.heap.max_size=1G. As upstream, every
# other NEO4J_* variable becomes a setting too, and a wrong one stops the server.
write_settings() {
  local name setting
  for name in $(compgen -e NEO4J_ | sort); do
    [[ $not_settings == *" $name "* || -z ${!name} ]] && continue
    setting=$(sed 's/^NEO4J_//; s/_/./g; s/\.\./_/g' <<< "$name")
    [[ $setting =~ ^[0-9] ]] && continue
    # server.jvm.additional may stand many times; every other setting only once.
    [ "$setting" = server.jvm.additional ] || sed -i "/^${setting//./\\.}=/d" "$conf"
    printf '%s=%s\n' "$setting" "${!name}" >> "$conf"
  done
}

# Works on a fresh `system` database only: an old volume keeps its password.
set_password() {
  case "${NEO4J_AUTH:-}" in
    '') ;;
    none) sed -i '/^dbms\.security\.auth_enabled=/d' "$conf"
      echo 'dbms.security.auth_enabled=false' >> "$conf" ;;
    neo4j/neo4j)
      echo 'neo4j: the password "neo4j" is not allowed' >&2
      echo 'HINT: set NEO4J_AUTH=neo4j/<another password of at least 8 characters>' >&2
      exit 1 ;;
    neo4j/*) [ -d /data/databases/system ] \
      || "${as_neo4j[@]}" neo4j-admin dbms set-initial-password "${NEO4J_AUTH#neo4j/}" ;;
    *)
      echo "neo4j: NEO4J_AUTH is '${NEO4J_AUTH%%/*}/…', only none and neo4j/<password> are known" >&2
      exit 1 ;;
  esac
}

[ "${1:-neo4j}" = neo4j ] && [ $# -le 1 ] || exec "${as_neo4j[@]}" "$@"

write_settings
set_password
exec "${as_neo4j[@]}" neo4j console
