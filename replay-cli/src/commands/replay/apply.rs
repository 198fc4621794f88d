//! `leasehold replay apply`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use queue_core::{
    Act, Begun, FailureShare, ItemOutcome, NewRun, Pace, ReplayPlan, ReplayRun, RunState, Store,
    StoreError, WorkerName,
};
use queue_ops::replay::{Driver, Ended, Settings, Watch};
use queue_ops::{Exit, Signal};
use serde::Serialize;

use super::file;
use super::progress::{Progress, standing};
use super::run_item::{LETTERS, LetterOfRun, RunItem, with_outcomes};
use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::{output, report};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold replay apply plan.json --reason 'the provider is back, OPS-17'
  leasehold replay apply plan.json --reason 'the provider is back, OPS-17' \\
      --rate 10/s --canary 20 --stop-at-failure-rate 20%

A plan is applied once, by one process at a time, and each of its letters is replayed at most once:
the same command again goes on where another has ended, as that did unless it is told otherwise. A
letter that was changed since the plan was made is left out, and listed. SIGINT ends it between two
transactions.")]
pub(crate) struct Apply {
    /// The file of the plan
    plan: PathBuf,
    #[command(flatten)]
    why: Why,
    /// How fast: 10/s, 300/m, 5000/h; as the run was begun, or as fast as it goes, unless it is said
    #[arg(long, value_name = "PACE")]
    rate: Option<Pace>,
    /// Replay so many first, and wait for what becomes of them; as the run was begun unless it is said
    #[arg(long, value_name = "N")]
    canary: Option<u32>,
    /// Stop where more than this die again; as the run was begun, or 20% where there is a canary
    #[arg(long, value_name = "SHARE")]
    stop_at_failure_rate: Option<FailureShare>,
    /// Replay letters with risks too: `leasehold replay show` has them
    #[arg(long)]
    include_unsafe: bool,
    /// Go on where too many had failed; those do not count any more
    #[arg(long)]
    over_stop: bool,
    /// Where another process applies the plan, wait until it ends, or until its lease does
    #[arg(long)]
    when_free: bool,
    /// Wait until each replayed job has come to an end
    #[arg(long)]
    wait: bool,
    /// For how long the run is this process's after each step; so long others wait if it dies
    #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = humantime::parse_duration)]
    lease: Duration,
}

/// How often is looked at what somebody else does.
const LOOK: Duration = Duration::from_millis(250);

#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    run: RunItem,
    /// Letters that were left as they were.
    left_out: Vec<LetterOfRun>,
}

