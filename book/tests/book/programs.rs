//! The programs that pages call by name.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

/// The folder that the tests were built into, with `leasehold` and `leasehold-sweeper`.
pub(crate) static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().to_owned();
    for name in ["leasehold", "leasehold-sweeper"] {
        let stale = newer_than(&folder.join(name));
        assert!(
            stale.is_none(),
            "{name} is not built from what is there ({}): first \
             `cargo build --package replay-cli --package sweeper`; the whole suite does so by itself",
            stale.unwrap_or_default()
        );
    }
    folder
});

/// Prometheus's own tool, which the tests of the package need as well.
pub(crate) fn promtool() -> PathBuf {
    let chosen = env::var_os("PROMTOOL").filter(|chosen| !chosen.is_empty());
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path).map(|folder| folder.join("promtool"));
    let mut candidates = chosen.map(PathBuf::from).into_iter().chain(in_path);
    let found = candidates.find(|program| program.is_file());
    found.expect("promtool, of Debian's prometheus: in PATH, or where PROMTOOL says")
}

/// What a program was built from, and is newer. Beside each program cargo says which files these are.
fn newer_than(program: &Path) -> Option<String> {
    let Ok(built) = fs::metadata(program).and_then(|file| file.modified()) else {
        return Some("it is not there".to_owned());
    };
    let list = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let (_, sources) = list.split_once(": ").unwrap_or_default();
    let modified = |path: &str| {
        let file = fs::metadata(path).and_then(|file| file.modified());
        file.unwrap_or_else(|_| SystemTime::now())
    };
    sources
        .split_whitespace()
        .find(|path| modified(path) > built)
        .map(str::to_owned)
}
