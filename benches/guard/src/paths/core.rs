//! What the domain decides and reads, without a database.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, ensure};
use queue_core::contract::{Contract, ReadContext};
use queue_core::{Completion, ErrorClass, Failure, Jitter, Outcome, Progress, RetryPolicy, decide};

use super::jobs;

const REVIEW: &str = include_str!("../../../../fixtures/contracts/review-result.json");
const FINDINGS: usize = 10;

/// One that is done, and one that is tried again.
pub(super) fn decide_both(times: u32) -> Result<()> {
    let progress = Progress::default();
    let policy = RetryPolicy {
        base: Duration::from_secs(1),
        ..RetryPolicy::default()
    };
    for _ in 0..times {
        for outcome in [
            Outcome::Done(Completion::default()),
            Outcome::Failed(Failure::retryable(ErrorClass::unclassified(), "reset")),
        ] {
            let outcome = black_box(outcome);
            black_box(decide(outcome, &progress, 5, &policy, Jitter::fixed(0.5)));
        }
    }
    Ok(())
}

/// A document as it should be.
pub(super) fn read(times: u32) -> Result<()> {
    let contract = Contract::from_json(REVIEW)?;
    let context = ReadContext::new().list("changed_files", ["src/module.rs".to_owned()]);
    let findings: Vec<String> = (0..FINDINGS).map(finding).collect();
    let document = format!(
        r#"{{"schema_version":"1.0","prompt_version":"1.0.0","findings":[{}],"summary":"What was found"}}"#,
        findings.join(",")
    );
    for _ in 0..times {
        let verdict = contract.read(document.clone(), &context);
        ensure!(verdict.is_accepted(), "{:?}", verdict.rejection());
        black_box(verdict);
    }
    Ok(())
}

fn finding(n: usize) -> String {
    format!(
        r#"{{"id":"f-{n}","severity":"high","category":"correctness","title":"The loop ends one too early","file":"src/module.rs","line":1{n},"message":"The upper bound is exclusive here.","confidence":"medium"}}"#
    )
}

/// 100 jobs, checked together.
pub(super) fn batch(times: u32) -> Result<()> {
    for _ in 0..times {
        black_box(jobs(100)?);
    }
    Ok(())
}
