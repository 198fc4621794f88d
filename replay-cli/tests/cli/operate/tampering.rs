//! Rows of the audit trail that somebody laid hands on who owns the tables.

use fixtures::bed::Bed;
use queue_core::{AuditEntry, AuditRecord};

use super::Site;

const LENGTH: i64 = 8;
const KEY: &str = "--public-key audit.pem.pub";

/// A trail of eight, a key, a checkpoint at its end that is kept elsewhere, and no trigger any more.
fn with_a_trail(site: &Site) {
    for n in 0..LENGTH {
        let verb = if n % 2 == 0 { "pause --new" } else { "resume" };
        let line = format!("queue {verb} mail --reason OPS-{n}");
        site.run(&line).data();
    }
    for line in [
        "audit keygen --out audit.pem",
        "audit checkpoint --sign-key file:audit.pem --out head",
    ] {
        assert_eq!(site.run(line).code, 0);
    }
}

/// What only the owner of the tables can do.
fn without_triggers(site: &Site) {
    site.sql(if site.is_sqlite() {
        "DROP TRIGGER leasehold_audit_no_update;
         DROP TRIGGER leasehold_audit_no_delete;
         DROP TRIGGER leasehold_audit_no_replace"
    } else {
        "ALTER TABLE leasehold.audit DISABLE TRIGGER USER"
    });
}

fn records(site: &Site) -> Vec<AuditRecord> {
    let mut records = Vec::new();
    site.seed(async |bed: &Bed| records = bed.audit().await);
    records
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn inserted(site: &Site, record: &AuditRecord) -> String {
    let entry = &record.entry;
    let texts = [
        entry.act.actor.as_str(),
        &entry.act.reason,
        &entry.action,
        &entry.target,
        &entry.detail,
        &record.previous,
        &record.hash,
    ]
    .map(text);
    let (seq, at) = (record.seq, site.moment(record.at.as_micros()));
    let texts = texts.join(", ");
    format!(
        "INSERT INTO leasehold.audit (seq, at, actor, reason, action, target, detail, previous, hash)
         VALUES ({seq}, {at}, {texts});"
    )
}

/// Another record in the place of that one, behind this one.
fn forged(behind: &AuditRecord, like: &AuditRecord) -> AuditRecord {
    let mut entry: AuditEntry = like.entry.clone();
    entry.act.reason = "nothing to see here".to_owned();
    AuditRecord::next(Some((behind.seq, &behind.hash)), like.at, entry)
}

/// What is written anew from a record on, each with the right hash.
fn rewritten(site: &Site, whole: &[AuditRecord], from: usize) -> String {
    let mut behind = whole[from - 2].clone();
    let mut statements = format!("DELETE FROM leasehold.audit WHERE seq >= {from};");
    for record in &whole[from - 1..] {
        behind = forged(&behind, record);
        statements += &inserted(site, &behind);
    }
    statements
}

/// Each way, on each database: the first bad record is named.
#[test]
fn rows_that_were_tampered_with_are_found() {
    for site in Site::both() {
        with_a_trail(&site);
        without_triggers(&site);
        let whole = records(&site);
        let put_back: String = whole.iter().map(|record| inserted(&site, record)).collect();
        let put_back = format!("DELETE FROM leasehold.audit; {put_back}");
        let between = forged(&whole[3], &whole[4]);
        let ways = [
            (
                "edited",
                "UPDATE leasehold.audit SET actor = 'eve' WHERE seq = 3".to_owned(),
                3,
                "audit_edited",
            ),
            (
                "edited with a fitting hash",
                {
                    let edited = forged(&whole[1], &whole[2]);
                    let gone = "DELETE FROM leasehold.audit WHERE seq = 3;";
                    format!("{gone} {}", inserted(&site, &edited))
                },
                4,
                "audit_unlinked",
            ),
            (
                "deleted",
                "DELETE FROM leasehold.audit WHERE seq = 5".to_owned(),
                5,
                "audit_missing",
            ),
            (
                // The numbers are unique: room is made for it.
                "put in between",
                format!(
                    "UPDATE leasehold.audit SET seq = -seq WHERE seq >= 5;
                     UPDATE leasehold.audit SET seq = 1 - seq WHERE seq < 0; {}",
                    inserted(&site, &between)
                ),
                6,
                "audit_edited",
            ),
            (
                "swapped",
                "UPDATE leasehold.audit SET seq = -1 WHERE seq = 2;
                 UPDATE leasehold.audit SET seq = 2 WHERE seq = 7;
                 UPDATE leasehold.audit SET seq = 7 WHERE seq = -1"
                    .to_owned(),
                2,
                "audit_edited",
            ),
            (
                "cut off",
                "DELETE FROM leasehold.audit WHERE seq >= 6".to_owned(),
                6,
                "audit_truncated",
            ),
            (
                "all gone",
                "DELETE FROM leasehold.audit".to_owned(),
                1,
                "audit_truncated",
            ),
            (
                "written anew",
                rewritten(&site, &whole, 4),
                LENGTH,
                "audit_rewritten",
            ),
        ];
        let line = format!("audit verify {KEY} --checkpoint head --json");
        for (way, statements, first_bad, code) in ways {
            assert_eq!(site.run(&line).code, 0, "before it was {way}");
            site.sql(&statements);
            let ran = site.run(&line);
            assert_eq!(ran.code, 6, "{way}: {ran:?}");
            let found = &ran.verdict()["item"];
            assert_eq!(found["first_bad"], first_bad, "{way}: {found}");
            assert_eq!(found["code"], code, "{way}: {found}");
            site.sql(&put_back);
        }
        assert_eq!(site.run(&line).code, 0);
    }
}

/// The triggers let go what is sealed, and anybody who writes to the database can write a seal: only the key
/// tells that it is none.
#[test]
fn a_seal_that_nobody_signed_is_found_by_the_key() {
    for sealed in [5, LENGTH] {
        for site in Site::both() {
            with_a_trail(&site);
            let at = site.moment(1_700_000_000_000_000);
            let signature = "00".repeat(64);
            site.sql(&format!(
                "INSERT INTO leasehold.audit_checkpoint (seq, hash, at, key, signature, archive)
                 SELECT seq, hash, {at}, '0123456789abcdef', '{signature}', 'nowhere.jsonl'
                 FROM leasehold.audit WHERE seq = {sealed};
                 DELETE FROM leasehold.audit WHERE seq <= {sealed}"
            ));
            let line = format!("audit verify {KEY}");
            let ran = site.run(&line);
            assert_eq!(ran.code, 6, "{ran:?}");
            let wanted = format!("result\tbroken\nfirst bad\t{sealed}\ncode\taudit_unsigned\n");
            assert!(ran.stdout.starts_with(&wanted), "{ran:?}");
            // Without a key it hangs together, and it is said what that is worth.
            let ran = site.run("audit verify");
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.stdout.starts_with("result\twhole\n"), "{ran:?}");
            let wanted = "the signature of the seal was not checked";
            assert!(ran.stderr.contains(wanted), "{ran:?}");
            let ran = site.run("audit verify --json");
            assert_eq!(ran.verdict()["item"]["signatures_checked"], false);
            assert!(ran.stderr.contains(wanted), "{ran:?}");
            // Nothing is signed behind it, and what is exported by a key is not either.
            for line in [
                "audit export --out new --sign-key file:audit.pem",
                "audit export --out new --public-key audit.pem.pub",
                "audit export --out - --sign-key file:audit.pem",
                "audit checkpoint --out new --sign-key file:audit.pem",
                "audit archive --before 0s --out new --sign-key file:audit.pem --reason OPS-17",
            ] {
                let ran = site.run(line);
                let said = ran.error(6);
                let made_up = format!("up to record {sealed}, and none of the keys");
                assert!(said.contains(&made_up), "{line}: {said}");
                assert!(said.contains("audit_unsigned"), "{line}: {said}");
                assert!(!site.desk.0.path().join("new").exists(), "{line}");
            }
            let ran = site.run("audit export --out unchecked");
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.stderr.contains(wanted), "{ran:?}");
            let ran = site.run("audit export --out -");
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.stderr.contains(wanted), "{ran:?}");
        }
    }
}

