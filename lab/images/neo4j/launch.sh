#!/bin/sh
# neo4j, neo4j-admin and cypher-shell are one launcher under three names.
set -eu
case "$(basename "$0")" in
  neo4j) main=org.neo4j.server.startup.Neo4jBoot ;;
  neo4j-admin) main=org.neo4j.server.startup.Neo4jAdminBoot ;;
  cypher-shell) main=org.neo4j.shell.Main ;;
esac
export NEO4J_HOME="${NEO4J_HOME:-/var/lib/neo4j}"
export NEO4J_CONF="${NEO4J_CONF:-$NEO4J_HOME/conf}"
# Quick to start rather than quick to run: these are short-lived helpers beside the server, and
# neo4j-admin starts a second Java for the real work, which takes HEAP_SIZE as upstream.
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
  -Dapp.name="$(basename "$0")" -Dbasedir="$NEO4J_HOME" -cp "$NEO4J_HOME/lib/*" "$main" "$@"
