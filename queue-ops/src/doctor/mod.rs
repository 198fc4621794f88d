//! What a database promises as it is set up, and what is wrong with that.
//!
//! [`Database::examine`](crate::Database::examine) reads how it really is, [`judge`] says what that means,
//! and knows no database: the same facts get the same [`Report`].
//!
//! ```
//! use queue_ops::{Database, doctor};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let url = format!("sqlite:{}", dir.path().join("jobs.db").display());
//! let database = Database::parse(&format!("{url}?synchronous=normal"))?;
//! database.migrate().await?;
//! let report = doctor::judge(&database.examine(false).await?);
//! assert_eq!(report.guarantee.process, doctor::Survival::Everything);
//! assert_eq!(report.guarantee.machine, doctor::Survival::NotTheLast);
//! assert!(report.findings.iter().any(|found| found.code.as_str() == "commit_unsynced"));
//! # Ok(())
//! # }
//! ```

mod common;
mod facts;
mod guarantee;
mod postgres;
mod report;
mod sqlite;

pub use facts::{AuditFacts, BackendFacts, Facts, Pulse, Trouble};
pub use guarantee::{Guarantee, Survival};
pub use report::{Finding, Report, Severity};

/// What facts mean: pure, and never without a guarantee.
#[must_use]
pub fn judge(facts: &Facts) -> Report {
    let (guarantee, mut findings) = match &facts.backend {
        BackendFacts::Sqlite(it) => (guarantee::of_sqlite(it), sqlite::findings(it)),
        BackendFacts::Postgres(it) => (guarantee::of_postgres(it), postgres::findings(it)),
    };
    common::add(facts, &mut findings);
    // The worst first; what is equally bad stays in the order in which it was looked for.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Report {
        guarantee,
        findings,
    }
}
