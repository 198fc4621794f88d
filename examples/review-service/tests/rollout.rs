//! What a rollout decides, whatever comes in which order.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Duration;

use proptest::prelude::*;
use queue_core::{ManualClock, Timestamp};
use review_service::review::{AcceptedVersions, Edition};
use review_service::rollout::{
    Candidate, Counts, Event, History, InvalidRollout, Percent, Rollout, RolloutConfig, RolloutPlan,
};

const MINUTE: Duration = Duration::from_secs(60);

fn new() -> Edition {
    Edition {
        prompt: "1.1.0".parse().unwrap(),
        ..Edition::default()
    }
}

fn accepted() -> AcceptedVersions {
    let (mut both, new) = (AcceptedVersions::default(), AcceptedVersions::only(new()));
    both.prompt.extend(new.prompt);
    both
}

fn config(percent: f64) -> RolloutConfig {
    RolloutConfig {
        candidate: Some(Candidate {
            edition: new(),
            percent: Percent::new(percent).unwrap(),
        }),
        least_findings_per_job: 0.5,
        ..RolloutConfig::default()
    }
}

fn plan(percent: f64) -> RolloutPlan {
    RolloutPlan::new(config(percent), &accepted()).unwrap()
}

/// Lets minutes pass in each of which an edition gets these answers; tells what was said, and in which minute.
fn pass(
    rollout: &mut Rollout,
    clock: &ManualClock,
    minutes: u32,
    edition: Edition,
    answers: &[Counts],
) -> Vec<(u32, Event)> {
    let mut said = Vec::new();
    for minute in 0..minutes {
        for came in answers {
            rollout.record(clock.now(), edition, *came);
        }
        let events = rollout.judge(clock.now());
        said.extend(events.into_iter().map(|event| (minute, event)));
        clock.advance(MINUTE);
    }
    said
}

fn answers(rejected: usize, accepted: usize, findings: u64) -> Vec<Counts> {
    let mut answers = vec![Counts::rejected(); rejected];
    answers.extend(vec![Counts::accepted(findings); accepted]);
    answers
}

#[test]
fn rejections_are_told_after_half_an_hour_and_once_and_so_is_their_end() {
    let (mut rollout, clock) = (Rollout::new(plan(0.0)), ManualClock::default());
    let current = Edition::default();
    let bad = pass(&mut rollout, &clock, 90, current, &answers(3, 47, 1));
    // The half hour begins with the first minute.
    assert!(
        matches!(bad[..], [(30, Event::TooManyRejected { edition, counts })]
            if edition == current && (counts.jobs, counts.rejected) == (500, 30)),
        "{bad:?}"
    );
    let good = pass(&mut rollout, &clock, 90, current, &answers(1, 49, 1));
    let good: Vec<_> = good.into_iter().map(|(_, event)| event).collect();
    assert_eq!(good, [Event::RejectionsNormal { edition: current }]);
}

#[test]
fn twice_the_baseline_is_not_too_many_and_a_short_time_is_not_long_enough() {
    let current = Edition::default();
    for (minutes, each) in [(200, answers(2, 48, 1)), (30, answers(50, 0, 1))] {
        let (mut rollout, clock) = (Rollout::new(plan(0.0)), ManualClock::default());
        let said = pass(&mut rollout, &clock, minutes, current, &each);
        assert_eq!(said, [], "{minutes}");
    }
}

#[test]
fn a_gap_in_the_trouble_starts_the_half_hour_anew() {
    let (mut rollout, clock) = (Rollout::new(plan(0.0)), ManualClock::default());
    let current = Edition::default();
    for _ in 0..4 {
        assert_eq!(
            pass(&mut rollout, &clock, 20, current, &answers(10, 40, 1)),
            []
        );
        assert_eq!(
            pass(&mut rollout, &clock, 15, current, &answers(0, 50, 1)),
            []
        );
    }
}

#[test]
fn few_jobs_say_nothing() {
    let (mut rollout, clock) = (Rollout::new(plan(100.0)), ManualClock::default());
    // One in every ten minutes, all of them bad.
    for _ in 0..60 {
        for edition in [Edition::default(), new()] {
            assert_eq!(
                pass(&mut rollout, &clock, 1, edition, &answers(1, 0, 0)),
                []
            );
        }
        clock.advance(MINUTE * 8);
    }
    assert!(!rollout.is_rolled_back());
}

#[test]
fn a_candidate_that_finds_too_little_is_taken_back_for_good() {
    let (mut rollout, clock) = (Rollout::new(plan(100.0)), ManualClock::default());
    assert_eq!(rollout.edition("changelist:1"), new());
    // One finding in ten answers, where five are wanted.
    let mut few = answers(0, 9, 0);
    few.extend(answers(0, 1, 1));
    let said = pass(&mut rollout, &clock, 10, new(), &few);
    assert!(
        matches!(said[..], [(1, Event::RolledBack { candidate, counts })]
            if candidate == new() && (counts.jobs, counts.findings) == (20, 2)),
        "{said:?}"
    );
    assert!(rollout.is_rolled_back());
    assert_eq!(rollout.edition("changelist:1"), Edition::default());
    // What still comes of it changes nothing, and the current edition is never taken back.
    assert_eq!(
        pass(&mut rollout, &clock, 60, new(), &answers(0, 10, 9)),
        []
    );
    assert_eq!(
        pass(
            &mut rollout,
            &clock,
            20,
            Edition::default(),
            &answers(0, 10, 0)
        ),
        []
    );
    assert_eq!(rollout.edition("changelist:1"), Edition::default());
}

