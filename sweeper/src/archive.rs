//! The part of the audit trail that is kept no longer goes into signed files.

use std::path::Path;
use std::time::Duration;

use queue_core::channel::SecretSource;
use queue_core::{Act, Actor, AuditFilter, AuditPage, Kept, Seal, StoreError, Timestamp};
use queue_ops::AuditKey;
use queue_ops::archive::{ArchiveError, archive_audit};

use crate::scene::Scene;

/// A file is begun when its first record is over by this: a day's records are one file, not many.
const AT_ONCE: Duration = Duration::from_secs(24 * 3600);

/// What was said of it before.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    warned: bool,
}

impl Archive {
    /// Archives what is over, if there is a folder and a key for it; how many records were removed.
    pub(crate) async fn shorten(&mut self, scene: &Scene, kept: Kept) -> Result<u64, StoreError> {
        let Some(before) = kept.before(scene.store.now().await?) else {
            return Ok(0);
        };
        let settings = scene.settings();
        let (Some(folder), Some(key)) = (
            &settings.sweeper.audit_archive,
            &settings.sweeper.audit_key_file,
        ) else {
            self.warn(kept);
            return Ok(0);
        };
        self.warned = false;
        let seal = scene.store.audit_seal().await?;
        let begins = Seal::begins(seal.as_ref());
        if !is_due(scene, begins, before).await? {
            return Ok(0);
        }
        let refused = |problem: String| {
            let remedy =
                "see that sweeper.audit_archive and sweeper.audit_key_file are as they should be";
            StoreError::refused("archiving the audit trail", problem, remedy)
        };
        let key = AuditKey::read(&SecretSource::File(key.clone()))
            .map_err(|error| refused(error.to_string()))?;
        if let Some(seal) = seal.map(|seal| seal.checkpoint().clone())
            && !seal.is_signed_by(&key.public())
        {
            tracing::warn!(
                record = seal.seq,
                key = seal.key,
                "what is archived now begins behind a seal that another key has signed, or nobody: verify the \
                 trail by the public key of that time"
            );
        }
        let file = folder.join(name(begins));
        let actor = scene.leadership.own().as_str();
        let actor = Actor::new(actor).map_err(|error| refused(error.to_string()))?;
        let act = Act::new(
            actor,
            format!("retention: audit records are kept for {kept}"),
        );
        let go_on = || {
            scene.moved();
            !scene.is_stopping()
        };
        match archive_audit(&*scene.store, before, &file, &key, &act, go_on).await {
            Ok(archived) => {
                if let Some((first, last)) = archived.records {
                    let file = Path::display(&file);
                    tracing::info!(first, last, %file, "audit records were archived");
                }
                Ok(archived.removed)
            }
            Err(ArchiveError::Store(error)) => Err(error),
            Err(error) => Err(refused(error.to_string())),
        }
    }

    fn warn(&mut self, kept: Kept) {
        if !std::mem::replace(&mut self.warned, true) {
            tracing::warn!(
                %kept,
                "audit records are to be kept for a time, and stay: without sweeper.audit_archive and \
                 sweeper.audit_key_file nothing is removed"
            );
        }
    }
}

/// The same for each try.
fn name(begins: i64) -> String {
    format!("audit-from-{begins}.jsonl")
}

/// Whether the first record has been over for long enough, or an archive waits for its end.
async fn is_due(scene: &Scene, begins: i64, before: Timestamp) -> Result<bool, StoreError> {
    let page = AuditPage::oldest(1)?;
    let list = scene.store.audit(&AuditFilter::default(), page).await?;
    scene.moved();
    Ok(list
        .records
        .first()
        .is_some_and(|record| record.seq < begins || record.at < before - AT_ONCE))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use queue_core::memory::MemoryStore;
    use queue_core::{
        ChannelName, Clock, ManualClock, OperatorStore, RetentionRule, RetentionSort,
        RetentionStore,
    };

    use secrecy::ExposeSecret;

    use crate::{LoopName, Settings, Sweeper};

    use super::*;

    async fn pause(store: &MemoryStore, times: usize) {
        let act = Act::new(Actor::new("ada").unwrap(), "OPS-17");
        let channel = ChannelName::new("email").unwrap();
        for n in 0..times {
            store
                .pause_channel(&channel, n % 2 == 0, &act)
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_kept_no_longer_is_archived_and_the_rest_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::default();
        let store = Arc::new(MemoryStore::with_clock(Clock::Manual(clock.clone())));
        let rule = RetentionRule::new(RetentionSort::Audit, None, Kept::days(30)).unwrap();
        let act = Act::new(Actor::new("ada").unwrap(), "a month is enough here");
        store.set_retention(&rule, &act).await.unwrap();
        pause(&store, 4).await;

        let mut settings = Settings::default();
        let mut without = Sweeper::new(store.clone(), settings.clone()).unwrap();
        settings.sweeper.audit_archive = Some(dir.path().to_owned());
        settings.sweeper.audit_key_file = Some(dir.path().join("audit.pem"));
        let mut sweeper = Sweeper::new(store.clone(), settings).unwrap();
        // There is no key yet.
        clock.advance(Duration::from_secs(40 * 24 * 3600));
        assert_eq!(without.pass(LoopName::Retention).await.unwrap().rows, 0);
        let error = sweeper
            .pass(LoopName::Retention)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("sweeper.audit_key_file"), "{error}");

        let pem = AuditKey::generate().to_pem().unwrap();
        let pem = pem.expose_secret();
        std::fs::write(dir.path().join("audit.pem"), pem).unwrap();
        pause(&store, 2).await;
        assert_eq!(sweeper.pass(LoopName::Retention).await.unwrap().rows, 5);
        assert!(dir.path().join("audit-from-1.jsonl").exists());
        // Nothing more is over, and nothing is missing.
        assert_eq!(sweeper.pass(LoopName::Retention).await.unwrap().rows, 0);
        let round = sweeper.round().await;
        assert_eq!(round.exit(), queue_ops::Exit::Done, "{round}");
        assert_eq!(round.of(LoopName::Audit).unwrap().rows, 3);
    }
}
