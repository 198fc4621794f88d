//! Rows as values. Columns are read in the order in which the statements name them.

use std::str::FromStr;

use bytes::Bytes;
use queue_core::{
    ErrorClass, FailureRecord, Fence, Headers, InvalidName, JSON, JobId, JobView, Payload,
    Priority, Progress, ProgressReport, Revision, StageLedger, StageOutput, Timestamp,
    codes::{self, flag},
};
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::fault::{Fault, Result};

/// A row read from left to right.
pub(crate) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    pub(crate) fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    /// What the column is called that was read last, or could not be.
    pub(crate) fn last(&self) -> String {
        let name = self.row.as_ref().column_name(self.next.saturating_sub(1));
        name.unwrap_or_default().to_owned()
    }

    /// The column that is read now.
    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    pub(crate) fn value<T: FromSql>(&mut self) -> Result<T> {
        let at = self.step();
        Ok(self.row.get(at)?)
    }

    fn text(&mut self) -> Result<Option<&'r str>> {
        let at = self.step();
        let value = self.row.get_ref(at)?;
        value
            .as_str_or_null()
            .map_err(|error| Fault::corrupt(format!("a text is not one: {error}")))
    }

    /// A validated name.
    pub(crate) fn name<T: FromStr<Err = InvalidName>>(&mut self) -> Result<T> {
        self.maybe_name()?
            .ok_or_else(|| Fault::corrupt("a name is missing"))
    }

    /// A validated name or NULL.
    pub(crate) fn maybe_name<T: FromStr<Err = InvalidName>>(&mut self) -> Result<Option<T>> {
        Ok(self.text()?.map(str::parse).transpose()?)
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp> {
        Ok(Timestamp::from_micros(self.value()?))
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_micros))
    }

    /// A count that is kept in as many bits as its type has.
    pub(crate) fn count<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let value: i64 = self.value()?;
        T::try_from(value).map_err(|_| Fault::corrupt(format!("the count {value} is impossible")))
    }

    pub(crate) fn fence(&mut self) -> Result<Fence> {
        Ok(Fence::new(self.value()?))
    }

    pub(crate) fn priority(&mut self) -> Result<Priority> {
        let level = self.count()?;
        Priority::new(level).map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// Schema version, content type and bytes; no version means nothing at all.
    pub(crate) fn maybe_payload(&mut self) -> Result<Option<Payload>> {
        let version: Option<u32> = self.value()?;
        let content_type = self.text()?.unwrap_or(JSON);
        let at = self.step();
        let bytes = self.row.get_ref(at)?;
        let Some(version) = version else {
            return Ok(None);
        };
        let bytes = bytes
            .as_bytes()
            .map_err(|error| Fault::corrupt(format!("a payload has no bytes: {error}")))?;
        Ok(Some(Payload::stored(
            Bytes::copy_from_slice(bytes),
            content_type,
            version,
        )))
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
    pub(crate) fn subject(&mut self) -> Result<Option<(queue_core::Subject, Revision)>> {
        let subject = self.maybe_name()?;
        let revision: Option<i64> = self.value()?;
        Ok(subject.zip(revision.map(Revision::new)))
    }

    /// Percentage and note.
    fn report(&mut self) -> Result<Option<ProgressReport>> {
        let percent = self.value::<Option<u8>>()?;
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
        let id = JobId::new(self.value()?);
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

/// The content type as stored: the usual one costs nothing.
pub(crate) fn stored_type(payload: &Payload) -> Option<&str> {
    Some(payload.content_type()).filter(|content_type| *content_type != JSON)
}

/// The headers as stored.
pub(crate) fn stored_headers(headers: &Headers) -> Result<Option<String>> {
    if headers.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(headers)
        .map(Some)
        .map_err(|error| queue_core::StoreError::backend("writing headers", error).into())
}
