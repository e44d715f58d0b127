"""The local plane: a whole plexsphere on this machine, for learning and tests."""

import os

# grpc reads this when it is imported, which happens later; without it, it writes its own log lines to stderr
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
