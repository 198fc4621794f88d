//! Escalations to PagerDuty, Events API v2.
