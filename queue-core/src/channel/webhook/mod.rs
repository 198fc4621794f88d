//! Webhooks, by the Standard Webhooks form.
