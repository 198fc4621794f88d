//! A relay to NATS JetStream.
