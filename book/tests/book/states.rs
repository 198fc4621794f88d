//! The diagrams of states, written from the tables of transitions.

use std::fmt::Write as _;
use std::fs;

use book::repository;
use queue_core::{
    JobState, LETTER_TRANSITIONS, LetterState, NOTIFICATION_TRANSITIONS, NotificationState,
    TRANSITIONS,
};

const PAGE: &str = "docs/concepts.md";

/// What leads from one state of a job to another. A transition that is not here has no words yet.
fn of_job(from: JobState, to: JobState) -> &'static str {
    use JobState::{AwaitingDelivery, Cancelled, Dead, Queued, Running, Succeeded};
    match (from, to) {
        (Queued, Running) => "claim",
        (Queued | Running, Cancelled) => "cancel",
        (Running, Queued) => "retry, snooze, release, lease ran out",
        (Running, AwaitingDelivery) => "done, required messages to be sent",
        (Running, Succeeded) => "done",
        (Running, Dead) => "permanent failure, or no attempts left",
        (AwaitingDelivery, Succeeded) => "last required message sent or waived",
        (Dead, Queued) => "replay",
        _ => panic!("say what leads from {from:?} to {to:?}"),
    }
}

fn of_letter(from: LetterState, to: LetterState) -> &'static str {
    use LetterState::{Discarded, Escalated, Open, Replaying, Resolved};
    match (from, to) {
        (Open | Escalated, Replaying) => "replay",
        (Open | Escalated, Resolved) => "settled otherwise",
        (Open | Escalated, Discarded) => "given up",
        (Replaying, Open) => "died of something else",
        (Replaying, Resolved) => "its job succeeded",
        (Replaying, Escalated) => "died of the same again",
        (Replaying, Discarded) => "its job was cancelled",
        _ => panic!("say what leads from {from:?} to {to:?}"),
    }
}

fn of_notification(from: NotificationState, to: NotificationState) -> &'static str {
    use NotificationState::{Failed, InDoubt, Pending, Sending, Sent, Waived};
    match (from, to) {
        (Pending, Sending) => "lease",
        (Sending, Sent) => "taken",
        (Sending, Pending) => "certainly not taken",
        (Sending, Failed) => "refused for good",
        (Sending, InDoubt) => "nobody knows",
        (InDoubt, Sent) => "it was delivered",
        (InDoubt, Pending) => "it was not, or the key makes it safe",
        (Sent, InDoubt) => "the far side denies it",
        (Failed, Pending) => "retried or redirected",
        (Failed, Waived) => "need not be sent",
        _ => panic!("say what leads from {from:?} to {to:?}"),
    }
}

/// A table as Mermaid has it.
fn diagram<S: Copy + PartialEq>(
    table: &str,
    first: S,
    transitions: &[(S, S)],
    name: impl Fn(S) -> &'static str,
    words: impl Fn(S, S) -> &'static str,
) -> String {
    let mut text = format!(
        "stateDiagram-v2\n    %% Written from {table}.\n    [*] --> {}\n",
        name(first)
    );
    for (from, to) in transitions {
        let (words, from, to) = (words(*from, *to), name(*from), name(*to));
        writeln!(text, "    {from} --> {to}: {words}").unwrap();
    }
    let mut ends: Vec<S> = Vec::new();
    for (_, to) in transitions {
        let goes_on = transitions.iter().any(|(from, _)| from == to);
        if !goes_on && !ends.contains(to) {
            ends.push(*to);
        }
    }
    for end in ends {
        writeln!(text, "    {} --> [*]", name(end)).unwrap();
    }
    text
}

#[test]
fn the_diagrams_are_those_of_the_tables() {
    let diagrams = [
        diagram(
            "TRANSITIONS",
            JobState::Queued,
            TRANSITIONS,
            JobState::as_str,
            of_job,
        ),
        diagram(
            "LETTER_TRANSITIONS",
            LetterState::Open,
            LETTER_TRANSITIONS,
            LetterState::as_str,
            of_letter,
        ),
        diagram(
            "NOTIFICATION_TRANSITIONS",
            NotificationState::Pending,
            NOTIFICATION_TRANSITIONS,
            NotificationState::as_str,
            of_notification,
        ),
    ];
    let path = repository::root().join(PAGE);
    let mut page = fs::read_to_string(&path).unwrap();
    for wanted in diagrams {
        let mark = wanted.lines().nth(1).unwrap();
        let at = page
            .find(mark)
            .unwrap_or_else(|| panic!("{PAGE} has no diagram with {mark}"));
        let start = page[..at].rfind("```mermaid\n").unwrap() + "```mermaid\n".len();
        let end = at + page[at..].find("```").unwrap();
        if page[start..end] != wanted {
            assert!(
                std::env::var_os("LEASEHOLD_UPDATE").is_some(),
                "{PAGE} differs from the table: write it anew with LEASEHOLD_UPDATE=1"
            );
            page.replace_range(start..end, &wanted);
        }
    }
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        fs::write(path, page).unwrap();
    }
}
