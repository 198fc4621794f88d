//! Rows as values. Columns are read in the order in which the statements name them.

use std::str::FromStr;

use bytes::Bytes;
use queue_core::{
    ErrorClass, FailureRecord, Fence, Headers, InvalidName, JSON, JobId, JobView, Payload,
    Priority, Progress, ProgressReport, Revision, StageLedger, StageOutput, Subject, Timestamp,
    codes::{self, flag},
};
use sqlx::postgres::PgRow;
use sqlx::{Column, Decode, Postgres, Row};

use crate::fault::{Fault, Result};
use crate::micros::Micros;

/// A row read from left to right. Types are not compared with the server's at every value: the
/// statements and the tables are ours, and a test reads each of them.
#[derive(Clone)]
pub(crate) struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r PgRow) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn value<T: Decode<'r, Postgres>>(&mut self) -> Result<T> {
        self.next += 1;
        Ok(self.row.try_get_unchecked(self.next - 1)?)
    }

    /// What the column is called that was read last, or could not be.
    pub(crate) fn last(&self) -> String {
        let column = self.row.columns().get(self.next.saturating_sub(1));
        column.map_or("", Column::name).to_owned()
    }

    /// Past columns that were read by their numbers.
    pub(crate) fn skip(&mut self, columns: usize) -> &mut Self {
        self.next += columns;
        self
    }

    pub(crate) fn text(&mut self) -> Result<Option<&'r str>> {
        self.value()
    }

    /// A validated name.
    pub(crate) fn name<T: FromStr<Err = InvalidName>>(&mut self) -> Result<T> {
        Ok(self.value::<&str>()?.parse()?)
    }

    /// A validated name, mostly the same as in the row before.
    pub(crate) fn name_like<T>(&mut self, before: &mut Option<T>) -> Result<T>
    where
        T: FromStr<Err = InvalidName> + AsRef<str> + Clone,
    {
        let text: &str = self.value()?;
        match before {
            Some(before) if before.as_ref() == text => Ok(before.clone()),
            _ => Ok(before.insert(text.parse()?).clone()),
        }
    }

    /// A validated name or NULL.
    pub(crate) fn maybe_name<T: FromStr<Err = InvalidName>>(&mut self) -> Result<Option<T>> {
        Ok(self.text()?.map(str::parse).transpose()?)
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        Ok(self.value::<Micros>()?.0)
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<Micros>>()?.map(|micros| micros.0))
    }

    /// A count that the table keeps as `integer` and its type in fewer bits.
    pub(crate) fn count<T: TryFrom<i32>>(&mut self) -> Result<T> {
        let value: i32 = self.value()?;
        T::try_from(value).map_err(|_| Fault::corrupt(format!("the count {value} is impossible")))
    }

    pub(crate) fn job(&mut self) -> Result<JobId> {
        Ok(JobId::new(self.value()?))
    }

    pub(crate) fn fence(&mut self) -> Result<Fence> {
        Ok(Fence::new(self.value()?))
    }

    pub(crate) fn priority(&mut self) -> Result<Priority> {
        let level: i16 = self.value()?;
        Priority::new(level).map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// Schema version, content type and bytes; no bytes means nothing at all.
    pub(crate) fn maybe_payload(&mut self) -> Result<Option<Payload>> {
        let version = self.value::<Option<i64>>()?.unwrap_or(1);
        let content_type = self.text()?.unwrap_or(JSON);
        let Some(bytes) = self.value::<Option<&[u8]>>()? else {
            return Ok(None);
        };
        let version = u32::try_from(version)
            .map_err(|_| Fault::corrupt(format!("the schema version {version} is impossible")))?;
        let bytes = Bytes::copy_from_slice(bytes);
        Ok(Some(Payload::stored(bytes, content_type, version)))
    }

    pub(crate) fn payload(&mut self) -> Result<Payload> {
        self.maybe_payload()?
            .ok_or_else(|| Fault::corrupt("a payload is missing"))
    }

    /// Stage, attempt and ledger.
    pub(crate) fn progress(&mut self) -> Result<Progress> {
        Ok(Progress {
            stage: self.maybe_name()?,
            attempt: self.count()?,
            ledger: StageLedger::from_stored(self.text()?)
                .map_err(|error| Fault::corrupt(format!("a stage ledger: {error}")))?,
        })
    }

    pub(crate) fn headers(&mut self) -> Result<Headers> {
        match self.text()? {
            None => Ok(Headers::new()),
            Some(text) => serde_json::from_str(text)
                .map(Headers::stored)
                .map_err(|error| Fault::corrupt(format!("a job's headers: {error}"))),
        }
    }

    /// Subject and revision.
    pub(crate) fn subject(&mut self) -> Result<Option<(Subject, Revision)>> {
        let subject = self.maybe_name()?;
        let revision: Option<i64> = self.value()?;
        Ok(subject.zip(revision.map(Revision::new)))
    }

    /// Percentage and note.
    fn report(&mut self) -> Result<Option<ProgressReport>> {
        let percent = self.value::<Option<i16>>()?.map(u8::try_from).transpose();
        let percent = percent.map_err(|_| Fault::corrupt("a report is beyond all percentages"))?;
        let note = self.text()?.map(str::to_owned);
        Ok(ProgressReport::stored(percent, note))
    }

    /// Class, text, first and last time.
    fn failure(&mut self) -> Result<Option<FailureRecord>> {
        let class: Option<ErrorClass> = self.maybe_name()?;
        let message = self.text()?.unwrap_or_default().to_owned();
        let (first_at, last_at) = (self.maybe_time()?, self.maybe_time()?);
        Ok(class
            .zip(first_at.zip(last_at))
            .map(|(class, (first_at, last_at))| FailureRecord {
                class,
                message,
                first_at,
                last_at,
            }))
    }

    /// Class and text, if there are both.
    pub(crate) fn class_and_text(&mut self) -> Result<Option<(ErrorClass, String)>> {
        let class = self.maybe_name()?;
        Ok(class.zip(self.text()?.map(str::to_owned)))
    }

    /// Stage, schema version, content type, bytes.
    pub(crate) fn stage_output(&mut self) -> Result<StageOutput> {
        Ok(StageOutput {
            stage: self.name()?,
            output: self.payload()?,
        })
    }

    /// A whole job, see `view.sql`.
    pub(crate) fn view(&mut self) -> Result<JobView> {
        let id = self.job()?;
        let code: i16 = self.value()?;
        let flags: i16 = self.value()?;
        let state = codes::job_state(code)?;
        let (queue, kind, priority) = (self.name()?, self.name()?, self.priority()?);
        let payload = self.payload()?;
        let (fence, progress, max_attempts) = (self.fence()?, self.progress()?, self.count()?);
        let (created_at, run_at) = (self.time()?, self.time()?);
        let (holder, until) = (self.maybe_name()?, self.maybe_time()?);
        Ok(JobView {
            id,
            state,
            queue,
            kind,
            priority,
            payload,
            fence,
            progress,
            max_attempts,
            created_at,
            run_at,
            waits_for_turn: code == codes::WAITING,
            held: holder.zip(until),
            cancel_requested: code == codes::RUNNING && flags & flag::CANCEL != 0,
            tenant: self.maybe_name()?,
            ordering_key: self.maybe_name()?,
            subject: self.subject()?,
            headers: self.headers()?,
            report: self.report()?,
            failure: self.failure()?,
            finished_at: self.maybe_time()?,
            result: self.maybe_payload()?,
        })
    }
}

/// A content type as stored: JSON is nothing.
pub(crate) fn stored_type(payload: &Payload) -> Option<&str> {
    Some(payload.content_type()).filter(|&content_type| content_type != JSON)
}

/// A schema version as stored: the first is nothing.
pub(crate) fn stored_version(payload: &Payload) -> Option<i64> {
    Some(i64::from(payload.schema_version())).filter(|&version| version != 1)
}

/// Headers as stored: none are nothing.
pub(crate) fn stored_headers(headers: &Headers) -> Result<Option<String>> {
    if headers.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(headers)
        .map_err(|error| Fault::corrupt(format!("headers cannot be written: {error}")))?;
    Ok(Some(text))
}
