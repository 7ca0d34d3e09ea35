"""Where the frames of sites come from: lines of a pipe, or an MQTT 5 broker."""
