//! A relay that knows one of two recipients not any more, refuses what is in a mail, and then takes nothing from us.

use fixtures::scripted_smtp::{ScriptedSmtp, SmtpPhase, SmtpScript, SmtpTurn};
use queue_core::NotificationState;

use super::{mail_channel, unknown};
use crate::drill::Incident;
use crate::scene::{Scene, until};

#[derive(Debug, Default)]
pub(super) struct Failing {
    relay: Option<ScriptedSmtp>,
}

impl Incident for Failing {
    fn act(&mut self, scene: &Scene, act: &str) {
        match act {
            "incident" => {
                let script = SmtpScript::default()
                    .turns(
                        SmtpPhase::Rcpt,
                        [SmtpTurn::say("550 5.1.1 no such user"), SmtpTurn::Go],
                    )
                    .turns(SmtpPhase::End, [SmtpTurn::say("554 5.6.0 not a message")]);
                let relay = scene.block_on(ScriptedSmtp::start(script));
                scene.configure(&mail_channel(relay.port(), "concurrency = 1\n"));
                let [wrong, refused] =
                    scene.publish("email", &["ada@example.org", "bob@example.org"])[..]
                else {
                    panic!("two messages");
                };
                scene.value("WRONG", &wrong.to_string());
                scene.value("REFUSED", &refused.to_string());
                scene.start_sweeper();
                for message in [wrong, refused] {
                    scene.until_message(message, NotificationState::Failed);
                }
                // Of two, which one is refused its recipient is the relay's to say: the first that comes.
                relay.turns(SmtpPhase::End, [SmtpTurn::Go]);
                // From here on no message fails: the channel is paused, and the third one waits.
                let policy = SmtpTurn::say("550 5.7.1 we take nothing from you");
                relay.turns(SmtpPhase::Mail, [policy]);
                scene.publish("email", &["carl@example.org"]);
                self.relay = Some(relay);
            }
            "mend" => {
                let relay = self.relay.as_ref().unwrap();
                relay.turns(SmtpPhase::Mail, [SmtpTurn::Go]);
            }
            "delivered" => {
                let relay = self.relay.as_ref().unwrap();
                assert!(until(|| relay.held() == 3), "{}", relay.held());
            }
            other => unknown(other),
        }
    }
}
