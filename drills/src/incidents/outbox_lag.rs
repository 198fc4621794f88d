//! A channel is paused while messages for it are published.

use fixtures::scripted_smtp::{ScriptedSmtp, SmtpScript};

use super::unknown;
use crate::drill::Incident;
use crate::scene::{Scene, until};

#[derive(Debug, Default)]
pub(super) struct Lag {
    relay: Option<ScriptedSmtp>,
}

impl Incident for Lag {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                let relay = scene.block_on(ScriptedSmtp::start(SmtpScript::default()));
                scene.configure(&super::mail_channel(relay.port(), ""));
                scene.must_run(
                    "leasehold channel pause email --reason 'the relay is upgraded, OPS-16'",
                );
                scene.publish("email", &["ada@example.org", "bob@example.org"]);
                scene.start_sweeper();
                self.relay = Some(relay);
            }
            "delivered" => {
                let relay = self.relay.as_ref().unwrap();
                assert!(until(|| relay.held() == 2), "{}", relay.held());
            }
            other => unknown(other),
        }
    }
}
