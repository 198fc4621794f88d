//! Mail through a provider's HTTP API.
