//! The manual that units refer to.

use crate::harness::{output, program};
use crate::unit::{unit, values};

#[test]
fn the_manual_of_the_unit_can_be_written() {
    assert_eq!(
        values(&unit(), "Documentation"),
        ["man:leasehold-sweeper(1)"]
    );
    let (code, page, wrong) = output(program().arg("--man"));
    assert_eq!((code, wrong.as_str()), (0, ""));
    assert!(page.contains(".TH leasehold-sweeper 1"), "{page}");
    for part in [
        "\\-\\-check\\-config",
        "\\-\\-once",
        "\\-\\-man",
        "SIGHUP",
        "Exit codes:",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
