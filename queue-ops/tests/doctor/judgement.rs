//! What facts mean.

use proptest::prelude::*;
use queue_core::Code;
use queue_ops::doctor::Survival::{Everything, NotTheLast, OnlyBackups, PerhapsNothing, Unknown};
use queue_ops::doctor::{AuditFacts, Facts, Severity, Survival, Trouble, judge};
use queue_postgres::StandbyFacts;

use crate::sound::{of_postgres, of_sqlite};
use crate::way::{OF_FILES, OF_SERVERS, holder};

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    for facts in [of_sqlite(|_| ()), of_postgres(|_| ())] {
        let report = judge(&facts);
        assert_eq!((report.worst(), report.findings), (None, Vec::new()));
    }
}

#[test]
fn each_thing_that_is_wrong_is_found_by_itself() {
    let files = OF_FILES
        .iter()
        .map(|wrong| (wrong.0, wrong.1, of_sqlite(wrong.2)));
    let servers = OF_SERVERS
        .iter()
        .map(|wrong| (wrong.0, wrong.1, of_postgres(wrong.2)));
    for (code, severity, facts) in files.chain(servers) {
        let found = judge(&facts).findings;
        let found: Vec<_> = found.iter().map(|it| (it.code, it.severity)).collect();
        assert_eq!(found, [(code, severity)]);
    }
}

#[test]
fn a_file_promises_what_its_commits_wait_for() {
    let promised = |synchronous| {
        let facts = of_sqlite(|it| it.content.as_mut().unwrap().synchronous = synchronous);
        judge(&facts).guarantee
    };
    for (synchronous, machine) in [
        (3, Everything),
        (2, Everything),
        (1, NotTheLast),
        (0, PerhapsNothing),
    ] {
        let promised = promised(synchronous);
        assert_eq!(promised.process, Everything, "{synchronous}");
        assert_eq!(promised.machine, machine, "{synchronous}");
        assert_eq!(promised.loss, OnlyBackups, "{synchronous}");
    }
    let unread = judge(&of_sqlite(|it| it.content = None)).guarantee;
    assert_eq!((unread.process, unread.machine), (Unknown, Unknown));
    let damaged = judge(&of_sqlite(|it| {
        let content = it.content.as_mut().unwrap();
        content.damage = vec!["row 1 missing".to_owned()];
    }));
    assert_eq!(damaged.guarantee.process, PerhapsNothing);
    assert_eq!(damaged.guarantee.machine, PerhapsNothing);
    let network = judge(&of_sqlite(|it| it.place.network = true)).guarantee;
    assert_eq!(
        (network.process, network.machine),
        (PerhapsNothing, PerhapsNothing)
    );
    let memory = judge(&of_sqlite(|it| it.place.volatile = true)).guarantee;
    assert_eq!((memory.process, memory.machine), (Everything, OnlyBackups));
}

/// `synchronous_commit`, how many standbys it names, how many stream, how many of these are waited for.
type Case = (&'static str, &'static str, u32, u32, [Survival; 3]);

#[test]
fn a_server_promises_what_its_commits_wait_for() {
    let cases: [Case; 12] = [
        ("on", "", 0, 0, [Everything, Everything, OnlyBackups]),
        ("on", "", 1, 0, [Everything, Everything, NotTheLast]),
        ("on", "a", 1, 1, [Everything, Everything, Everything]),
        ("on", "2 (a, b)", 2, 2, [Everything, Everything, Everything]),
        ("on", "2 (a, b)", 1, 1, [Everything, Everything, NotTheLast]),
        ("on", "a", 0, 0, [Everything, Everything, OnlyBackups]),
        (
            "remote_apply",
            "*",
            1,
            1,
            [Everything, Everything, Everything],
        ),
        (
            "remote_write",
            "a",
            1,
            1,
            [Everything, Everything, Everything],
        ),
        ("local", "a", 1, 1, [Everything, Everything, NotTheLast]),
        ("off", "a", 1, 1, [NotTheLast, NotTheLast, NotTheLast]),
        ("off", "", 0, 0, [NotTheLast, NotTheLast, OnlyBackups]),
        ("local", "", 0, 0, [Everything, Everything, OnlyBackups]),
    ];
    for (commit, names, streaming, synchronous, wanted) in cases {
        let facts = of_postgres(|it| {
            it.server.synchronous_commit = commit.to_owned();
            it.server.synchronous_standby_names = names.to_owned();
            it.standbys = Some(StandbyFacts {
                connected: streaming,
                streaming,
                synchronous,
            });
        });
        let got = judge(&facts).guarantee;
        assert_eq!(
            [got.process, got.machine, got.loss],
            wanted,
            "{commit} {names} {streaming}"
        );
    }
    for change in [
        |it: &mut queue_postgres::PostgresFacts| it.server.fsync = false,
        |it: &mut queue_postgres::PostgresFacts| it.server.full_page_writes = false,
    ] {
        let got = judge(&of_postgres(change)).guarantee;
        assert_eq!((got.process, got.machine), (Everything, PerhapsNothing));
    }
    let blind = judge(&of_postgres(|it| it.server.sees_statistics = false));
    assert_eq!(blind.guarantee.loss, Unknown);
    let standby = judge(&of_postgres(|it| it.server.standby = true)).guarantee;
    assert_eq!(
        standby.machine, Unknown,
        "it is not the one that acknowledges"
    );
}

