//! How long what is kept after its end: rules, and what holds of several.

mod invalid;
mod kept;
mod maintained;
mod policy;
mod portion;
mod rule;
mod share;
mod sort;
mod upkeep;

pub use invalid::InvalidRetention;
pub use kept::Kept;
pub use maintained::Maintained;
pub use policy::{Origin, Retention};
pub use portion::Portion;
pub use rule::RetentionRule;
pub use share::{Share, ShareOf};
pub use sort::RetentionSort;
pub use upkeep::Upkeep;
