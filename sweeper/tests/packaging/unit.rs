//! Unit files, read as far as tests look into them.

use std::path::{Path, PathBuf};

/// The service's name.
pub(crate) const SERVICE: &str = "leasehold-sweeper.service";
pub(crate) const NETWORK: &str = "network.conf";

/// What is packaged.
pub(crate) fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging")
}

pub(crate) fn unit() -> String {
    read(&packaging().join("systemd").join(SERVICE))
}

/// The drop-ins by name.
pub(crate) fn drop_ins() -> Vec<(String, String)> {
    let folder = packaging().join("systemd/drop-ins");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, read(&entry.path()))
        })
        .collect();
    found.sort();
    assert!(found.len() >= 4, "{found:?}");
    found
}

/// The unit with nothing, and with each drop-in.
pub(crate) fn variants() -> Vec<Vec<(String, String)>> {
    let each = drop_ins().into_iter().map(|drop_in| vec![drop_in]);
    std::iter::once(Vec::new()).chain(each).collect()
}

/// The values of a key, in their order.
pub(crate) fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let settings = text.lines().filter_map(|line| line.split_once('='));
    let named = settings.filter(|(name, _)| *name == key);
    named.map(|(_, value)| value).collect()
}

/// What is set in the environment.
pub(crate) fn environment(text: &str) -> Vec<(&str, &str)> {
    let assignments = values(text, "Environment");
    let bare = assignments.iter().map(|it| it.trim_matches('"'));
    bare.map(|it| it.split_once('=').unwrap()).collect()
}

pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
