//! Each code of the catalogue that an examination gives is given for what its example tells of.

use fixtures::catalogue::Place;
use queue_core::Code;
use queue_core::catalogue::Stage;
use queue_ops::doctor::{Facts, judge};

use crate::sound::{of_postgres, of_sqlite};
use crate::way::{OF_FILES, OF_SERVERS};

fn only(facts: &Facts) -> String {
    let findings = judge(facts).findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings[0].code.as_str().to_owned()
}

/// A provocation is a function without a state: the code that it looks for is in its type.
macro_rules! provocations {
    ($($code:ident)+) => {
        &[$((Code::$code, || {
            let server = OF_SERVERS.iter().find(|wrong| wrong.0 == Code::$code);
            if let Some((_, _, change)) = server {
                return only(&of_postgres(change));
            }
            let (_, _, change) = OF_FILES.iter().find(|wrong| wrong.0 == Code::$code).unwrap();
            only(&of_sqlite(change))
        })),+]
    };
}

#[test]
fn what_an_entry_tells_of_gives_its_code() {
    Place::Doctor.provoke(provocations![
        CommitUnsynced FsyncOff FullPageWritesOff StandbyMissing StandbyNotAwaited DatabaseIsStandby
        WalLevelMinimal ChecksumsOff AutovacuumOff HorizonHeld WraparoundNear DeadRows
        IdleTransactionsUnbounded PoolerPrepared PreparedOff NotListening ClockApart ConnectionsShort
        ConnectionUnencrypted RightsMissing RolePowerful FactsUnseen DaysMissing RowsAstray
        JournalNotWal NetworkFileSystem VolatileFileSystem DiskNearlyFull FileExposed FileUnwritable
        WalLarge PagesFree
    ]);
}

#[test]
fn every_code_of_an_examination_is_of_its_stage_or_of_what_it_looks_at() {
    let files = OF_FILES.iter().map(|wrong| wrong.0);
    for code in files.chain(OF_SERVERS.iter().map(|wrong| wrong.0)) {
        let stage = code.entry().stage;
        assert!(matches!(stage, Stage::Doctor | Stage::Store), "{code}");
    }
}
