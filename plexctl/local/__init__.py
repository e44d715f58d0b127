"""The local plane: a whole plexsphere on this machine, to learn and to test against."""

import os

# read when grpc is loaded, which comes later: without it, the library writes log lines of its own on stderr
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
