#!/bin/bash
# Starts the server as process 1, so that a stop signal reaches it and its exit
# code (101 after a failed start) is the container's.
exec /opt/qdrant-standin/bin/python -m qdrant_standin "$@"
