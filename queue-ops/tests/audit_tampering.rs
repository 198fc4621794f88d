//! A chain that somebody has laid hands on is found out, and the first bad record is named: in each of
//! several ways, at 500 places, in both formats. The places are drawn from a seed, which is printed;
//! `LEASEHOLD_TAMPERING_SEED` takes one. With `LEASEHOLD_SLOW` the chain has 500 records, and the formats take turns.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use queue_core::{
    Act, Actor, AuditEntry, AuditFault, AuditFlaw, AuditRecord, AuditReport, AuditVerifier,
    Checkpoint, ExportError, ExportFormat, ExportHeader, ExportItem, ExportReader, StoreId,
    Timestamp,
};
use queue_ops::{AuditKey, AuditPublicKey};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const TIMES: usize = 500;
/// A checkpoint stands behind each so many records.
const EVERY: i64 = 20;
const FORMATS: [ExportFormat; 2] = [ExportFormat::JsonLines, ExportFormat::Csv];

fn is_slow() -> bool {
    std::env::var_os("LEASEHOLD_SLOW").is_some()
}

/// How many records the chain has.
fn length() -> usize {
    if is_slow() { 500 } else { 60 }
}

/// In which formats the chain is looked at for the nth time.
fn formats(n: usize) -> &'static [ExportFormat] {
    match (is_slow(), n % 2) {
        (false, _) => &FORMATS,
        (true, 0) => &FORMATS[..1],
        (true, _) => &FORMATS[1..],
    }
}

