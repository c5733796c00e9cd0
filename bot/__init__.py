"""Everything with a clock or a socket. bot only carries: it brings events in with their moment, and carries
effects out.
"""

VERSION = "0.1.0.dev0"
