//! Replay as a reviewed change: what a plan is, what is unsafe about it, and how it is carried out.
//!
//! A [`ReplayPlan`] is a file that somebody reads before it is applied. It names every letter as it was seen,
//! and the [`Risk`]s of each. Applying it is a [`ReplayRun`] in the store: one at a time, resumable, each
//! letter at most once. A [`Canary`] judges by the first outcomes whether to go on, a [`Pace`] how fast.

mod canary;
mod file;
mod outcome;
mod pace;
mod plan;
mod risk;
mod run;

pub use canary::{Canary, FailureShare, InvalidShare, RunJudgement};
pub use file::PlanError;
pub use outcome::{ItemOutcome, ReplayItem, RunCounts};
pub use pace::{Due, InvalidPace, Pace};
pub use plan::{MAX_PLAN, PlannedLetter, ReplayPlan};
pub use risk::{PayloadCheck, ReplayFacts, Risk};
pub use run::{
    BeginStep, Begun, NewRun, ReplayRun, RunApplied, RunBatch, RunEnd, RunLease, RunState,
};
