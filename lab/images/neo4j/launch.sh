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
set -- java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
  -Dapp.name="$(basename "$0")" -Dbasedir="$NEO4J_HOME" -cp "$NEO4J_HOME/lib/*" "$main" "$@"
case "$main $*" in *Neo4jBoot*' console') ;; *) exec "$@" ;; esac

# Upstream keeps this Java as the parent of the server's. Its dry run prints the command of the server, which
# then receives the stop signal directly, and finds its classes in the archive that the build of the image has
# made: 4.2 instead of 6.8 processor seconds until it answers (5.26.30 and OpenJDK 21). The archive holds for
# this order of the class path only, and is made while there is none.
jars=$(printf '%s:' "$NEO4J_HOME"/lib/*.jar)
archive=$NEO4J_HOME/classes.jsa
if [ -f "$archive" ]; then use=SharedArchiveFile; else use=ArchiveClassesAtExit; fi
server=$("$@" --dry-run | sed "s| -cp [^ ]* | -cp '$jars$NEO4J_HOME/conf/*:$NEO4J_HOME/plugins/*' -XX:$use=$archive '-Xlog:cds*=off' |")
eval "exec $server"
