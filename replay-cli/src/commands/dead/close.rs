//! `leasehold dead resolve` and `leasehold dead discard`

use clap::Args;
use queue_core::Closure;

use super::change::{self, Verb};
use super::targets::Targets;
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Args)]
pub(crate) struct Close {
    #[command(flatten)]
    targets: Targets,
    #[command(flatten)]
    why: Why,
}

pub(super) async fn run(desk: &Desk, options: &Close, closure: Closure) -> Result<Answer, Failure> {
    change::run(desk, &options.targets, &Verb::Close(closure), &options.why).await
}
