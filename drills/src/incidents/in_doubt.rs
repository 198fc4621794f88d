//! A relay takes two mails and says so of neither; one of them it loses afterwards.

use fixtures::scripted_smtp::{ScriptedSmtp, SmtpPhase, SmtpScript, SmtpTurn};
use queue_core::{NotificationId, NotificationState};

use super::{mail_channel, unknown};
use crate::drill::Incident;
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Doubt {
    relay: Option<ScriptedSmtp>,
    messages: Vec<NotificationId>,
}

impl Incident for Doubt {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                let script = SmtpScript::default().turns(SmtpPhase::End, [SmtpTurn::Reset]);
                let relay = scene.block_on(ScriptedSmtp::start(script));
                scene.configure(&mail_channel(relay.port(), ""));
                self.messages = scene.publish("email", &["ada@example.org", "bob@example.org"]);
                scene.start_sweeper();
                for &message in &self.messages {
                    scene.until_message(message, NotificationState::InDoubt);
                }
                scene.value("DELIVERED", &self.messages[0].to_string());
                scene.value("LOST", &self.messages[1].to_string());
                relay.turns(SmtpPhase::End, [SmtpTurn::Go]);
                assert_eq!(relay.held(), 2, "nothing is sent again by itself");
                self.relay = Some(relay);
            }
            "arrived" => {
                for &message in &self.messages {
                    scene.until_message(message, NotificationState::Sent);
                }
                let mails = self.relay.as_ref().unwrap().messages();
                let [_, _, mail] = &mails[..] else {
                    panic!("{} mails", mails.len());
                };
                // The one that was lost once more, and the other one not.
                assert!(String::from_utf8_lossy(mail).contains("bob@example.org"));
            }
            other => unknown(other),
        }
    }
}
