//! A machine's folders, with what is packaged where it belongs, and nothing else that systemd asks for.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use crate::unit::SERVICE;

/// What every machine has, and the unit refers to.
const TARGETS: [&str; 6] = [
    "basic",
    "multi-user",
    "network",
    "network-online",
    "shutdown",
    "sysinit",
];

pub(crate) struct Root(TempDir);

impl Root {
    /// With this unit, and with these drop-ins.
    pub(crate) fn with(unit: &str, drop_ins: &[(String, String)]) -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        for target in TARGETS {
            let place = format!("usr/lib/systemd/system/{target}.target");
            root.put(&place, "[Unit]\nDescription=one that every machine has\n");
        }
        // It is looked whether they can be run, and not at what they are.
        root.program("bin/kill");
        root.program("usr/bin/leasehold-sweeper");
        root.put(&format!("etc/systemd/system/{SERVICE}"), unit);
        for (name, text) in drop_ins {
            root.put(&format!("etc/systemd/system/{SERVICE}.d/{name}"), text);
        }
        root
    }

    /// The option that leads programs here.
    pub(crate) fn option(&self) -> String {
        format!("--root={}", self.path().display())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, place: &str, text: &str) {
        let path = self.path().join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn program(&self, place: &str) {
        self.put(place, "#!/bin/sh\n");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path().join(place), mode).unwrap();
    }
}
