//! What is judged: read here from a database, or written by a test.

use std::time::Duration;

use queue_core::{
    AuditFault, AuditFilter, AuditPage, AuditVerifier, Code, Seal, Store, StoreError,
};
use queue_postgres::{PostgresFacts, PostgresPulse};
use queue_sqlite::{SqliteFacts, SqlitePulse};

use crate::archive::{told, trail};
use crate::{Backend, Database, shown_error};

/// How many of the last audit records are verified when it is not to be deep.
const TAIL: u32 = 1_000;

/// Opening makes days of the history where they are missing, and a commit that waits for a standby that is
/// not there never ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a database really is.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What its kind has to tell.
    pub backend: BackendFacts,
    /// Why a store does not open it, if so.
    pub refused: Option<Trouble>,
    /// What the audit trail is worth.
    pub audit: AuditFacts,
}

/// What a kind of database has to tell.
#[derive(Debug, Clone, PartialEq)]
pub enum BackendFacts {
    /// A file.
    Sqlite(Box<SqliteFacts>),
    /// A server.
    Postgres(Box<PostgresFacts>),
}

/// An error, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub code: Code,
    /// In words.
    pub message: String,
}

/// What was found of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditFacts {
    /// It was not looked at, since the store does not open.
    Unread,
    /// These records, which may be none, follow from each other.
    Sound {
        /// The first that was looked at.
        first: i64,
        /// The last.
        last: i64,
    },
    /// One does not.
    Broken(Trouble),
}

/// What may change at any time, asked at a cost that allows to ask every few seconds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Pulse {
    /// Of a file.
    Sqlite(SqlitePulse),
    /// Of a server.
    Postgres(PostgresPulse),
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        Self {
            code: error.catalogued(),
            message: shown_error(error),
        }
    }
}

impl Backend {
    /// What may change at any time: the cost is that of one small statement, see
    /// [`SqliteStore::pulse`](queue_sqlite::SqliteStore::pulse) and
    /// [`PostgresStore::pulse`](queue_postgres::PostgresStore::pulse). An error says that the database
    /// takes no writes of ours now, has another schema than this build knows, or does not answer.
    pub async fn pulse(&self) -> Result<Pulse, StoreError> {
        match self {
            Self::Sqlite(store) => store.pulse().await.map(Pulse::Sqlite),
            Self::Postgres(store) => store.pulse().await.map(Pulse::Postgres),
        }
    }
}

impl Database {
    /// Reads how the database really is, whatever is wrong with it. An error means that nothing could be
    /// seen: the server does not answer, or there is no file. With `deep` all of the audit trail is
    /// verified, and on SQLite indexes are compared with tables.
    pub async fn examine(&self, deep: bool) -> Result<Facts, StoreError> {
        let backend = self.facts(deep).await?;
        let opened = tokio::time::timeout(PATIENCE, self.open()).await;
        let (refused, audit) = match opened.unwrap_or_else(|_| Err(stuck())) {
            Err(error) => (Some(Trouble::from(&error)), AuditFacts::Unread),
            Ok(opened) => {
                let audit = audit(opened.store.as_ref(), deep).await;
                drop(opened.store);
                opened.backend.close().await;
                match audit {
                    Ok(audit) => (None, audit),
                    Err(error) => (Some(Trouble::from(&error)), AuditFacts::Unread),
                }
            }
        };
        Ok(Facts {
            backend,
            refused,
            audit,
        })
    }
}

fn stuck() -> StoreError {
    StoreError::Unavailable {
        operation: "opening",
        detail: format!("it did not open within {PATIENCE:?}"),
        cause: None,
    }
}

async fn audit(store: &dyn Store, deep: bool) -> Result<AuditFacts, StoreError> {
    let all = AuditFilter::default();
    let last = store.audit(&all, AuditPage::newest(1)?).await?;
    let last = last.records.first().map_or(0, |record| record.seq);
    let seal = store.audit_seal().await?;
    let begins = Seal::begins(seal.as_ref());
    let tail = last - i64::from(TAIL) + 1;
    let (first, verifier) = if deep || tail <= begins {
        (begins, trail::verifier(store, seal.as_ref()))
    } else {
        (tail, Ok(AuditVerifier::new(store.id().to_string(), tail)))
    };
    let mut verifier = match verifier {
        Ok(verifier) => verifier,
        Err(fault) => return Ok(broken(&fault)),
    };
    let mut found = None;
    trail::each(store, first, |record| {
        found = verifier.record(&record).err();
        Ok::<_, StoreError>(found.is_none())
    })
    .await?;
    Ok(match found {
        Some(fault) => broken(&fault),
        None => AuditFacts::Sound { first, last },
    })
}

fn broken(fault: &AuditFault) -> AuditFacts {
    // Each fault is one of the catalogue.
    let code = fault.code().parse().unwrap_or(Code::AuditUnreadable);
    let message = told(fault);
    AuditFacts::Broken(Trouble { code, message })
}
