//! The workspace as cargo knows it.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use book::repository;
use serde::Deserialize;

/// What `cargo metadata` says, as far as pages speak of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; nothing for what it is built on.
    kind: Option<String>,
    /// Of those that are here.
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

pub(crate) static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let mut metadata = Command::new(env!("CARGO"));
    metadata
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(repository::root());
    let output = metadata.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
});

impl Workspace {
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

impl Package {
    fn on(&self, kind: Option<&str>) -> BTreeSet<&str> {
        let here = self.dependencies.iter().filter(|it| it.path.is_some());
        let of_kind = here.filter(|it| it.kind.as_deref() == kind);
        of_kind.map(|it| it.name.as_str()).collect()
    }

    /// The crates of this workspace that it is built on.
    pub(crate) fn built_on(&self) -> BTreeSet<&str> {
        self.on(None)
    }

    /// Those that only its tests need.
    pub(crate) fn tested_with(&self) -> BTreeSet<&str> {
        let tests = self.on(Some("dev"));
        tests.difference(&self.built_on()).copied().collect()
    }

    pub(crate) fn has(&self, kind: &str, name: &str) -> bool {
        let of_kind = |target: &&Target| target.kind.iter().any(|it| it == kind);
        let mut targets = self.targets.iter().filter(of_kind);
        targets.any(|target| target.name == name)
    }
}
