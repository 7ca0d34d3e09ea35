"""ISO 15765-2 (ISO-TP): messages longer than a frame, as diagnostics use them."""
