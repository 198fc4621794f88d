//! An export read again, line by line.

use std::io::{self, BufRead, Read};

use serde::de::DeserializeOwned;

use super::export::{COLUMNS, FORMAT, Line, Marked, VERSION};
use super::{AuditFault, AuditFlaw, Checkpoint, ExportFormat, ExportHeader, ExportItem};

/// No record is that long.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Why an export cannot be read further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The file cannot be read.
    #[error("the export cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("it is no audit export ({0}): give a file that `leasehold audit export` has written")]
    NotAnExport(String),
    /// A newer program wrote it.
    #[error(
        "the export has format version {found}, this program knows {VERSION}: verify it with the newer program"
    )]
    Newer {
        /// The version found.
        found: u32,
    },
    /// A line is not what was written.
    #[error("{0}")]
    Fault(#[from] AuditFault),
}

/// Reads an export, in whichever format it is.
///
/// ```
/// use queue_core::{ExportFormat, ExportHeader, ExportReader};
/// let text = ExportHeader::new("7", 1).text(ExportFormat::Csv);
/// let (header, mut items) = ExportReader::open(text.as_bytes()).unwrap();
/// assert_eq!((header.database.as_str(), header.first), ("7", 1));
/// assert!(items.next_item().unwrap().is_none());
/// assert!(ExportReader::open(&b"hello"[..]).is_err());
/// ```
#[derive(Debug)]
pub struct ExportReader<R> {
    from: R,
    format: ExportFormat,
    line: u64,
    /// The record that comes next if nothing is wrong, for what cannot be read.
    next: i64,
}

/// What every version of the format has.
#[derive(serde::Deserialize)]
struct Head {
    format: String,
    version: u32,
}

impl<R: BufRead> ExportReader<R> {
    /// Reads the header.
    pub fn open(from: R) -> Result<(ExportHeader, Self), ExportError> {
        let mut reader = Self {
            from,
            format: ExportFormat::JsonLines,
            line: 0,
            next: 1,
        };
        let not = |why: &str| ExportError::NotAnExport(why.to_owned());
        let first = reader.line()?.ok_or_else(|| not("it is empty"))?;
        let text = match first.strip_prefix("# ") {
            Some(text) => {
                reader.format = ExportFormat::Csv;
                text
            }
            None => &first,
        };
        let head: Head = serde_json::from_str(text).map_err(|error| not(&error.to_string()))?;
        if head.format != FORMAT {
            return Err(not(&format!("its format is `{}`", head.format)));
        }
        if head.version != VERSION {
            let found = head.version;
            return Err(ExportError::Newer { found });
        }
        let header: ExportHeader =
            serde_json::from_str(text).map_err(|error| not(&error.to_string()))?;
        if header.first < 1 {
            return Err(not("its first record has no number from 1 on"));
        }
        if reader.format == ExportFormat::Csv && reader.line()? != Some(COLUMNS.join(",")) {
            return Err(not("its columns are not those of an export"));
        }
        reader.next = header.first;
        Ok((header, reader))
    }

    /// The next record or checkpoint; `None` at the end.
    pub fn next_item(&mut self) -> Result<Option<ExportItem>, ExportError> {
        let Some(mut text) = self.line()? else {
            return Ok(None);
        };
        let item = match self.format {
            ExportFormat::JsonLines if text.starts_with("{\"checkpoint\":") => self.mark(&text)?,
            ExportFormat::JsonLines => {
                let line: Line = self.parse(&text)?;
                self.record(line)?
            }
            ExportFormat::Csv => match text.strip_prefix("# ") {
                Some(mark) => self.mark(mark)?,
                None => {
                    let begun = self.line;
                    while super::csv::is_open(&text) {
                        let more = self
                            .raw()?
                            .ok_or_else(|| self.unreadable("a quotation has no end"))?;
                        text = format!("{text}{more}");
                    }
                    let ended = std::mem::replace(&mut self.line, begun);
                    let row = text.trim_end_matches(['\r', '\n']);
                    let line = Line::of_row(row).map_err(|why| self.unreadable(&why))?;
                    let record = self.record(line)?;
                    self.line = ended;
                    record
                }
            },
        };
        Ok(Some(item))
    }

    fn mark(&self, text: &str) -> Result<ExportItem, ExportError> {
        let mark: Marked<Checkpoint> = self.parse(text)?;
        Ok(ExportItem::Checkpoint(mark.checkpoint))
    }

    fn record(&mut self, line: Line) -> Result<ExportItem, ExportError> {
        let seq = line.seq();
        let record = line.record().map_err(|why| self.unreadable(&why))?;
        self.next = seq.saturating_add(1);
        Ok(ExportItem::Record(record))
    }

    fn parse<T: DeserializeOwned>(&self, text: &str) -> Result<T, ExportError> {
        serde_json::from_str(text).map_err(|error| self.unreadable(&error.to_string()))
    }

    /// A line without its end; of the rows of CSV, with it where a quotation is open.
    fn line(&mut self) -> Result<Option<String>, ExportError> {
        let Some(text) = self.raw()? else {
            return Ok(None);
        };
        let open = self.format == ExportFormat::Csv && super::csv::is_open(&text);
        if open && !text.starts_with('#') {
            return Ok(Some(text));
        }
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn raw(&mut self) -> Result<Option<String>, ExportError> {
        let mut bytes = Vec::new();
        let read = self
            .from
            .by_ref()
            .take(LONGEST)
            .read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.last() != Some(&b'\n') {
            return Err(self.unreadable("it has no end").into_first(self.line));
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.unreadable("it is not UTF-8").into_first(self.line)),
        }
    }

    fn unreadable(&self, problem: &str) -> ExportError {
        ExportError::Fault(AuditFault {
            seq: self.next,
            flaw: AuditFlaw::Unreadable {
                line: self.line,
                problem: problem.to_owned(),
            },
        })
    }
}

impl ExportError {
    /// A file whose very first line is not one is no export.
    fn into_first(self, line: u64) -> Self {
        match self {
            Self::Fault(fault) if line == 1 => Self::NotAnExport(fault.flaw.to_string()),
            other => other,
        }
    }
}

impl Checkpoint {
    /// A checkpoint from a file of its own.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mark: Result<Marked<Self>, _> = serde_json::from_str(text.trim());
        mark.map(|mark| mark.checkpoint)
            .map_err(|error| error.to_string())
    }
}
