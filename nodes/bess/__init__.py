"""Battery systems: profiles, databases, and a simulated plant that stands in for one."""

INSTALL = {"numpy": "'flowrt[demo]'"}
"""What to install where a library is missing."""

PAGES = {"battery-profiles.md": "nodes.bess.table:page"}
"""Further pages of the documentation, and what prints them."""
