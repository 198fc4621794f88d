//! The statements: named pieces of the files in `src/sql`, found at compile time.
//!
//! A statement begins with a line `-- its_name`, alone or after an empty line, and ends at the next
//! empty line. The name goes to the server with it, so that `pg_stat_activity` shows it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// One statement of a file, as a constant: `sql!("claim", "claim_ready")`.
macro_rules! sql {
    ($file:literal, $name:literal) => {{
        const TEXT: &str = $crate::sql::statement(
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

/// Finds a statement by its name.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated at compile time only: a missing statement is a build error"
)]
pub(crate) const fn statement(file: &'static str, name: &str) -> &'static str {
    let (text, wanted) = (file.as_bytes(), name.as_bytes());
    let mut start = 0;
    while start < text.len() {
        if is_header(text, start, wanted) {
            let mut end = start;
            while end < text.len() && !(text[end] == b'\n' && starts_blank_line(text, end + 1)) {
                end += 1;
            }
            return file.split_at(start).1.split_at(end - start).0;
        }
        while start < text.len() && text[start] != b'\n' {
            start += 1;
        }
        start += 1;
    }
    panic!("there is no statement of this name in the file");
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time only, inside the bounds just checked"
)]
const fn is_header(text: &[u8], start: usize, name: &[u8]) -> bool {
    let first = start == 0 || (start >= 2 && text[start - 2] == b'\n');
    if !first || start + 3 + name.len() >= text.len() {
        return false;
    }
    if !(text[start] == b'-' && text[start + 1] == b'-' && text[start + 2] == b' ') {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        if text[start + 3 + i] != name[i] {
            return false;
        }
        i += 1;
    }
    text[start + 3 + name.len()] == b'\n'
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time only, inside the bounds just checked"
)]
const fn starts_blank_line(text: &[u8], at: usize) -> bool {
    at >= text.len() || text[at] == b'\n'
}
