"""HTTP: messages posted to a web service, or taken from one that posts."""