#[test]
fn a_slice_is_as_large_as_it_is_said_to_be() {
    let subjects: Vec<_> = (0..50_000).map(|id| format!("changelist:{id}")).collect();
    let slice = |percent| {
        let plan = plan(percent);
        subjects.iter().filter(|it| plan.is_in_slice(it)).count()
    };
    assert_eq!((slice(0.0), slice(100.0)), (0, 50_000));
    // One in ten thousand, and one in four.
    assert!((1..15).contains(&slice(0.01)), "{}", slice(0.01));
    assert!((12_000..13_000).contains(&slice(25.0)), "{}", slice(25.0));
}

#[test]
fn plans_that_cannot_be_kept_say_why() {
    let refused = |config: RolloutConfig| {
        let refused = RolloutPlan::new(config, &accepted());
        refused.unwrap_err().to_string()
    };
    let not_read = RolloutPlan::new(config(5.0), &AcceptedVersions::default());
    assert_eq!(not_read.unwrap_err(), InvalidRollout::NotAccepted(new()));
    let edition = |prompt: &str| Edition {
        prompt: prompt.parse().unwrap(),
        ..Edition::default()
    };
    let mut unknown = config(5.0);
    unknown.current = edition("9.9.9");
    assert!(refused(unknown).contains("there is no prompt 9.9.9"));
    let mut same = config(5.0);
    same.current = new();
    assert!(refused(same).contains("leave the candidate out"));
    let mut endless = config(5.0);
    endless.least_findings_per_job = f64::NAN;
    assert!(refused(endless).contains("write a number like 0.5"));
    let mut none = config(5.0);
    none.least_jobs = 0;
    assert!(refused(none).contains("least_jobs"));
    let odd = toml::from_str::<RolloutConfig>("baseline_rejected = 120.0").unwrap_err();
    assert!(odd.message().contains("from 0 to 100"), "{odd}");
    assert!(toml::from_str::<RolloutConfig>("baseline = 1.0").is_err());
}

#[derive(Debug, Clone)]
struct Sample {
    after: u32,
    is_new: bool,
    came: Counts,
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let came = prop_oneof![
        Just(Counts::rejected()),
        (0..4u64).prop_map(Counts::accepted)
    ];
    let sample = (0..3000u32, any::<bool>(), came).prop_map(|(after, is_new, came)| Sample {
        after,
        is_new,
        came,
    });
    prop::collection::vec(sample, 0..400)
}

fn start() -> Timestamp {
    ManualClock::default().now()
}

fn at(sample: &Sample) -> Timestamp {
    start() + Duration::from_secs(sample.after.into())
}

fn judged<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> (Vec<Event>, Rollout) {
    let mut rollout = Rollout::new(plan(50.0));
    for sample in samples {
        let edition = if sample.is_new {
            new()
        } else {
            Edition::default()
        };
        rollout.record(at(sample), edition, sample.came);
    }
    (rollout.judge(start() + Duration::from_secs(3000)), rollout)
}

proptest! {
    /// Workers report when they come to it.
    #[test]
    fn the_order_in_which_answers_are_counted_makes_no_difference(samples in samples()) {
        prop_assert_eq!(judged(&samples), judged(samples.iter().rev()));
    }

    /// What several processes counted adds up to what one would have.
    #[test]
    fn histories_can_be_put_together(samples in samples(), cut in 0..400usize, minutes in 0..60u32) {
        let counted = |samples: &[Sample]| {
            let mut history = History::default();
            for sample in samples {
                history.record(at(sample), sample.came);
            }
            history
        };
        let (one, other) = samples.split_at(cut.min(samples.len()));
        let mut together = counted(other);
        together.merge(&counted(one));
        let whole = counted(&samples);
        prop_assert_eq!(&together, &whole);
        let end = start() + Duration::from_secs(3000);
        let sum = whole.over(minutes, end);
        // A longer time has all of a shorter one in it.
        prop_assert!(whole.over(minutes + 1, end).jobs >= sum.jobs);
        prop_assert!(sum.rejected <= sum.jobs);
    }

    /// Judging more often only makes it known earlier: nothing else comes of it.
    #[test]
    fn what_was_told_is_not_told_again(samples in samples()) {
        let (told, mut rollout) = judged(&samples);
        let now = start() + Duration::from_secs(3000);
        prop_assert_eq!(rollout.judge(now), []);
        let back = told.iter().any(|event| matches!(event, Event::RolledBack { .. }));
        prop_assert_eq!(back, rollout.is_rolled_back());
    }

    /// More findings and fewer rejections never make it worse.
    #[test]
    fn better_answers_raise_no_alarm(samples in samples()) {
        let (told, _) = judged(&samples);
        let better: Vec<_> = samples
            .iter()
            .map(|sample| Sample { came: Counts::accepted(sample.came.findings + 1), ..sample.clone() })
            .collect();
        let (after, _) = judged(&better);
        prop_assert!(after.len() <= told.len(), "{:?} {:?}", told, after);
        prop_assert_eq!(after, []);
    }

    /// A larger slice keeps what a smaller one had, and none is empty or whole unless it says so.
    #[test]
    fn slices_grow(subject in "changelist:[1-9][0-9]{0,9}", less in 0..=10_000u32, more in 0..=10_000u32) {
        let percent = |hundredths: u32| f64::from(hundredths) / 100.0;
        let (less, more) = (less.min(more), less.max(more));
        let (small, large) = (plan(percent(less)), plan(percent(more)));
        prop_assert!(!small.is_in_slice(&subject) || large.is_in_slice(&subject));
        prop_assert!(plan(100.0).is_in_slice(&subject));
        prop_assert!(!plan(0.0).is_in_slice(&subject));
    }
}