/// Of each test its own, from one seed.
fn chance() -> StdRng {
    let seed = std::env::var("LEASEHOLD_TAMPERING_SEED").ok();
    let seed = seed.map_or_else(rand::random, |seed| seed.parse().unwrap());
    println!("LEASEHOLD_TAMPERING_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

fn entry(n: usize) -> AuditEntry {
    AuditEntry {
        // What CSV has to quote.
        act: Act::new(
            Actor::new("ada").unwrap(),
            format!("\"{n}\", OPS-17\n# two lines"),
        ),
        action: "queue.configure".to_owned(),
        target: format!("queue:q{n}"),
        detail: format!("{{\"max_running\":{n}}}"),
    }
}

fn chain_behind(mut records: Vec<AuditRecord>, length: usize, other: usize) -> Vec<AuditRecord> {
    while records.len() < length {
        let n = records.len();
        let last = records.last().map(|it| (it.seq, it.hash.as_str()));
        let at = Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(n).unwrap());
        let next = AuditRecord::next(last, at, entry(n + other));
        records.push(next);
    }
    records
}

fn chain() -> Vec<AuditRecord> {
    chain_behind(Vec::new(), length(), 0)
}

fn signed(key: &AuditKey, record: &AuditRecord) -> Checkpoint {
    let at = Timestamp::from_micros(1_800_000_000_000_000);
    Checkpoint::sign(StoreId::new(7), record.seq, &record.hash, at, key)
}

fn written(records: &[AuditRecord], format: ExportFormat, marks: &[Checkpoint]) -> String {
    let mut text = ExportHeader::new("7", 1).text(format);
    for record in records {
        text += &ExportItem::Record(record.clone()).text(format);
        for mark in marks.iter().filter(|mark| mark.seq == record.seq) {
            text += &ExportItem::Checkpoint(mark.clone()).text(format);
        }
    }
    text
}

fn verified(
    text: &str,
    key: Option<&AuditPublicKey>,
    apart: &[Checkpoint],
) -> Result<AuditReport, AuditFault> {
    let (header, mut reader) = ExportReader::open(text.as_bytes()).unwrap();
    let mut verifier = AuditVerifier::new(header.database, header.first);
    if let Some(key) = key {
        verifier = verifier.with_keys(key);
    }
    for checkpoint in apart {
        verifier.expect(checkpoint.clone())?;
    }
    loop {
        match reader.next_item() {
            Ok(Some(item)) => verifier.item(&item)?,
            Ok(None) => return verifier.finish(),
            Err(ExportError::Fault(fault)) => return Err(fault),
            Err(error) => panic!("{error}"),
        }
    }
}

/// In both formats the same is found.
fn found(n: usize, records: &[AuditRecord], apart: &[Checkpoint]) -> AuditFault {
    let faults = formats(n).iter().map(|format| {
        let text = written(records, *format, &[]);
        verified(&text, None, apart).unwrap_err()
    });
    let mut faults: Vec<_> = faults.collect();
    faults.dedup();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

fn seq(place: usize) -> i64 {
    i64::try_from(place).unwrap() + 1
}

#[test]
fn a_chain_as_it_was_written_is_whole() {
    let (key, records) = (AuditKey::generate(), chain());
    let last = records.len() - 1;
    let marks = [signed(&key, &records[19]), signed(&key, &records[last])];
    for format in FORMATS {
        let text = written(&records, format, &marks);
        let report = verified(&text, Some(&key.public()), &marks).unwrap();
        assert_eq!(
            (report.first, report.last, report.vouched),
            (1, seq(last), Some(seq(last)))
        );
        assert_eq!((report.checkpoints, report.signed), (4, true));
        assert_eq!(report.hash.as_ref(), Some(&records[last].hash));
    }
}

#[test]
fn an_edit_is_found() {
    let edits: [fn(&mut AuditRecord); 7] = [
        |it| it.at = Timestamp::from_micros(it.at.as_micros() + 1),
        |it| it.entry.act.actor = Actor::new("eve").unwrap(),
        |it| it.entry.act.reason.push('x'),
        |it| it.entry.action.push('x'),
        |it| it.entry.target.push('x'),
        |it| it.entry.detail.push(' '),
        |it| it.previous = it.hash.clone(),
    ];
    let (whole, mut chance) = (chain(), chance());
    for n in 0..TIMES {
        let (at, mut records) = (chance.random_range(0..whole.len()), whole.clone());
        edits[n % edits.len()](&mut records[at]);
        let fault = found(n, &records, &[]);
        assert_eq!((fault.seq, fault.flaw), (seq(at), AuditFlaw::Edited));
    }
}

#[test]
fn an_edit_with_a_fitting_hash_is_found_behind_it() {
    let (whole, mut chance) = (chain(), chance());
    for n in 0..TIMES {
        let (at, mut records) = (chance.random_range(0..whole.len() - 1), whole.clone());
        records[at].entry.act.reason.push('x');
        records[at].hash = records[at].compute_hash();
        let fault = found(n, &records, &[]);
        assert_eq!((fault.seq, fault.flaw), (seq(at + 1), AuditFlaw::Unlinked));
    }
}

#[test]
fn a_deletion_is_found() {
    let (whole, mut chance) = (chain(), chance());
    for n in 0..TIMES {
        let (at, mut records) = (chance.random_range(0..whole.len() - 1), whole.clone());
        records.remove(at);
        let fault = found(n, &records, &[]);
        let flaw = AuditFlaw::Missing { found: seq(at + 1) };
        assert_eq!((fault.seq, fault.flaw), (seq(at), flaw));
    }
}

#[test]
fn an_insertion_is_found() {
    let (whole, mut chance) = (chain(), chance());
    for n in 0..TIMES {
        // It continues the one before as well as the true one does.
        let (at, mut records) = (chance.random_range(1..whole.len()), whole.clone());
        let forged = chain_behind(records[..at].to_vec(), at + 1, 1000);
        records.insert(at, forged[at].clone());
        let fault = found(n, &records, &[]);
        let flaw = AuditFlaw::Disordered { after: seq(at) };
        assert_eq!((fault.seq, fault.flaw), (seq(at), flaw));
    }
}

#[test]
fn a_swap_is_found() {
    let (whole, mut chance) = (chain(), chance());
    for n in 0..TIMES {
        let (one, mut records) = (chance.random_range(0..whole.len() - 1), whole.clone());
        let other = chance.random_range(one + 1..whole.len());
        records.swap(one, other);
        let fault = found(n, &records, &[]);
        let flaw = AuditFlaw::Missing { found: seq(other) };
        assert_eq!((fault.seq, fault.flaw), (seq(one), flaw));
    }
}

#[test]
fn a_truncation_is_found_by_a_checkpoint() {
    let (key, whole) = (AuditKey::generate(), chain());
    let mut chance = chance();
    let head = signed(&key, &whole[whole.len() - 1]);
    for n in 0..TIMES {
        let at = chance.random_range(0..whole.len());
        let fault = found(n, &whole[..at], std::slice::from_ref(&head));
        let checkpoint = seq(whole.len() - 1);
        let flaw = AuditFlaw::Truncated { checkpoint };
        assert_eq!((fault.seq, fault.flaw), (seq(at), flaw));
        // In the file just as well.
        for format in formats(n) {
            let text = written(&whole[..at], *format, &[]);
            let mark = ExportItem::Checkpoint(head.clone()).text(*format);
            let fault = verified(&(text.clone() + &mark), None, &[]).unwrap_err();
            assert_eq!(fault.seq, seq(at));
            // And whoever took the checkpoint away, too, is found by the key.
            let fault = verified(&text, Some(&key.public()), &[]).unwrap_err();
            assert_eq!(fault.code(), "audit_no_checkpoint");
        }
    }
}

#[test]
fn a_chain_written_anew_from_a_point_is_found_by_the_next_checkpoint() {
    let (key, whole) = (AuditKey::generate(), chain());
    let mut chance = chance();
    let kept: Vec<_> = whole
        .iter()
        .filter(|record| record.seq % EVERY == 0)
        .map(|record| signed(&key, record))
        .collect();
    for n in 0..TIMES {
        let at = chance.random_range(0..whole.len());
        let records = chain_behind(whole[..at].to_vec(), whole.len(), 1000);
        let fault = found(n, &records, &kept);
        // A whole chain: the first checkpoint behind the point is the first that can know.
        let from = (seq(at) - 1) / EVERY * EVERY + 1;
        assert_eq!(fault.seq, from + EVERY - 1);
        assert_eq!(fault.flaw, AuditFlaw::Rewritten { from });
        assert!((from..=fault.seq).contains(&seq(at)));
    }
}

#[test]
fn forged_checkpoints_are_found_by_the_key() {
    let (key, whole) = (AuditKey::generate(), chain());
    let true_mark = signed(&key, &whole[whole.len() - 1]);
    let forged = chain_behind(whole[..30].to_vec(), whole.len(), 1000);
    let of_another = signed(&AuditKey::generate(), &forged[whole.len() - 1]);
    let renamed = Checkpoint {
        key: true_mark.key.clone(),
        ..of_another.clone()
    };
    let reused = Checkpoint {
        hash: forged[whole.len() - 1].hash.clone(),
        ..true_mark
    };
    for mark in [of_another, renamed, reused] {
        let text = written(
            &forged,
            ExportFormat::JsonLines,
            std::slice::from_ref(&mark),
        );
        assert!(
            verified(&text, None, &[]).is_ok(),
            "without a key it looks well"
        );
        let fault = verified(&text, Some(&key.public()), &[]).unwrap_err();
        assert_eq!(
            (fault.seq, fault.code()),
            (seq(whole.len() - 1), "audit_unsigned")
        );
    }
}

#[test]
fn any_changed_byte_of_a_file_is_found() {
    let (key, whole) = (AuditKey::generate(), chain());
    let mut chance = chance();
    let head = signed(&key, &whole[whole.len() - 1]);
    let texts = FORMATS.map(|format| {
        let begin = ExportHeader::new("7", 1).text(format).len();
        (begin, written(&whole, format, std::slice::from_ref(&head)))
    });
    for n in 0..2 * TIMES {
        let (begin, text) = &texts[n % 2];
        let at = chance.random_range(*begin..text.len());
        let mut bytes = text.clone().into_bytes();
        // Another letter or digit, or a letter for what is none: never white space, which JSON ignores.
        bytes[at] = if bytes[at] == b'k' { b'j' } else { b'k' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(
            verified(&changed, Some(&key.public()), &[]).is_err(),
            "byte {at} of {changed}"
        );
    }
}

#[test]
fn a_part_of_a_chain_is_tied_to_what_came_before_by_a_checkpoint() {
    let (key, whole) = (AuditKey::generate(), chain());
    let part = |records: &[AuditRecord]| {
        let mut text = ExportHeader::new("7", 31).text(ExportFormat::JsonLines);
        for record in records {
            text += &ExportItem::Record(record.clone()).text(ExportFormat::JsonLines);
        }
        text
    };
    let before = [signed(&key, &whole[29])];
    assert_eq!(
        verified(&part(&whole[30..]), None, &before)
            .unwrap()
            .vouched,
        Some(30)
    );
    let other = chain_behind(Vec::new(), whole.len(), 1000);
    let fault = verified(&part(&other[30..]), None, &before).unwrap_err();
    assert_eq!((fault.seq, fault.code()), (30, "audit_rewritten"));
    let early = [signed(&key, &whole[9])];
    let fault = verified(&part(&whole[30..]), None, &early).unwrap_err();
    assert_eq!(fault.code(), "audit_no_checkpoint");
}
