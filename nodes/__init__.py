"""Node packs: a folder is a pack, a file is one node."""
