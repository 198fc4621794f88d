//! An archive as a file: written, and read again.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use queue_core::{
    AuditVerifier, Checkpoint, ExportError, ExportFormat, ExportHeader, ExportItem, ExportReader,
    Seal, Store, Timestamp,
};

use super::{ArchiveError, Draft, trail};
use crate::{AuditKey, AuditPublicKey};

/// Writes all records from `first` on that are older, and signs the last; `None` if there is none.
pub(super) async fn write(
    store: &dyn Store,
    (first, seal): (i64, Option<&Seal>),
    before: Timestamp,
    path: &Path,
    key: &AuditKey,
) -> Result<Option<Checkpoint>, ArchiveError> {
    const FORM: ExportFormat = ExportFormat::JsonLines;
    let database = store.id().to_string();
    let mut verifier = trail::verifier(store, seal).map_err(ArchiveError::Broken)?;
    let mut draft = Draft::begin(path)?;
    draft.write(&ExportHeader::new(&database, first).text(FORM))?;
    if let Some(seal) = seal.filter(|seal| seal.checkpoint().is_signed_by(&key.public())) {
        draft.write(&seal.checkpoint().line())?;
    }
    trail::each(store, first, |record| {
        if record.at >= before {
            return Ok::<_, ArchiveError>(false);
        }
        verifier.record(&record).map_err(ArchiveError::Broken)?;
        draft.write(&ExportItem::Record(record).text(FORM))?;
        Ok(true)
    })
    .await?;
    let report = verifier.finish().map_err(ArchiveError::Broken)?;
    let Some(hash) = report.hash.filter(|_| report.last >= first) else {
        return Ok(None);
    };
    let checkpoint = Checkpoint::sign(store.id(), report.last, hash, store.now().await?, key);
    draft.write(&checkpoint.line())?;
    draft.finish()?;
    Ok(Some(checkpoint))
}

/// Reads an archive of a database, which must be whole and end with a checkpoint that the key has signed:
/// the number of its first record, and the checkpoint.
pub(super) fn read(
    path: &Path,
    database: &str,
    key: &AuditPublicKey,
) -> Result<(i64, Checkpoint), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let words = |error: ExportError| error.to_string();
    let (header, mut items) = ExportReader::open(BufReader::new(file)).map_err(words)?;
    if header.database != database {
        return Err(format!("it is of database {}", header.database));
    }
    let mut verifier = AuditVerifier::new(header.database, header.first).with_keys(key);
    let mut last = None;
    while let Some(item) = items.next_item().map_err(words)? {
        verifier.item(&item).map_err(|fault| fault.to_string())?;
        last = Some(item);
    }
    verifier.finish().map_err(|fault| fault.to_string())?;
    match last {
        Some(ExportItem::Checkpoint(checkpoint)) if checkpoint.seq >= header.first => {
            Ok((header.first, checkpoint))
        }
        _ => Err("it does not end with a checkpoint".to_owned()),
    }
}
