//! A relay to RabbitMQ.
