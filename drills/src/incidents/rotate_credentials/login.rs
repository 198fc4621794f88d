//! Two roles by which one logs in, and one that owns the schema.

use std::fs;
use std::path::Path;

use super::secret;
use crate::scene::Scene;

/// Who gets in how: the superuser by the socket, as `psql` of an administrator; roles of programs by a password.
const WHO: &str =
    "local all postgres trust\nlocal replication all trust\nlocal all all scram-sha-256\n";

/// From now on the database belongs to a role that nobody logs in as, and programs come as `app_a`.
pub(super) fn prepare(scene: &Scene) {
    let file = scene.sql("SHOW hba_file");
    fs::write(Path::new(file.trim()), WHO).unwrap();
    scene.sql(
        "SELECT pg_reload_conf(); DROP SCHEMA leasehold CASCADE; CREATE ROLE app NOLOGIN; ALTER DATABASE t0 OWNER TO app; \
         CREATE ROLE app_a LOGIN PASSWORD 'of a' IN ROLE app; ALTER ROLE app_a SET role = app; \
         CREATE ROLE app_b NOLOGIN IN ROLE app; ALTER ROLE app_b SET role = app",
    );
    scene.value("ADMIN_URL", &scene.url());
    let of = |role: &str| {
        let url = scene.value_of("ADMIN_URL").unwrap();
        url.replace("postgres@", &format!("{role}@"))
    };
    secret(scene, "secrets/database-url", &of("app_a:of%20a"));
    secret(scene, "new/database-password", "of b");
    secret(scene, "new/database-url", &of("app_b:of%20b"));
    // What the drill itself does goes by the owner.
    let owner = scene.url();
    scene.lead_to(&of("app_a:of%20a"));
    scene.migrate();
    scene.lead_to(&owner);
}

/// Nobody comes in as this role any more.
pub(super) fn is_refused(scene: &Scene, role: &str) {
    let may = format!("SELECT rolcanlogin FROM pg_roles WHERE rolname = '{role}'");
    assert_eq!(scene.sql(&may).trim(), "f");
    let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'");
    assert_eq!(scene.sql(&sessions).trim(), "0");
}
