#!/bin/sh
# neo4j, neo4j-admin and cypher-shell are one launcher under three names.
set -eu
export NEO4J_HOME="${NEO4J_HOME:-/var/lib/neo4j}"
export NEO4J_CONF="${NEO4J_CONF:-$NEO4J_HOME/conf}"
name=$(basename "$0")
# An archive of classes holds for this order of the class path only.
jars=$(printf '%s:' "$NEO4J_HOME"/lib/*.jar)

# Where there is no archive it is made: that is in the build of the image.
archive() {
  if [ -f "$1" ]; then echo "-XX:SharedArchiveFile=$1"; else echo "-XX:ArchiveClassesAtExit=$1"; fi
}

# Quick to start rather than quick to run: these are short-lived helpers beside the server.
helper() {
  exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 '-Xlog:cds*=off' \
    --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED \
    -Dapp.name="$name" -Dbasedir="$NEO4J_HOME" -cp "$jars" "$@"
}

case $name in
  cypher-shell) helper "$(archive "$NEO4J_HOME/shell.jsa")" org.neo4j.shell.Main "$@" ;;
  # Upstream has a Java in between, whose only work is to start this one with HEAP_SIZE. Without it, and with
  # the archive, a call takes 1.1 instead of 2.7 processor seconds (5.26.30 and OpenJDK 21).
  neo4j-admin)
    helper "$(archive "$NEO4J_HOME/admin.jsa")" ${HEAP_SIZE:+"-Xms$HEAP_SIZE" "-Xmx$HEAP_SIZE"} \
      org.neo4j.cli.AdminTool "$@" ;;
esac
[ "$*" = console ] || helper org.neo4j.server.startup.Neo4jBoot "$@"

# Upstream keeps this Java as the parent of the server's. Its dry run prints the command of the server, which
# then receives the stop signal directly, and finds its classes in an archive: 4.2 instead of 6.8 processor
# seconds until it answers. The command depends on the settings, and a container that starts again has the same.
kept=$NEO4J_HOME/run/command-$(sha256sum "$NEO4J_CONF/neo4j.conf" | cut -c 1-16)
if [ ! -f "$kept" ]; then
  options="$(archive "$NEO4J_HOME/classes.jsa") '-Xlog:cds*=off'"
  path="'$jars$NEO4J_HOME/conf/*:$NEO4J_HOME/plugins/*'"
  (helper org.neo4j.server.startup.Neo4jBoot console --dry-run) |
    sed "s| -cp [^ ]* | -cp $path $options |" > "$kept.new"
  # A setting that is wrong gives no command: said by the dry run, and not to be kept.
  [ -s "$kept.new" ] || exit 1
  mv "$kept.new" "$kept"
fi
eval "exec $(cat "$kept")"
