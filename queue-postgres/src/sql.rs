//! The statements: named pieces of the files in `src/sql`, see [`queue_core::statement`].
//!
//! The name goes to the server with it, so that `pg_stat_activity` shows it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// One statement of a file, as a constant: `sql!("claim", "claim_ready")`.
macro_rules! sql {
    ($file:literal, $name:literal) => {{
        const TEXT: &str = queue_core::statement::find(
            include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/src/sql/",
                $file,
                ".sql"
            )),
            $name,
        );
        TEXT
    }};
}
pub(crate) use sql;

/// The schema that the files are written for.
pub(crate) const DEFAULT_SCHEMA: &str = "leasehold";

/// The statements for one schema: as written, or with another schema's name put in once.
#[derive(Debug)]
pub(crate) struct Dialect {
    schema: String,
    renamed: RwLock<HashMap<&'static str, Arc<str>>>,
}

impl Dialect {
    /// For a schema whose name has been checked.
    pub(crate) fn new(schema: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            renamed: RwLock::default(),
        }
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// A text with this schema's name in it.
    pub(crate) fn rename(&self, text: &str) -> String {
        if self.schema == DEFAULT_SCHEMA {
            text.to_owned()
        } else {
            text.replace("leasehold.", &format!("\"{}\".", self.schema))
        }
    }

    /// A statement of ours, ready to be sent.
    pub(crate) fn statement(&self, text: &'static str) -> SqlStr {
        if self.schema == DEFAULT_SCHEMA {
            return text.into_sql_str();
        }
        let renamed = self.renamed.read().unwrap_or_else(PoisonError::into_inner);
        let found = renamed.get(text).cloned();
        drop(renamed);
        let found = found.unwrap_or_else(|| {
            let new: Arc<str> = self.rename(text).into();
            let mut renamed = self.renamed.write().unwrap_or_else(PoisonError::into_inner);
            renamed.insert(text, Arc::clone(&new));
            new
        });
        AssertSqlSafe(found).into_sql_str()
    }
}