pub(super) async fn run(desk: &Desk, options: &Apply) -> Result<Answer, Failure> {
    let act = options.why.act()?;
    let path = &options.plan;
    let plan = file::read(path)?;
    let (letters, chosen) = (
        plan.letters().len(),
        plan.chosen(options.include_unsafe).count(),
    );
    let store = desk.store().await?;
    plan.check_database(store.id())
        .map_err(|error| file::refused(path, &error))?;
    let known = store.run_of(plan.digest()).await?;
    if let Some(run) = &known
        && run.state == RunState::Finished
    {
        return Err(refused(run, options));
    }
    if chosen == 0 {
        let message = format!(
            "all {letters} letters are unsafe: `leasehold replay show {}` says why, --include-unsafe \
             replays them nevertheless",
            path.display()
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    desk.stop.be_careful();
    desk.will_change(format!("leasehold replay status {}", path.display()));
    let (begun, settings) = begin(desk, options, known, &plan, chosen, &act).await?;
    let driver = Driver::new(
        store,
        &act,
        &begun,
        &plan,
        options.include_unsafe,
        options.over_stop,
    );
    let Some(driver) = driver.await? else {
        return Err(Failure::new(
            Exit::Internal,
            "a run that was refused goes on",
        ));
    };
    let mut progress = Progress::new(desk);
    let driven = driver.settings(settings).drive(&mut progress).await;
    progress.end();
    let ended = driven?;
    let ended = match ended {
        Ended::Finished(run) if options.wait => {
            Ended::Finished(Box::new(wait(store, *run, &mut progress).await?))
        }
        ended => ended,
    };
    progress.end();
    told(desk, options, store, ended, letters - chosen).await
}

/// What is not said stays as it was in the run that is gone on with: whoever takes it over in a hurry does not drop
/// what it was to be held by.
fn settings(options: &Apply, known: Option<&ReplayRun>) -> Result<Settings, Failure> {
    let begun = match known.map(|run| (run, run.settings.parse::<Settings>())) {
        None => Settings::default(),
        Some((_, Ok(settings))) => settings,
        Some((run, Err(error))) => {
            let message = format!("run {} was begun by another program: {error}", run.id);
            return Err(Failure::new(Exit::Refused, message));
        }
    };
    Ok(Settings {
        pace: options.rate.or(begun.pace),
        canary: options.canary.unwrap_or(begun.canary),
        stop_above: options.stop_at_failure_rate.or(begun.stop_above),
    })
}

/// The run, if it can be had, and how it is gone on with.
async fn begin(
    desk: &Desk,
    options: &Apply,
    known: Option<ReplayRun>,
    plan: &ReplayPlan,
    chosen: usize,
    act: &Act,
) -> Result<(Begun, Settings), Failure> {
    let store = desk.store().await?;
    let chosen = u32::try_from(chosen).unwrap_or(u32::MAX);
    let new = NewRun::new(plan.digest().clone(), chosen, holder()?, options.lease);
    let new = new.map_err(StoreError::from)?;
    let new = new.from_start(plan.discards_stages());
    let mut settings = settings(options, known.as_ref())?;
    let new = if options.over_stop {
        new.over_stop()
    } else {
        new
    };
    if let Some(run) = known
        && run.letters != chosen
    {
        let message = format!(
            "run {} of the plan was begun with {} letters, these are {chosen}: give --include-unsafe as \
             it was given then",
            run.id, run.letters
        );
        return Err(Failure::new(Exit::Refused, message));
    }
    let mut said = false;
    loop {
        let new = new.clone().settings(settings.to_string());
        let begun = store.begin_run(new, act).await?;
        let Begun::Refused(run) = begun else {
            if let Begun::Resumed(_, run) = &begun {
                let stands = standing(run.letters, &run.counts);
                let settings = &run.settings;
                output::say(&format!("run {} goes on, {settings}: {stands}", run.id));
            }
            return Ok((begun, settings));
        };
        let waits = options.when_free && run.state == RunState::Running;
        if !waits {
            return Err(refused(&run, options));
        }
        // It may have been begun since we looked.
        settings = self::settings(options, Some(&run))?;
        if let Some(signal) = desk.stop.asked() {
            let message = format!("{signal}; nothing was replayed by this process");
            return Err(Failure::new(signal.exit(), message));
        }
        if !said {
            let held = held(&run);
            output::say(&format!("waiting: {held}"));
            said = true;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// This process, for whoever finds the run held.
fn holder() -> Result<WorkerName, Failure> {
    WorkerName::of_this_process().map_err(|error| Failure::new(Exit::Internal, error.to_string()))
}

fn held(run: &ReplayRun) -> String {
    match &run.held {
        Some((holder, until)) => format!(
            "run {} is held by {holder} until {until}, longer if that process lives",
            run.id
        ),
        None => format!("run {} is held by another process", run.id),
    }
}

fn refused(run: &ReplayRun, options: &Apply) -> Failure {
    let path = options.plan.display();
    let message = match run.state {
        RunState::Running => format!(
            "the plan is being applied: {}; try again then, or give --when-free",
            held(run)
        ),
        RunState::Stopped => format!(
            "the plan was applied by run {}, which was stopped: {}; make a new plan of what is left, or \
             go on with --over-stop",
            run.id,
            run.note.as_deref().unwrap_or("no reason was given")
        ),
        RunState::Finished => format!(
            "the plan was applied by run {}; `leasehold replay status {path}` shows what came of it",
            run.id
        ),
    };
    Failure::new(Exit::Refused, message)
}

/// Until nothing runs that was replayed, or until it is told to stop.
async fn wait(
    store: &dyn Store,
    mut run: ReplayRun,
    progress: &mut Progress<'_>,
) -> Result<ReplayRun, Failure> {
    while run.counts.running > 0 && !progress.is_told_to_stop() {
        let line = standing(run.letters, &run.counts);
        progress.say(&format!("{line}: waiting for outcomes"), true);
        tokio::time::sleep(LOOK).await;
        if let Some(now) = store.run_of(&run.plan).await? {
            run = now;
        }
    }
    Ok(run)
}

/// The report, and how to go on.
async fn told(
    desk: &Desk,
    options: &Apply,
    store: &dyn Store,
    ended: Ended,
    unsafe_ones: usize,
) -> Result<Answer, Failure> {
    let path = options.plan.display();
    let again = format!("`leasehold replay apply {path} --reason …`");
    let status = format!("`leasehold replay status {path}`");
    let (run, exit, note) = match ended {
        Ended::LeaseLost => {
            let message = format!(
                "another process has taken the run over; what was replayed stands; {status} shows it"
            );
            return Err(Failure::new(Exit::Refused, message));
        }
        Ended::LeftOff(run) => {
            let signal = desk.stop.asked();
            let stands = standing(run.letters, &run.counts);
            let word = signal.map_or_else(|| "left".to_owned(), |signal| signal.to_string());
            let note = format!("{word}: {stands}; {again} goes on, and does none of it twice");
            let exit = signal.map_or(Exit::Interrupted, Signal::exit);
            (run, exit, note)
        }
        Ended::Stopped(run) => {
            let why = run.note.clone().unwrap_or_default();
            let note = format!(
                "stopped: {why}; `leasehold replay status {path} --outcome died_again` lists them; make a \
                 new plan when the cause is gone, or go on with --over-stop"
            );
            (run, Exit::Partly, note)
        }
        Ended::Finished(run) => {
            let exit = match desk.stop.asked() {
                Some(signal) if run.counts.running > 0 => signal.exit(),
                _ if run.counts.left_out() > 0 => Exit::Partly,
                _ => Exit::Done,
            };
            let running = run.counts.running;
            let note = if running > 0 {
                format!("{running} not ended yet; {status} shows what becomes of them")
            } else {
                "all that was replayed has come to an end".to_owned()
            };
            (run, exit, note)
        }
    };
    let left_out = [
        ItemOutcome::Changed,
        ItemOutcome::EvidenceMissing,
        ItemOutcome::NotFound,
    ];
    let report = Report {
        run: RunItem::of(&run),
        left_out: with_outcomes(store, &run, &left_out).await?,
    };
    let rows = report.left_out.iter().map(LetterOfRun::cells).collect();
    let sheet = report.run.sheet().table("not replayed", LETTERS, rows);
    let style = desk.style.at(store.now().await?);
    let answer = report::show(desk, style, "replay apply", &report, &sheet)?;
    let answer = Answer { exit, ..answer }.note(note);
    Ok(if unsafe_ones > 0 {
        answer.note(format!(
            "{unsafe_ones} letters of the plan are unsafe and were left as they are: a new plan of them can be \
             applied with --include-unsafe"
        ))
    } else {
        answer
    })
}
