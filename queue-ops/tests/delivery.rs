//! Channels and rules by configuration: what is built of them, and what goes out.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use fixtures::bed::message;
use fixtures::scripted_http::{ScriptedHttp, Step};
use fixtures::smtp_sink::SmtpSink;
use fixtures::webhook_verifier::WebhookVerifier;
use proptest::prelude::*;
use queue_core::channel::{Mail, RFC822};
use queue_core::memory::MemoryStore;
use queue_core::{ChannelName, NewNotification, NotificationState, OutboxStore, PublishBatch};
use queue_ops::{ChannelType, Config};

const WHSEC: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfD8lGtYQ4=";

fn to(channel: &str, recipient: &str) -> NewNotification {
    let mut new = message(recipient);
    new.intent.channel = ChannelName::new(channel).unwrap();
    new
}

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::default())
}

/// Writes a secret that only we may read.
fn secret(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, format!("{text}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The least that a channel of each type is built of.
fn least(of: ChannelType, secret: &str) -> String {
    let keys = match of {
        ChannelType::Smtp => "host = \"localhost\"\ntls = \"none\"\nsender = \"bounces@example.org\"".to_owned(),
        ChannelType::Webhook => format!("secret_file = {secret:?}"),
        ChannelType::File => "path = \"-\"".to_owned(),
        ChannelType::EmailApi => "endpoint = \"https://api.example.org/mails\"".to_owned(),
        ChannelType::Ticket => {
            "endpoint = \"https://t.example.org/api\"\nbody = { title = \"{summary}\" }\nkey_at = \"/key\"".to_owned()
        }
        ChannelType::PagerDuty => format!("routing_key_file = {secret:?}"),
        ChannelType::Nats => "servers = [\"nats://mq:4222\"]".to_owned(),
        ChannelType::RabbitMq => format!("url_file = {secret:?}"),
        _ => unreachable!("a type that this test does not know"),
    };
    format!("[channels.one]\ntype = \"{of}\"\n{keys}\n")
}

#[tokio::test]
async fn a_channel_of_each_type_is_built_or_the_build_says_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    for of in ChannelType::ALL.iter().copied() {
        let text = match of {
            ChannelType::RabbitMq => "amqp://queue:hunter2@mq:5672/%2f",
            _ => WHSEC,
        };
        let text = least(of, &secret(dir.path(), of.as_str(), text));
        let config = Config::from_toml(&text).unwrap();
        let built = config.delivery.deliverer(store());
        match of.missing_feature() {
            None => {
                let deliverer = built.unwrap().unwrap();
                assert!(format!("{deliverer:?}").contains("one"));
                deliverer.build().unwrap();
            }
            Some(feature) => {
                let error = built.unwrap_err().to_string();
                let said = format!(
                    "the configuration:1: `channels.one`: this build has no channels of the type {of}: build it with \
                     the feature `{feature}`, or leave the channel out"
                );
                assert_eq!(error, said);
            }
        }
    }
}

/// A mail, a signed webhook and an escalation by mail go out as a file says.
#[tokio::test]
async fn what_is_published_goes_out_by_a_configuration_file() {
    let dir = tempfile::tempdir().unwrap();
    let relay = SmtpSink::start();
    let receiver = ScriptedHttp::start([Step::status(204), Step::status(410)]).await;
    let whsec = secret(dir.path(), "whsec", WHSEC);
    let file = dir.path().join("leasehold.toml");
    let text = format!(
        "[channels.email]\ntype = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nsender = \"bounces@example.org\"\n\
         [channels.hooks]\ntype = \"webhook\"\nsecret_file = {whsec:?}\nallow_networks = [\"127.0.0.1\"]\nallow_cleartext = true\n\
         concurrency = 1\n\
         [[escalations]]\nname = \"outbox\"\nevents = [\"notification_failed\"]\n\
         to = [{{ channel = \"email\", recipient = \"ops@example.org\" }}]\n",
        relay.port()
    );
    std::fs::write(&file, text).unwrap();
    let config = Config::read(Some(&file)).unwrap();
    let store = store();

    let mut mail = to("email", "ada@example.org");
    let letter = Mail::new("shop@example.org", "Your invoice").text("It is paid.");
    mail.message = letter.render(&mail.intent).unwrap();
    assert_eq!(mail.message.content_type(), RFC822);
    let hooks = ["/taken", "/gone"].map(|path| to("hooks", &receiver.url(path)));
    let batch = PublishBatch::new([vec![mail], hooks.to_vec()].concat()).unwrap();
    let ids: Vec<_> = store
        .publish(batch)
        .await
        .unwrap()
        .iter()
        .map(|one| one.id())
        .collect();

    let deliverer = config
        .delivery
        .deliverer(store.clone())
        .unwrap()
        .unwrap()
        .build()
        .unwrap();
    deliverer.drain().await.unwrap();
    // What failed was told by mail, in the same run or the next.
    deliverer.drain().await.unwrap();
    let mails = relay.wait_for_messages(2);
    assert!(
        mails
            .iter()
            .any(|mail| mail.to == ["ada@example.org"] && mail.from == "bounces@example.org")
    );
    let told = mails
        .iter()
        .find(|mail| mail.to == ["ops@example.org"])
        .unwrap();
    assert!(String::from_utf8_lossy(&told.content).contains("notification_failed"));

    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    for one in &seen {
        WebhookVerifier::shared()
            .verify(WHSEC, &one.headers, &one.body)
            .unwrap();
    }
    let mut states = Vec::new();
    for id in ids {
        states.push(store.notification(id).await.unwrap().unwrap().state);
    }
    assert_eq!(states[0], NotificationState::Sent);
    states.sort();
    assert_eq!(
        states
            .iter()
            .filter(|state| **state == NotificationState::Sent)
            .count(),
        2
    );
    assert!(states.contains(&NotificationState::Failed));
}

const RELAY: &str = "[channels.mail]\ntype = \"smtp\"\nhost = \"relay.example.org\"\nsender = \"bounces@example.org\"\n";

fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn a_variable_overrides_a_value_of_a_channel_in_the_file() {
    let text = format!("{RELAY}user = \"queue\"\npassword_file = \"/run/password\"\n");
    let config = Config::from_toml_and(
        &text,
        variables(&[
            ("LEASEHOLD_CHANNELS_MAIL_PORT", "465"),
            (
                "LEASEHOLD_CHANNELS_MAIL_PASSWORD_ENV",
                "LEASEHOLD_CHANNELS_MAIL_PASSWORD",
            ),
            // It has a secret, and is no setting.
            ("LEASEHOLD_CHANNELS_MAIL_PASSWORD", "hunter2"),
            ("LEASEHOLD_CHANNELS_MAIL_PROT", "25"),
        ]),
    )
    .unwrap();
    let shown = config.to_string();
    assert!(shown.contains("port = 465"), "{shown}");
    assert!(
        shown.contains("password_env = \"LEASEHOLD_CHANNELS_MAIL_PASSWORD\""),
        "{shown}"
    );
    assert!(
        !shown.contains("password_file") && !shown.contains("hunter2"),
        "{shown}"
    );
    let strangers: Vec<_> = config.strangers().collect();
    assert_eq!(
        strangers,
        [(
            "LEASEHOLD_CHANNELS_MAIL_PROT",
            Some("LEASEHOLD_CHANNELS_MAIL_PORT".to_owned())
        )]
    );

    let wrong = variables(&[("LEASEHOLD_CHANNELS_MAIL_PORT", "smtp")]);
    assert_eq!(
        Config::from_toml_and(RELAY, wrong).unwrap_err().to_string(),
        "the variable LEASEHOLD_CHANNELS_MAIL_PORT of the environment: write a whole number from 1 to 65535"
    );
    // What the file leaves out can be said by a variable.
    let text = "[channels.mail]\ntype = \"smtp\"\nsender = \"a@example.org\"";
    let host = variables(&[("LEASEHOLD_CHANNELS_MAIL_HOST", "relay")]);
    assert!(Config::from_toml(text).is_err());
    assert!(Config::from_toml_and(text, host).is_ok());

    let two = format!(
        "{RELAY}[channels.\"mail.eu\"]\ntype = \"file\"\npath = \"-\"\n[channels.mail-eu]\ntype = \"file\"\npath = \"-\""
    );
    let unclear = variables(&[("LEASEHOLD_CHANNELS_MAIL_EU_PATH", "/tmp/x")]);
    assert_eq!(
        Config::from_toml_and(&two, unclear)
            .unwrap_err()
            .to_string(),
        "the variable LEASEHOLD_CHANNELS_MAIL_EU_PATH of the environment: it may mean `channels.mail-eu.path` or \
         `channels.\"mail.eu\".path`: write the value into the file, or give a channel another name"
    );
}

#[test]
fn a_daemon_can_tell_whether_its_deliverer_is_still_the_one_that_is_configured() {
    let dir = tempfile::tempdir().unwrap();
    let key = secret(dir.path(), "key", "one");
    let rule = |to: &str| {
        format!(
            "[[escalations]]\nname = \"all\"\nto = [{{ channel = \"p\", recipient = {to:?} }}]\n"
        )
    };
    let text = |more: &str, to: &str| {
        format!(
            "[channels.p]\ntype = \"pagerduty\"\nrouting_key_file = {key:?}\n{more}\n{}",
            rule(to)
        )
    };
    let read = |more, to| Config::from_toml(&text(more, to)).unwrap().delivery;
    let before = read("", "ada@example.org");
    let built = before.fingerprint();
    // The same, on other lines.
    let same = Config::from_toml(&format!("# ours\n\n{}", text("", "ada@example.org")))
        .unwrap()
        .delivery;
    assert!(same == before && same.fingerprint() == built);
    // Shown alike, and not the same.
    for other in [
        read("concurrency = 2", "ada@example.org"),
        read("", "alan@example.org"),
        Config::from_toml(&format!(
            "[delivery]\ngrace = \"1s\"\n{}",
            text("", "ada@example.org")
        ))
        .unwrap()
        .delivery,
        Config::from_toml("").unwrap().delivery,
    ] {
        assert!(other != before && other.fingerprint() != built);
    }
    // The secret was changed, and not the configuration.
    std::fs::write(&key, "two").unwrap();
    assert!(same == before && same.fingerprint() != built);
    assert_eq!(format!("{built:?}"), "Fingerprint([hidden])");
}

#[test]
fn what_may_be_a_mistake_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let key = secret(dir.path(), "key", "one");
    let text = format!(
        "[channels.pager]\ntype = \"pagerduty\"\nrouting_key_file = {key:?}\n\
         [[escalations]]\nname = \"all\"\nto = [{{ channel = \"pagr\", recipient = \"ops\" }}]"
    );
    let config = Config::from_toml(&text).unwrap();
    let only_the_rule = config.delivery.findings();
    assert_eq!(
        only_the_rule,
        [
            "the rule all tells somebody through the channel pagr, which is not one of [channels]: nobody is told \
          unless another process serves it"
        ]
    );
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let with_the_file = config.delivery.findings();
    assert_eq!(
        with_the_file.first(),
        Some(&format!(
            "channels.pager: every user of this machine can read {key}: take that away, as by chmod 600"
        ))
    );
}

