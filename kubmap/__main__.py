"""`python -m kubmap` is the command line."""

from kubmap.cli import main

main()
