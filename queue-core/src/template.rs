//! Messages from templates: rendered once, escaped by default, and complete or refused.