/// A key that is another one than last year's is no forgery, if that of last year is given.
#[test]
fn a_seal_of_a_key_of_before_counts_where_that_is_given() {
    for site in Site::both() {
        with_a_trail(&site);
        for line in [
            "audit archive --before 0s --out old.jsonl --sign-key file:audit.pem --reason OPS-17",
            "audit keygen --out new.pem",
        ] {
            assert_eq!(site.run(line).code, 0, "{line}");
        }
        for line in [
            "audit export --out export --sign-key file:new.pem",
            "audit checkpoint --out checkpoint --sign-key file:new.pem",
            "audit archive --before 0s --out archive --sign-key file:new.pem --reason OPS-18",
        ] {
            let ran = site.run(line);
            assert!(ran.error(6).contains("--public-key"), "{line}: {ran:?}");
            let ran = site.run(&format!("{line} {KEY}"));
            assert_eq!(ran.code, 0, "{line}: {ran:?}");
        }
        let line = format!("audit verify export {KEY} --public-key new.pem.pub");
        assert_eq!(site.run(&line).code, 0);
    }
}

/// One that does not even fit what is left is found without a key.
#[test]
fn a_seal_that_does_not_fit_is_found_without_a_key() {
    for site in Site::both() {
        with_a_trail(&site);
        without_triggers(&site);
        let at = site.moment(1_700_000_000_000_000);
        let hash = "ab".repeat(32);
        site.sql(if site.is_sqlite() {
            "DROP TRIGGER leasehold_audit_checkpoint_is_of_a_record"
        } else {
            "ALTER TABLE leasehold.audit_checkpoint DISABLE TRIGGER USER"
        });
        site.sql(&format!(
            "INSERT INTO leasehold.audit_checkpoint (seq, hash, at, key, signature, archive)
             VALUES (5, '{hash}', {at}, '0123456789abcdef', '00', 'nowhere.jsonl');
             DELETE FROM leasehold.audit WHERE seq <= 5"
        ));
        let ran = site.run("audit verify");
        assert_eq!(ran.code, 6, "{ran:?}");
        let wanted = "result\tbroken\nfirst bad\t5\ncode\taudit_rewritten\n";
        assert!(ran.stdout.starts_with(wanted), "{ran:?}");
    }
}
