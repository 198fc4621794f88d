//! The audit trail as a file.

use serde::{Deserialize, Serialize};

use super::{Act, AuditEntry, AuditRecord, Checkpoint, csv};
use crate::{Actor, Timestamp};

pub(super) const FORMAT: &str = "leasehold/audit";
pub(super) const VERSION: u32 = 1;
pub(super) const COLUMNS: [&str; 10] = [
    "seq",
    "at",
    "at_micros",
    "actor",
    "reason",
    "action",
    "target",
    "detail",
    "previous",
    "hash",
];

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A JSON object per line.
    JsonLines,
    /// Comma-separated values. What is no record, the header and checkpoints, stands in lines that begin
    /// with `#`, so that an export is one file also here: of two, one gets lost.
    Csv,
}

/// What an export is of: its first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    pub(super) format: String,
    pub(super) version: u32,
    /// The database, as [`StoreId`](crate::StoreId) is written.
    pub database: String,
    /// The number that its first record has; 1 is the beginning of the chain.
    pub first: i64,
}

impl ExportHeader {
    /// For the records of a database from this number on.
    ///
    /// ```
    /// use queue_core::{ExportFormat, ExportHeader};
    /// let header = ExportHeader::new("7", 1);
    /// assert_eq!(
    ///     header.text(ExportFormat::JsonLines),
    ///     "{\"format\":\"leasehold/audit\",\"version\":1,\"database\":\"7\",\"first\":1}\n"
    /// );
    /// ```
    #[must_use]
    pub fn new(database: impl Into<String>, first: i64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            database: database.into(),
            first,
        }
    }

    /// As it stands in the file.
    #[must_use]
    pub fn text(&self, format: ExportFormat) -> String {
        match format {
            ExportFormat::JsonLines => json(self),
            ExportFormat::Csv => format!("# {}{}\r\n", json(self), COLUMNS.join(",")),
        }
    }
}

/// What comes behind the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportItem {
    /// A record.
    Record(AuditRecord),
    /// A checkpoint, directly behind the record that it is of.
    Checkpoint(Checkpoint),
}

impl ExportItem {
    /// As it stands in the file.
    #[must_use]
    pub fn text(&self, format: ExportFormat) -> String {
        match (self, format) {
            (Self::Record(record), ExportFormat::JsonLines) => json(&Line::of(record)),
            (Self::Record(record), ExportFormat::Csv) => Line::of(record).row(),
            (Self::Checkpoint(checkpoint), ExportFormat::JsonLines) => checkpoint.line(),
            (Self::Checkpoint(checkpoint), ExportFormat::Csv) => {
                format!("# {}", checkpoint.line())
            }
        }
    }
}

/// A checkpoint in its line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marked<C> {
    pub(super) checkpoint: C,
}

impl Checkpoint {
    /// As it stands in an export, or in a file of its own.
    #[must_use]
    pub fn line(&self) -> String {
        json(&Marked { checkpoint: self })
    }
}

/// A record as it stands in a line: its members are the columns.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    seq: i64,
    /// For people; the next is what counts.
    at: String,
    at_micros: i64,
    actor: String,
    reason: String,
    action: String,
    target: String,
    detail: String,
    previous: String,
    hash: String,
}

impl Line {
    fn of(record: &AuditRecord) -> Self {
        let AuditEntry {
            act,
            action,
            target,
            detail,
        } = record.entry.clone();
        Self {
            seq: record.seq,
            at: record.at.to_string(),
            at_micros: record.at.as_micros(),
            actor: act.actor.as_str().to_owned(),
            reason: act.reason,
            action,
            target,
            detail,
            previous: record.previous.clone(),
            hash: record.hash.clone(),
        }
    }

    fn row(&self) -> String {
        let (seq, micros) = (self.seq.to_string(), self.at_micros.to_string());
        let text = [
            &self.at,
            &micros,
            &self.actor,
            &self.reason,
            &self.action,
            &self.target,
            &self.detail,
            &self.previous,
            &self.hash,
        ];
        // Unquoted, so that no record begins as a comment does.
        format!("{seq},{}", csv::row(&text.map(String::as_str)))
    }

    pub(super) fn of_row(row: &str) -> Result<Self, String> {
        let fields = csv::fields(row)?;
        let count = fields.len();
        let Ok(fields) = <[String; 10]>::try_from(fields) else {
            return Err(format!("it has {count} columns instead of 10"));
        };
        let number = |text: &str| {
            text.parse::<i64>()
                .map_err(|_| format!("`{text}` is no number"))
        };
        let [
            seq,
            at,
            micros,
            actor,
            reason,
            action,
            target,
            detail,
            previous,
            hash,
        ] = fields;
        Ok(Self {
            seq: number(&seq)?,
            at,
            at_micros: number(&micros)?,
            actor,
            reason,
            action,
            target,
            detail,
            previous,
            hash,
        })
    }

    /// The number, also where the rest is not readable.
    pub(super) fn seq(&self) -> i64 {
        self.seq
    }

    pub(super) fn record(self) -> Result<AuditRecord, String> {
        let at = Timestamp::from_micros(self.at_micros);
        if at.to_string() != self.at {
            return Err(format!("`at` is {}, `at_micros` is {at}", self.at));
        }
        let actor = Actor::new(self.actor).map_err(|error| error.to_string())?;
        Ok(AuditRecord {
            seq: self.seq,
            at,
            entry: AuditEntry {
                act: Act {
                    actor,
                    reason: self.reason,
                },
                action: self.action,
                target: self.target,
                detail: self.detail,
            },
            previous: self.previous,
            hash: self.hash,
        })
    }
}

fn json(value: &impl Serialize) -> String {
    // Texts and numbers: there is nothing that could not be written.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}
