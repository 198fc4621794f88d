//! Every answer and every refusal has a reason code, and it stays what it is (I8): log filters,
//! metric labels and exit codes of other people are made of them.

use std::time::Duration;

use queue_core::catalogue::Retry;
use queue_core::{
    Applied, Cancelled, Checkpointed, Enqueued, InvalidBatch, JobId, JobState, LetterChange,
    LetterState, Marked, NotificationId, NotificationState, Published, Renewed, Replayed, Revision,
    Settled, StoreError, Timestamp,
};

const JOB: JobId = JobId::new(1);
const ROW: NotificationId = NotificationId::new(1);

#[test]
fn what_became_of_a_job_on_its_way_in() {
    let (succeeded, latest) = (JOB, Revision::new(2));
    let codes = [
        Enqueued::Created(JOB),
        Enqueued::Duplicate(JOB),
        Enqueued::AlreadySucceeded(JOB),
        Enqueued::StaleRevision { succeeded, latest },
        Enqueued::RerunRequired { succeeded, latest },
    ]
    .map(Enqueued::code);
    assert_eq!(
        codes,
        [
            "created",
            "duplicate",
            "already_succeeded",
            "stale_revision",
            "rerun_required"
        ]
    );
}

#[test]
fn what_became_of_a_lease() {
    let extended = Renewed::Extended {
        expires_at: Timestamp::from_micros(0),
        cancel_requested: false,
    };
    let codes = [extended, Renewed::LeaseLost].map(Renewed::code);
    assert_eq!(codes, ["extended", "lease_lost"]);
    let stored = Checkpointed::Stored {
        cancel_requested: false,
    };
    let codes =
        [stored, Checkpointed::AlreadyStored, Checkpointed::LeaseLost].map(Checkpointed::code);
    assert_eq!(codes, ["stored", "already_stored", "lease_lost"]);
    let applied = Settled::Applied(Applied {
        state: JobState::Succeeded,
        follow_ups: vec![],
        notifications: vec![],
    });
    let codes = [applied, Settled::LeaseLost, Settled::CancelRequested].map(|s| s.code());
    assert_eq!(codes, ["applied", "lease_lost", "cancel_requested"]);
}

#[test]
fn what_became_of_a_notification() {
    let codes = [Published::Stored(ROW), Published::Duplicate(ROW)].map(Published::code);
    assert_eq!(codes, ["stored", "duplicate"]);
    let applied = Marked::Applied {
        state: NotificationState::Sent,
        finished_jobs: vec![],
    };
    let codes = [applied, Marked::LeaseLost].map(|m| m.code());
    assert_eq!(codes, ["applied", "lease_lost"]);
}

#[test]
fn what_became_of_an_operators_wish() {
    let codes = [
        Cancelled::Cancelled,
        Cancelled::Requested,
        Cancelled::TooLate(JobState::Succeeded),
        Cancelled::NotFound,
    ]
    .map(Cancelled::code);
    assert_eq!(codes, ["cancelled", "requested", "too_late", "not_found"]);
    let (state, version) = (LetterState::Resolved, 2);
    let codes = [
        Replayed::Requeued,
        Replayed::EvidenceMissing,
        Replayed::Changed { state, version },
        Replayed::NotFound,
    ]
    .map(Replayed::code);
    assert_eq!(
        codes,
        ["requeued", "evidence_missing", "changed", "not_found"]
    );
    let codes = [
        LetterChange::Applied { version },
        LetterChange::Refused { state },
        LetterChange::NotFound,
    ]
    .map(LetterChange::code);
    assert_eq!(codes, ["applied", "refused", "not_found"]);
}

#[test]
fn why_a_batch_was_refused() {
    let (what, size, limit) = ("things", 2, 1);
    let codes = [
        InvalidBatch::Empty,
        InvalidBatch::TooLarge { size, limit },
        InvalidBatch::TooManyBytes { size, limit },
        InvalidBatch::TooManyEffects { what, size, limit },
        InvalidBatch::Repeated {
            what,
            id: "1".to_owned(),
        },
        InvalidBatch::ReportWithoutLease(JOB),
        InvalidBatch::IllegalDelivery(ROW),
        InvalidBatch::LeaseDuration(Duration::ZERO),
        InvalidBatch::OutOfRange {
            what,
            value: 0,
            min: 1,
            max: 2,
        },
    ]
    .map(|refused| refused.code());
    assert_eq!(
        codes,
        [
            "empty",
            "too_large",
            "too_many_bytes",
            "too_many_effects",
            "repeated",
            "report_without_lease",
            "illegal_delivery",
            "lease_duration",
            "out_of_range"
        ]
    );
}

fn errors_of_stores() -> [StoreError; 10] {
    let operation = "claim";
    [
        StoreError::Busy {
            operation,
            waited: Duration::ZERO,
            cause: None,
        },
        StoreError::Unavailable {
            operation,
            detail: String::new(),
            cause: None,
        },
        StoreError::Closed { operation },
        StoreError::SchemaMismatch {
            found: 0,
            supported: 1,
        },
        StoreError::Corrupt {
            detail: String::new(),
        },
        StoreError::refused("a", "b", "c"),
        StoreError::ForeignLease { job: JOB },
        StoreError::ForeignDelivery { notification: ROW },
        StoreError::Invalid(InvalidBatch::Empty),
        StoreError::backend(operation, "other"),
    ]
}

#[test]
fn why_a_store_could_not() {
    assert_eq!(
        errors_of_stores().map(|error| error.code()),
        [
            "busy",
            "unavailable",
            "closed",
            "schema_mismatch",
            "corrupt",
            "refused",
            "foreign_lease",
            "foreign_delivery",
            "invalid",
            "backend"
        ]
    );
}

#[test]
fn a_transient_error_of_a_store_is_one_to_repeat() {
    for error in errors_of_stores() {
        let entry = error.catalogued().entry();
        assert_eq!(error.is_transient(), entry.retry == Retry::Same, "{error}");
        assert_eq!(entry.short, Some(error.code()));
    }
}
