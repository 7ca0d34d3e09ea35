"""Flow files and their data on disk: stored, versioned, mended."""