/// What is put under a wrong key may be a secret: no error repeats it.
#[test]
fn no_error_repeats_a_value() {
    let mut told = 0;
    for of in ChannelType::ALL {
        for key in of.keys() {
            for name in key.written().into_iter().chain([key.name.to_owned()]) {
                for value in [
                    "\"hunter2\"",
                    "[\"hunter2\"]",
                    "{ hunter2 = \"hunter2\" }",
                    "[[\"hunter2\"]]",
                ] {
                    let text = format!("[channels.x]\ntype = \"{of}\"\n{name} = {value}");
                    if let Err(error) = Config::from_toml(&text) {
                        let error = error.to_string();
                        assert!(!error.contains("hunter2"), "{text}\n{error}");
                        told += 1;
                    }
                }
            }
        }
    }
    assert!(told > 500, "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// A secret is read from where it is, and is in nothing that is printed.
    #[test]
    fn no_secret_is_ever_shown(secret_text in "[a-zA-Z0-9]{12,40}", person in "[a-z]{12,20}") {
        let dir = tempfile::tempdir().unwrap();
        let token = secret(dir.path(), "token", &secret_text);
        let text = format!(
            "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"{person}@example.org\"\nuser = \"queue\"\n\
             password_file = {token:?}\n\
             [channels.tickets]\ntype = \"ticket\"\nendpoint = \"https://t.example.org/{secret_text}\"\nauth = \"bearer\"\n\
             auth_secret_file = {token:?}\nbody = {{ token = {secret_text:?} }}\nkey_at = \"/key\"\n\
             search_url = \"https://t.example.org/{secret_text}?q={{key}}\"\n\
             [channels.pager]\ntype = \"pagerduty\"\nrouting_key_file = {token:?}\n\
             routing_keys = {{ \"{person}@example.org\" = \"file:{token}\" }}\n\
             [channels.hooks]\ntype = \"webhook\"\nsecret_file = {token:?}\n\
             secrets_of = {{ \"https://h.example.org/{secret_text}\" = \"file:{token}\" }}\n\
             [[escalations]]\nname = \"all\"\nto = [{{ channel = \"mail\", recipient = \"{person}@example.org\" }}]\n"
        );
        let config = Config::from_toml(&text).unwrap();
        // No secret of a webhook is like that: it is refused, in silence on what it is.
        let error = config.delivery.deliverer(store()).unwrap_err();
        let shown = format!(
            "{config} {config:?} {:#?} {:?} {error} {error:?} {:?}",
            config.delivery, config.settings(), config.delivery.findings()
        );
        prop_assert!(!shown.contains(&secret_text), "{}", shown);
        prop_assert!(!shown.contains(&person), "{}", shown);
    }
}
