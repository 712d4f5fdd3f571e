"""A stand-in for a single-node Qdrant 1.18.3, for the practice ground.

Qdrant's own storage engine (the package ``qdrant-edge-py``) behind a small REST
server. Files on disk, snapshots, refusals and the behaviour under damage follow a
real server as recorded in ``test/fixtures/qdrant-contract``. What differs is listed
in the README beside the Dockerfile.
"""

VERSION = "1.18.3"
