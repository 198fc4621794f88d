//! A receiver of webhooks, and the library by which receivers verify them.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use fixtures::scripted_http::{ScriptedHttp, Step};
use fixtures::webhook_verifier::WebhookVerifier;
use queue_core::{
    ChannelName, Intent, NewNotification, NotificationState, Payload, PublishBatch, Purpose,
    Recipient, Revision, Subject,
};

use super::secret;
use crate::scene::{Scene, until};

#[derive(Debug)]
pub(super) struct Hooks {
    receiver: ScriptedHttp,
    verifier: WebhookVerifier,
    sent: i64,
}

/// The secret of a year.
fn of(year: &str) -> String {
    format!("whsec_{}", BASE64.encode(format!("{year:>032}")))
}

impl Hooks {
    pub(super) fn start(scene: &Scene) -> Self {
        secret(scene, "secrets/whsec-2026", &of("2026"));
        secret(scene, "new/whsec-2027", &of("2027"));
        secret(scene, "secrets/whsec-partners", &of("partners"));
        Self {
            receiver: scene.block_on(ScriptedHttp::start([Step::status(204)])),
            verifier: WebhookVerifier::start(),
            sent: 0,
        }
    }

    pub(super) fn channel(&self, scene: &Scene) -> String {
        format!(
            "[channels.hooks]\ntype = \"webhook\"\nsecret_file = {:?}\nallow_networks = [\"127.0.0.0/8\"]\n\
             allow_cleartext = true\n",
            scene.path("secrets/whsec-2026")
        ) + &Self::of_others(scene)
    }

    /// Another channel, whose secret is nobody else's.
    fn of_others(scene: &Scene) -> String {
        let (new, old) = ("secrets/whsec-partners", "secrets/whsec-partners-2026");
        secret(scene, old, &of("partners-2026"));
        format!(
            "[channels.partners]\ntype = \"webhook\"\nsecret_file = {:?}\nolder_secrets = [\"file:{}\"]\n",
            scene.path(new),
            scene.path(old).display()
        )
    }

    pub(super) fn others_are_as_before(scene: &Scene) {
        let config = fs::read_to_string(scene.config()).unwrap();
        assert!(config.contains(&Self::of_others(scene)), "{config}");
    }

    /// Requests come to be taken by receivers that know one of these secrets, and by no others. After a reload what is
    /// under way still leaves as it was.
    pub(super) fn takes_by(&mut self, scene: &Scene, years: &[&str]) {
        let mut takers = Vec::new();
        let came = until(|| {
            takers = self.takers(scene);
            takers == years
        });
        assert!(came, "taken by {takers:?}");
    }

    /// Sends one, and says which secrets of two it is taken by.
    fn takers(&mut self, scene: &Scene) -> Vec<&'static str> {
        self.sent += 1;
        let intent = Intent {
            channel: ChannelName::new("hooks").unwrap(),
            purpose: Purpose::new("order").unwrap(),
            subject: Subject::new("order:1").unwrap(),
            recipient: Recipient::new(self.receiver.url("/in")).unwrap(),
            revision: Revision::new(self.sent),
        };
        let message = Payload::json(&serde_json::json!({ "order": 1 })).unwrap();
        let batch = PublishBatch::new(vec![NewNotification::new(intent, message)]).unwrap();
        let id = scene.with_store(async |store| store.publish(batch).await.unwrap()[0].id());
        scene.until_message(id, NotificationState::Sent);
        let seen = self.receiver.seen();
        let request = seen.last().unwrap();
        let takes = |year: &&str| {
            let verified = self
                .verifier
                .verify(&of(year), &request.headers, &request.body);
            verified.is_ok()
        };
        ["2026", "2027"].into_iter().filter(takes).collect()
    }
}
