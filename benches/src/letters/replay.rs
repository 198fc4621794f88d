//! The replay of very many letters, as `leasehold replay` does it: evidence, plan, application.

use std::time::Instant;

use anyhow::{Result, bail, ensure};
use async_trait::async_trait;
use queue_core::{
    Act, Actor, Evidence, JobSet, LetterFilter, LetterState, NewRun, ReplayPlan, ReplayRun, Store,
    WorkerName, codes,
};
use queue_ops::replay::{Draft, Driver, Ended, Kinds, Step, Watch};

use super::crowd;
use crate::case::Case;
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::venue::{Engine, Place};

/// Of ten letters four are open.
const OPEN_OF_TEN: u32 = 4;

/// The parts of it, each over all letters.
pub(super) fn case(engine: Engine, quick: bool) -> Case {
    let letters = if quick { 50_000 } else { 250_000 };
    let replayed = letters / 10 * OPEN_OF_TEN;
    let title = format!("{} k of {} k letters", replayed / 1000, letters / 1000);
    let of = |part| Replay { letters, part };
    Case::new(engine, "replay", title, "evidence")
        .with("evidence", None, of(Part::Evidence))
        .with("plan", None, of(Part::Plan))
        .with("apply", None, of(Part::Apply))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Evidence,
    Plan,
    Apply,
}

/// One part, after those before it.
#[derive(Debug)]
struct Replay {
    letters: u32,
    part: Part,
}

#[async_trait]
impl Contestant for Replay {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = crowd::fill(place, self.letters).await?;
        let replayed = self.letters / 10 * OPEN_OF_TEN;
        let act = Act::new(Actor::new("bench")?, "the replay of very many");
        let sample = |since: Instant| Sample::new(u64::from(replayed), since.elapsed());
        let filter = LetterFilter {
            state: Some(LetterState::Open),
            ..LetterFilter::default()
        };

        let begun = Instant::now();
        let draft = Draft::gather(&*store, filter).await?;
        let evidence = Evidence::new("BENCH-1", "what was wrong is right again")?;
        for some in draft.lacking().chunks(500) {
            let set = JobSet::new(some.to_vec())?;
            store
                .attach_evidence_to(&set, evidence.clone(), &act)
                .await?;
        }
        if self.part == Part::Evidence {
            return Ok(sample(begun));
        }

        let begun = Instant::now();
        let draft = draft.renewed(&*store).await?;
        let plan = draft
            .plan(&*store, &Kinds::default(), act.actor.clone(), false)
            .await?;
        if self.part == Part::Plan {
            return Ok(sample(begun));
        }

        let begun = Instant::now();
        apply(&*store, &plan, &act).await?;
        let sample = sample(begun);
        crowd::expect(place, codes::letter_code(LetterState::Replaying), replayed).await?;
        Ok(sample)
    }
}

async fn apply(store: &dyn Store, plan: &ReplayPlan, act: &Act) -> Result<()> {
    let letters = u32::try_from(plan.chosen(true).count())?;
    let holder = WorkerName::new("bench")?;
    let lease = std::time::Duration::from_secs(60);
    let run = NewRun::new(plan.digest().clone(), letters, holder, lease)?;
    let begun = store.begin_run(run, act).await?;
    let Some(driver) = Driver::new(store, act, &begun, plan, true, false).await? else {
        bail!("the run was refused");
    };
    let ended = driver.drive(&mut Nobody).await?;
    ensure!(
        matches!(ended, Ended::Finished(_)),
        "it ended so: {ended:?}"
    );
    Ok(())
}

/// Nobody looks on.
struct Nobody;

impl Watch for Nobody {
    fn is_told_to_stop(&self) -> bool {
        false
    }

    fn stands(&mut self, _: &ReplayRun, _: Step) {}
}
