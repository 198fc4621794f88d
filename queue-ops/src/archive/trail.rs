//! What is left of a trail, record by record.

use queue_core::{
    AuditFault, AuditFilter, AuditPage, AuditRecord, AuditVerifier, Seal, Store, StoreError,
};

/// How many records are read at once.
const STEP: u32 = 2_000;

/// Verifies what is left of a trail: it must follow from its seal.
pub fn verifier<'k>(
    store: &dyn Store,
    seal: Option<&Seal>,
) -> Result<AuditVerifier<'k>, AuditFault> {
    let mut verifier = AuditVerifier::new(store.id().to_string(), Seal::begins(seal));
    if let Some(seal) = seal {
        verifier.expect(seal.checkpoint().clone())?;
    }
    Ok(verifier)
}

/// Goes along a trail from a record on, until there is none or `take` wants no more.
pub async fn each<E: From<StoreError>>(
    store: &dyn Store,
    first: i64,
    mut take: impl FnMut(AuditRecord) -> Result<bool, E>,
) -> Result<(), E> {
    let start = AuditPage::oldest(STEP).map_err(StoreError::from)?;
    let mut page = start.behind(first - 1);
    loop {
        let list = store.audit(&AuditFilter::default(), page).await?;
        for record in list.records {
            if !take(record)? {
                return Ok(());
            }
        }
        match list.next {
            Some(next) => page = start.behind(next),
            None => return Ok(()),
        }
    }
}
