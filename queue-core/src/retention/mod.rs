//! How long what is kept after its end: rules, and what holds of several.

mod invalid;
mod kept;
mod maintained;
mod policy;
mod rule;
mod share;
mod sort;

pub use invalid::InvalidRetention;
pub use kept::Kept;
pub use maintained::Maintained;
pub use policy::{Origin, Retention};
pub use rule::RetentionRule;
pub use share::{Share, ShareOf};
pub use sort::RetentionSort;
