#!/bin/bash
# The official image's contract, as far as this platform uses it: on an empty data directory
# initdb with POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB, then whatever lies in
# /docker-entrypoint-initdb.d; local connections trusted, the network by scram.
set -euo pipefail

# `postgres` and its options become the server; any other command runs as it stands.
[ "${1:-postgres}" = "${1#-}" ] || set -- postgres "$@"
[ "${1:-postgres}" = postgres ] || exec "$@"
case " $* " in *' --version '* | *' -V '* | *' --help '*) exec "$@" ;; esac

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  find "$PGDATA" \! -user postgres -exec chown postgres:postgres {} +
  chown postgres:postgres /var/run/postgresql
  chmod 00700 "$PGDATA"
  # exec keeps the process id, so that the server becomes PID 1 and a stop reaches it.
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

make_cluster() {
  if [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo 'postgres: the data directory is empty and no password is given' >&2
    echo 'HINT: set POSTGRES_PASSWORD to a value that is not empty' >&2
    exit 1
  fi
  # Word splitting of POSTGRES_INITDB_ARGS is wanted: it is a list of options.
  # shellcheck disable=SC2086
  initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
}

# Filled through the socket only, so that nobody reaches a half-made database over the network.
fill_cluster() {
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  [ "$database" = postgres ] || psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" -d postgres \
    -v db="$database" <<< 'CREATE DATABASE :"db";'
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) echo "running $file" && bash "$file" ;;
      *.sql) echo "running $file" && psql -v ON_ERROR_STOP=1 --no-psqlrc -U "$user" -d "$database" -f "$file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  make_cluster
  fill_cluster
fi
exec "${@:-postgres}"
