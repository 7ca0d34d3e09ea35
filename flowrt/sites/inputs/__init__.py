"""Where the frames of sites come from: lines of a pipe, an MQTT 5 broker, NATS JetStream."""
