//! Which version a lock file names: what is in tables is what was measured.

/// In a Cargo.lock.
pub(super) fn in_cargo_lock(text: &str, package: &str) -> Option<String> {
    let head = format!("name = \"{package}\"");
    let mut lines = text.lines().skip_while(|line| *line != head);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

/// In a package-lock.json.
pub(super) fn in_package_lock(text: &str, package: &str) -> Option<String> {
    let lock: serde_json::Value = serde_json::from_str(text).ok()?;
    let package = lock
        .get("packages")?
        .get(format!("node_modules/{package}"))?;
    Some(package.get("version")?.as_str()?.to_owned())
}

/// In a requirements.txt.
pub(super) fn in_requirements(text: &str, package: &str) -> Option<String> {
    let head = format!("{package}==");
    let version = text.lines().find_map(|line| line.strip_prefix(&head))?;
    Some(version.split_whitespace().next()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::super::catalogue::{Origin, peers};
    use super::*;
    use crate::venue::Engine;

    #[test]
    fn versions_are_read_of_the_package_itself() {
        let lock = "[[package]]\nname = \"honker-core\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"honker\"\nversion = \"0.5.0\"\n";
        assert_eq!(in_cargo_lock(lock, "honker").as_deref(), Some("0.5.0"));
        assert_eq!(in_cargo_lock(lock, "honk"), None);
        let lock = r#"{"packages":{"node_modules/pg-boss":{"version":"12.1.0"}}}"#;
        assert_eq!(in_package_lock(lock, "pg-boss").as_deref(), Some("12.1.0"));
        let lock = "oban-py==1.0\noban==0.7.0\n";
        assert_eq!(in_requirements(lock, "oban").as_deref(), Some("0.7.0"));
    }

    #[test]
    fn every_peer_is_pinned_by_a_lock_file() {
        let read = |path: String| {
            let path = super::super::sources().join(path);
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        };
        for peer in Engine::ALL.into_iter().flat_map(peers) {
            let version = match peer.origin {
                Origin::Ours => continue,
                Origin::Rust(folder) => {
                    in_cargo_lock(&read(format!("{folder}/Cargo.lock")), folder)
                }
                Origin::Node(_, package) => {
                    in_package_lock(&read("node/package-lock.json".to_owned()), package)
                }
                Origin::Python(_, package) => {
                    in_requirements(&read("python/requirements.txt".to_owned()), package)
                }
            };
            assert!(version.is_some(), "{}", peer.name);
        }
    }
}
