//! Escalations as tickets, through an HTTP API.
