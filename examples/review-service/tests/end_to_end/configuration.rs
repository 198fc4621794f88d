//! The configuration, looked at before anything is served by it.

use crate::scene::Scene;

#[test]
fn what_is_to_be_served_by_is_looked_at() {
    let scene = Scene::sqlite();
    let check = || scene.command(&["check-config"]).output().unwrap();
    let output = check();
    let said = String::from_utf8_lossy(&output.stdout);
    let is_valid = said.contains("the configuration is valid");
    assert!(output.status.success() && is_valid, "{output:?}");

    scene.configure(&["//depot/shop/..."], "no_such_key = 1\n");
    let output = check();
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("no_such_key"), "{said}");
}
