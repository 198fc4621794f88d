//! A relay that takes another password only already, and remembers which came.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use fixtures::scripted_smtp::{ScriptedSmtp, SmtpScript, SmtpSecurity};
use queue_core::{NotificationId, NotificationState};

use super::secret;
use crate::scene::{Scene, until};

const OLD: &str = "the old password";
const NEW: &str = "the new password";

#[derive(Debug)]
pub(super) struct Relay {
    relay: ScriptedSmtp,
    denied: Option<NotificationId>,
    /// How many logins there were until it was denied.
    seen: usize,
}

impl Relay {
    pub(super) fn start(scene: &Scene) -> Self {
        let script = SmtpScript::default()
            .security(SmtpSecurity::StartTls)
            .login("queue", NEW);
        let relay = scene.block_on(ScriptedSmtp::start(script));
        fs::write(scene.path("relay.pem"), relay.certificate()).unwrap();
        secret(scene, "secrets/smtp-password", OLD);
        secret(scene, "new/smtp-password", NEW);
        Self {
            relay,
            denied: None,
            seen: 0,
        }
    }

    pub(super) fn channel(&self, scene: &Scene) -> String {
        format!(
            "[channels.email]\ntype = \"smtp\"\nhost = \"localhost\"\nport = {}\nsender = \"bounces@example.org\"\n\
             user = \"queue\"\npassword_file = {:?}\nroot_certificates = [{:?}]\nidle = \"100ms\"\n",
            self.relay.port(),
            scene.path("secrets/smtp-password"),
            scene.path("relay.pem"),
        )
    }

    /// Denies a mail, by which the channel comes to be paused.
    pub(super) fn denies(&mut self, scene: &Scene) {
        let mail = scene.publish("email", &["ada@example.org"])[0];
        scene.until_metric("leasehold_channel_paused{channel=\"email\"} == 1");
        let logins = self.logins();
        assert!(
            logins.iter().all(|line| line.ends_with(&by(OLD))),
            "{logins:?}"
        );
        self.denied = Some(mail);
        self.seen = logins.len();
    }

    /// What was denied goes by the new password, without anything else done to it.
    pub(super) fn takes_by_the_new(&self, scene: &Scene) {
        scene.until_message(self.denied.unwrap(), NotificationState::Sent);
        let logins = self.logins().split_off(self.seen);
        assert!(!logins.is_empty(), "nobody came");
        assert!(
            logins.iter().all(|line| line.ends_with(&by(NEW))),
            "{logins:?}"
        );
    }

    /// It has taken so many mails: that one, and what a review came to.
    pub(super) fn has_taken(&self, mails: usize) {
        let came = until(|| self.relay.held() == mails);
        assert!(came, "{} mails", self.relay.held());
    }

    fn logins(&self) -> Vec<String> {
        let mut lines = self.relay.lines();
        lines.retain(|line| line.contains("AUTH"));
        lines
    }
}

/// How a login by a password ends.
fn by(password: &str) -> String {
    BASE64.encode(format!("\0queue\0{password}"))
}
