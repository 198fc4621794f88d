//! How large a document may be.

use serde::{Deserialize, Serialize};

/// How large a document may be. What passes a limit is refused before more of it is read.
///
/// ```
/// use queue_core::contract::Limits;
/// assert_eq!(Limits::default(), Limits {
///     bytes: 1024 * 1024,
///     depth: 32,
///     items: 10_000,
///     diagnostics: 10_000,
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Its bytes.
    pub bytes: usize,
    /// How deep lists and objects are nested; at most [`Limits::DEEPEST`].
    pub depth: usize,
    /// The items of any one list, and the keys of any one object.
    pub items: usize,
    /// What there is to say of it: a document that would need more is refused as a whole, since a list
    /// of all that is wrong with it could be many times as long as itself.
    pub diagnostics: usize,
}

impl Limits {
    /// As deep as documents may be nested at most: deeper ones are trouble to whoever reads them next.
    pub const DEEPEST: usize = 120;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1024 * 1024,
            depth: 32,
            items: 10_000,
            diagnostics: 10_000,
        }
    }
}
