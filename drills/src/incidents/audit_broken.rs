//! Somebody changes a record by SQL. There is a backup of before.

use super::unknown;
use crate::drill::Incident;
use crate::scene::{SWEEPER, Scene};

#[derive(Debug, Default)]
pub(super) struct Broken;

impl Incident for Broken {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                for n in 0..3 {
                    let reason =
                        format!("leasehold queue pause orders{n} --new --reason 'OPS-{n}'");
                    scene.must_run(&reason);
                }
                let path = |name| scene.path(name).display().to_string();
                let (key, export) = (path("audit.pem"), path("audit.jsonl"));
                scene.must_run(&format!("leasehold audit keygen --out {key}"));
                scene.must_run(&format!(
                    "leasehold audit export --out {export} --sign-key file:{key}"
                ));
                scene.value("EXPORT", &export);
                scene.value("PUBLIC_KEY", &format!("{key}.pub"));
                self.back_up(scene);
                // By whoever owns the table: what guards it is taken away first.
                scene.sql(match scene.is_sqlite() {
                    true => "DROP TRIGGER leasehold_audit_no_update",
                    false => "ALTER TABLE leasehold.audit DISABLE TRIGGER audit_is_append_only",
                });
                scene.sql("UPDATE leasehold.audit SET actor = 'eve' WHERE seq = 2");
                // It verifies all of the trail when it starts, and then what is new.
                scene.start_sweeper();
            }
            "restore" => {
                scene.manager.must("stop", SWEEPER);
                self.restore(scene);
                scene.manager.must("start", SWEEPER);
            }
            other => unknown(other),
        }
    }
}

impl Broken {
    fn back_up(&self, scene: &Scene) {
        let backup = scene.path("backup.db").display().to_string();
        scene.value("BACKUP", &backup);
        scene.must_run(&match scene.is_sqlite() {
            true => format!("leasehold backup --out {backup}"),
            false => format!(
                "pg_dump --format=custom --schema=leasehold --file={backup} '{}'",
                scene.url()
            ),
        });
    }

    fn restore(&self, scene: &Scene) {
        let backup = scene.path("backup.db").display().to_string();
        if scene.is_sqlite() {
            let file = scene.path("jobs.db").display().to_string();
            scene.must_run(&format!(
                "sh -c 'mkdir ../kept && mv {file}* ../kept/ && cp {backup} {file}'"
            ));
        } else {
            scene.sql("DROP SCHEMA leasehold CASCADE");
            scene.must_run(&format!("pg_restore --dbname='{}' {backup}", scene.url()));
        }
    }
}
