//! Each secret has a successor: a relay, receivers of webhooks, a database and a model see who comes with which.

mod hooks;
mod login;
mod mail;
mod model;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use hooks::Hooks;
use mail::Relay;
use model::Model;

use super::unknown;
use crate::drill::Incident;
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Rotate(Option<FarSides>);

#[derive(Debug)]
struct FarSides {
    relay: Relay,
    hooks: Hooks,
    model: Option<Model>,
}

impl Incident for Rotate {
    fn act(&mut self, scene: &Scene, act: &str) {
        if act == "incident" {
            self.0 = Some(FarSides::begin(scene));
            return;
        }
        let far = self.0.as_mut().unwrap();
        match act {
            "mail-by-the-new" => far.relay.takes_by_the_new(scene),
            "hook-by-both" => far.hooks.takes_by(scene, &["2026", "2027"]),
            "hook-by-the-new" => {
                far.hooks.takes_by(scene, &["2027"]);
                Hooks::others_are_as_before(scene);
            }
            "review-service" => far.model = Some(Model::start(scene)),
            "model-by-the-new" => {
                far.model.as_ref().unwrap().was_asked_by("new");
                far.relay.has_taken(2);
            }
            "nothing-by-the-old" => login::is_refused(scene, "app_a"),
            other => unknown(other),
        }
    }
}

impl FarSides {
    fn begin(scene: &Scene) -> Self {
        for folder in ["secrets", "new"] {
            fs::create_dir(scene.path(folder)).unwrap();
        }
        scene.value("SECRETS", &scene.path("secrets").display().to_string());
        scene.value("NEW", &scene.path("new").display().to_string());
        login::prepare(scene);
        let mut relay = Relay::start(scene);
        let hooks = Hooks::start(scene);
        let url_file = scene.path("secrets/database-url");
        let channels = format!("{}{}", relay.channel(scene), hooks.channel(scene));
        scene.configure_at(&format!("url_file = {url_file:?}"), &channels);
        scene.value("URL_FILE", &url_file.display().to_string());
        scene.start_sweeper();
        relay.denies(scene);
        // A provider's key was the wrong one, too; that is mended, and its letter is settled.
        scene.release("1", "dies AUTH_DENIED");
        scene.take_orders(0, 1);
        scene.start_shop("1");
        scene.until_dead(1);
        scene.must_run("leasehold dead resolve --all --yes --reason 'charged by hand, OPS-16'");
        scene.release("1", "works");
        Self {
            relay,
            hooks,
            model: None,
        }
    }
}

/// Writes a secret that only its owner reads.
fn secret(scene: &Scene, name: &str, text: &str) {
    let file = scene.path(name);
    fs::write(&file, format!("{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
}
