//! A relay that takes two passwords for a while, and remembers which.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use fixtures::scripted_smtp::{ScriptedSmtp, SmtpPhase, SmtpScript, SmtpSecurity, SmtpTurn};
use queue_core::NotificationState;

use super::secret;
use crate::scene::Scene;

const OLD: &str = "the old password";
const NEW: &str = "the new password";

#[derive(Debug)]
pub(super) struct Relay(ScriptedSmtp);

impl Relay {
    pub(super) fn start(scene: &Scene) -> Self {
        let script = SmtpScript::default()
            .security(SmtpSecurity::StartTls)
            .login("queue", NEW)
            .turns(
                SmtpPhase::Auth,
                [SmtpTurn::say("235 2.7.0 Authentication successful")],
            );
        let relay = scene.block_on(ScriptedSmtp::start(script));
        fs::write(scene.path("relay.pem"), relay.certificate()).unwrap();
        secret(scene, "secrets/smtp-password", OLD);
        secret(scene, "new/smtp-password", NEW);
        Self(relay)
    }

    pub(super) fn channel(&self, scene: &Scene) -> String {
        format!(
            "[channels.email]\ntype = \"smtp\"\nhost = \"localhost\"\nport = {}\nsender = \"bounces@example.org\"\n\
             user = \"queue\"\npassword_file = {:?}\nroot_certificates = [{:?}]\nidle = \"100ms\"\n",
            self.0.port(),
            scene.path("secrets/smtp-password"),
            scene.path("relay.pem"),
        )
    }

    /// A mail goes by the new password, and the relay takes only that from now on.
    pub(super) fn takes_by_the_new(&self, scene: &Scene) {
        let seen = self.0.lines().len();
        self.0.turns(SmtpPhase::Auth, [SmtpTurn::Go]);
        let mail = scene.publish("email", &["ada@example.org"])[0];
        scene.until_message(mail, NotificationState::Sent);
        let lines = self.0.lines().split_off(seen);
        let by = |password: &str| BASE64.encode(format!("\0queue\0{password}"));
        let logins: Vec<&String> = lines.iter().filter(|line| line.contains("AUTH")).collect();
        assert!(!logins.is_empty(), "{lines:?}");
        assert!(
            logins.iter().all(|line| line.ends_with(&by(NEW))),
            "{logins:?}"
        );
    }
}
