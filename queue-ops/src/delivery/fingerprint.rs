//! Whether anything has changed that a running deliverer was built of.

use std::fmt;

use sha2::{Digest, Sha256};

/// What a deliverer would be built of: the configuration, and each secret and file that it names, as they
/// are now. It prints nothing of itself: short secrets could be guessed by it.
///
/// ```no_run
/// # fn reload(before: &queue_ops::Config, after: &queue_ops::Config, built: queue_ops::Fingerprint) {
/// // Before a reload: what is in files may have changed, too.
/// if before.delivery != after.delivery || built != after.delivery.fingerprint() {
///     // build it anew
/// }
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(parts: impl Iterator<Item = Option<Vec<u8>>>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            match part {
                // With its length: two parts are not taken for one.
                Some(part) => {
                    hash.update([1]);
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part);
                }
                None => hash.update([0]),
            }
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint([hidden])")
    }
}
