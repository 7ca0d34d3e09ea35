"""The web API and the editor pages."""
