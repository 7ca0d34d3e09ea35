"""Set-points and limits for the power conversion system, each held within what is safe."""
