//! What is to end with the test, however that ends.

use std::process::Child;

/// A process that is killed when the test is over.
#[derive(Debug)]
pub(crate) struct Guarded(pub(crate) Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
