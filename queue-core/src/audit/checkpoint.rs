//! The head of a chain at some time, signed.

use serde::{Deserialize, Serialize};

use crate::{StoreId, Timestamp};

/// What signs checkpoints, such as an ed25519 key. Core knows no keys: whoever has them decides where they are.
pub trait CheckpointSigner {
    /// What the key is called.
    fn key_id(&self) -> &str;

    /// An ed25519 signature of the message.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// What knows whose signatures count.
pub trait CheckpointKeys: Send + Sync {
    /// Whether the key of this name has signed the message.
    fn have_signed(&self, key_id: &str, message: &[u8], signature: &[u8]) -> bool;
}

/// The head of an audit chain at some time. Kept apart from the database, it shows later that nothing up
/// to it was taken away or written anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The database, as [`StoreId`] is written.
    pub database: String,
    /// The number of the chain's last record; 0 for a chain without any.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When it was signed, in microseconds since 1970, by the database's clock.
    pub at_micros: Timestamp,
    /// The name of the key.
    pub key: String,
    /// The signature of [`message`](Self::message), in hexadecimal.
    pub signature: String,
}

impl Checkpoint {
    /// Signs the head of a chain.
    #[must_use]
    pub fn sign(
        database: StoreId,
        seq: i64,
        hash: impl Into<String>,
        at: Timestamp,
        signer: &dyn CheckpointSigner,
    ) -> Self {
        let mut checkpoint = Self {
            database: database.to_string(),
            seq,
            hash: hash.into(),
            at_micros: at,
            key: signer.key_id().to_owned(),
            signature: String::new(),
        };
        checkpoint.signature = crate::hex(&signer.sign(&checkpoint.message()));
        checkpoint
    }

    /// What is signed: lines of text, so that other tools make it easily.
    ///
    /// ```
    /// use queue_core::{Checkpoint, Timestamp};
    /// let checkpoint = Checkpoint {
    ///     database: "7".to_owned(),
    ///     seq: 2,
    ///     hash: "ab".to_owned(),
    ///     at_micros: Timestamp::from_micros(5),
    ///     key: "k".to_owned(),
    ///     signature: String::new(),
    /// };
    /// let message = String::from_utf8(checkpoint.message()).unwrap();
    /// assert_eq!(message, "leasehold/audit-checkpoint/1\n7\n2\nab\n5\nk\n");
    /// ```
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        format!(
            "leasehold/audit-checkpoint/1\n{}\n{}\n{}\n{}\n{}\n",
            self.database,
            self.seq,
            self.hash,
            self.at_micros.as_micros(),
            self.key
        )
        .into_bytes()
    }

    /// Whether one of the keys has signed it.
    #[must_use]
    pub fn is_signed_by(&self, keys: &dyn CheckpointKeys) -> bool {
        // No text of several lines: what is signed would be read in two ways.
        let plain = [&self.database, &self.hash, &self.key];
        !plain.iter().any(|text| text.contains('\n'))
            && bytes(&self.signature)
                .is_some_and(|signature| keys.have_signed(&self.key, &self.message(), &signature))
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|it| u8::try_from(it).ok()))
        .collect();
    let (pairs, _) = digits.as_ref()?.as_chunks::<2>();
    Some(pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
