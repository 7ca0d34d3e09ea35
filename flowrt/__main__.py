"""`python -m flowrt` is `flowrt`."""

from flowrt.cli.main import main

main()