#[test]
fn what_is_usual_is_not_found() {
    for facts in [
        of_postgres(|it| it.horizon.push(holder("session", 1000, Some(30.0)))),
        of_postgres(|it| it.horizon.push(holder("replication slot", 1000, None))),
        // It cannot be told from a slow network.
        of_postgres(|it| {
            it.clock_ahead_micros = 3_000_000;
            it.clock_within_micros = 2_500_000;
        }),
        of_postgres(|it| {
            it.local = true;
            it.server.encrypted = false;
        }),
        of_sqlite(|it| it.content.as_mut().unwrap().busy = true),
    ] {
        assert_eq!(judge(&facts).findings, []);
    }
}

#[test]
fn what_holds_the_horizon_is_named_with_what_ends_it() {
    for (kind, wanted) in [
        ("session", "SELECT pg_terminate_backend(4711)"),
        ("prepared transaction", "ROLLBACK PREPARED '4711'"),
        (
            "replication slot",
            "SELECT pg_drop_replication_slot('4711')",
        ),
    ] {
        let facts = of_postgres(|it| it.horizon.push(holder(kind, 2_000_000, Some(7200.0))));
        let finding = judge(&facts).findings.remove(0);
        assert!(
            finding.what.contains(kind) && finding.what.contains("4711"),
            "{finding:?}"
        );
        assert!(finding.remedy.contains(wanted), "{finding:?}");
        assert_eq!(finding.severity, Severity::Danger);
    }
}

#[test]
fn a_trail_that_is_not_whole_and_a_store_that_does_not_open_are_dangers() {
    let trouble = |code| Trouble {
        code,
        message: "it is so".to_owned(),
    };
    let mut facts = of_sqlite(|it| it.place.mode = 0o644);
    facts.audit = AuditFacts::Broken(trouble(Code::AuditEdited));
    facts.refused = Some(trouble(Code::StoreSchemaMismatch));
    let found = judge(&facts).findings;
    let codes: Vec<_> = found.iter().map(|it| it.code).collect();
    assert_eq!(
        codes,
        [
            Code::AuditEdited,
            Code::StoreSchemaMismatch,
            Code::FileExposed
        ]
    );
    assert!(found[0].severity == Severity::Danger && found[1].severity == Severity::Danger);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let files = proptest::collection::vec(0..OF_FILES.len(), 0..6);
    let servers = proptest::collection::vec(0..OF_SERVERS.len(), 0..8);
    prop_oneof![
        files.prop_map(|picked| of_sqlite(|it| {
            picked.iter().for_each(|nth| OF_FILES[*nth].2(it));
        })),
        servers.prop_map(|picked| of_postgres(|it| {
            picked.iter().for_each(|nth| OF_SERVERS[*nth].2(it));
        })),
    ]
}

proptest! {
    #[test]
    fn whatever_is_wrong_each_finding_has_a_remedy_and_the_worst_comes_first(facts in any_facts()) {
        let report = judge(&facts);
        for finding in &report.findings {
            prop_assert!(!finding.what.trim().is_empty() && !finding.remedy.trim().is_empty());
            prop_assert!(finding.what.lines().count() == 1, "{}", finding.what);
        }
        prop_assert!(report.findings.is_sorted_by(|one, next| one.severity >= next.severity));
        prop_assert_eq!(report.worst(), report.findings.first().map(|it| it.severity));
        prop_assert!(!report.guarantee.machine.described().is_empty());
        // A crash of the machine never spares what a crash of a process takes.
        prop_assert!(report.guarantee.process <= report.guarantee.machine);
    }
}
