"""IEC 60870-5-104: this gateway as a controlled station."""
