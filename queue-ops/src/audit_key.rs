//! Keys that sign checkpoints of the audit trail: ed25519, as PEM, which other tools read too.

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use queue_core::channel::{SecretSource, SecretUnavailable};
use queue_core::{CheckpointKeys, CheckpointSigner};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A key is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAuditKey {
    /// There is nothing where it should be.
    #[error(transparent)]
    Unavailable(#[from] SecretUnavailable),
    /// What is there is none.
    #[error("{0}")]
    NoKey(String),
}

/// The key that signs.
///
/// ```
/// use queue_core::{Checkpoint, StoreId, Timestamp};
/// use queue_ops::{AuditKey, AuditPublicKey};
/// let key = AuditKey::generate();
/// let public = AuditPublicKey::parse(&key.public().to_pem()).unwrap();
/// let now = Timestamp::from_micros(5);
/// let mut checkpoint = Checkpoint::sign(StoreId::new(1), 17, "ab", now, &key);
/// assert!(checkpoint.is_signed_by(&public));
/// checkpoint.seq = 16;
/// assert!(!checkpoint.is_signed_by(&public));
/// ```
pub struct AuditKey {
    key: SigningKey,
    id: String,
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The key that checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPublicKey(VerifyingKey);

impl AuditKey {
    /// A new one, by chance.
    #[must_use]
    pub fn generate() -> Self {
        Self::of(SigningKey::from_bytes(&rand::random()))
    }

    /// The key that a source has, as PEM.
    pub fn read(source: &SecretSource) -> Result<Self, InvalidAuditKey> {
        let text = source.read()?;
        // The text is not repeated: it may be a key with a mistake in it.
        SigningKey::from_pkcs8_pem(text.expose_secret())
            .map(Self::of)
            .map_err(|_| {
                InvalidAuditKey::NoKey(format!(
                    "the secret {source} is no ed25519 key: `leasehold audit keygen` makes one, and so does \
                     `openssl genpkey -algorithm ed25519`"
                ))
            })
    }

    fn of(key: SigningKey) -> Self {
        let id = id(&key.verifying_key());
        Self { key, id }
    }

    /// As it is kept.
    pub fn to_pem(&self) -> Result<SecretString, InvalidAuditKey> {
        let pem = self.key.to_pkcs8_pem(LineEnding::LF);
        pem.map(|pem| SecretString::from(pem.as_str()))
            .map_err(|error| InvalidAuditKey::NoKey(error.to_string()))
    }

    /// The key that checks what this one signs.
    #[must_use]
    pub fn public(&self) -> AuditPublicKey {
        AuditPublicKey(self.key.verifying_key())
    }
}

impl AuditPublicKey {
    /// A key as PEM.
    pub fn parse(text: &str) -> Result<Self, InvalidAuditKey> {
        VerifyingKey::from_public_key_pem(text).map(Self).map_err(|_| {
            InvalidAuditKey::NoKey(
                "it is no public ed25519 key: give the one that `leasehold audit keygen` wrote, or make it \
                 by `openssl pkey -pubout`"
                    .to_owned(),
            )
        })
    }

    /// As it is kept.
    #[must_use]
    pub fn to_pem(&self) -> String {
        // Thirty-two bytes in a frame: there is nothing that could not be written.
        self.0.to_public_key_pem(LineEnding::LF).unwrap_or_default()
    }

    /// What it is called: the beginning of its hash.
    #[must_use]
    pub fn id(&self) -> String {
        id(&self.0)
    }
}

fn id(key: &VerifyingKey) -> String {
    let hash = Sha256::digest(key.as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl CheckpointSigner for AuditKey {
    fn key_id(&self) -> &str {
        &self.id
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl CheckpointKeys for AuditPublicKey {
    fn have_signed(&self, key_id: &str, message: &[u8], signature: &[u8]) -> bool {
        key_id == self.id()
            && Signature::from_slice(signature)
                .is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }
}

/// Several keys that check: those of before, and the one of now.
///
/// ```
/// use queue_core::{Checkpoint, StoreId, Timestamp};
/// use queue_ops::{AuditKey, AuditKeyring};
/// let (old, new) = (AuditKey::generate(), AuditKey::generate());
/// let checkpoint = Checkpoint::sign(StoreId::new(1), 17, "ab", Timestamp::from_micros(5), &old);
/// assert!(checkpoint.is_signed_by(&AuditKeyring(vec![new.public(), old.public()])));
/// assert!(!checkpoint.is_signed_by(&AuditKeyring(vec![new.public()])));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditKeyring(pub Vec<AuditPublicKey>);

impl CheckpointKeys for AuditKeyring {
    fn have_signed(&self, key_id: &str, message: &[u8], signature: &[u8]) -> bool {
        let mut keys = self.0.iter();
        keys.any(|key| key.have_signed(key_id, message, signature))
    }
}
