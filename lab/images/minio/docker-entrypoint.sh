#!/bin/sh
# As upstream: `server /data …` means `minio server /data …`; anything else runs as it stands.
# exec, so that a stop reaches the server itself.
set -eu
case "${1:-}" in
  minio | sh | bash | curl | /*) exec "$@" ;;
  *) exec minio "$@" ;;
esac
