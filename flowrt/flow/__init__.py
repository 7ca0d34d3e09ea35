"""Flow files: read, checked, and made into nodes and edges."""
