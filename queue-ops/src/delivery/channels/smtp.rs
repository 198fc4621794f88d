//! Mail, by a relay.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key("host", Shape::Text, "the relay's name or IP address").required(),
    key("port", Shape::Number(1, 65_535), "its port: 587, 465 or 25, as it has it").or("587"),
    key(
        "tls",
        Shape::Choice(&["starttls", "implicit", "none"]),
        "from when on connections are encrypted: starttls, implicit (from the first byte, mostly on port 465), or none for a relay on this machine",
    )
    .or("\"starttls\""),
    key(
        "sender",
        Shape::Masked,
        "the sender on the envelope: an address that failed deliveries are reported to",
    )
    .required(),
    key(
        "hello",
        Shape::Text,
        "what we call ourselves: this host's full name, or an address in brackets; as the system calls it unless it is said",
    ),
    key("user", Shape::Text, "who we are to the relay, if it asks"),
    key("password", Shape::Secret, "the user's password, read for each connection"),
    key(
        "root_certificates",
        Shape::Paths,
        "files in PEM with certificates that are trusted besides the system's",
    ),
    key(
        "max_connections",
        Shape::Number(1, 1_000),
        "how many connections there are at most",
    )
    .or("16"),
    key(
        "max_mails_per_connection",
        Shape::Number(1, 1_000_000),
        "after how many mails a connection is replaced",
    )
    .or("100"),
    key("idle", Shape::Span, "how long an unused connection is kept").or("\"1m\""),
    key(
        "pipelining",
        Shape::Flag,
        "whether commands may leave in one write where the relay offers it",
    )
    .or("true"),
    key(
        "connect_timeout",
        Shape::Span,
        "how long resolving the host's name and connecting may take",
    )
    .or("\"30s\""),
    key(
        "greeting_timeout",
        Shape::Span,
        "how long the relay may take to greet, TLS from the first byte included",
    )
    .or("\"5m\""),
    key(
        "command_timeout",
        Shape::Span,
        "how long each of EHLO, STARTTLS, AUTH and RSET may take",
    )
    .or("\"5m\""),
    key("mail_timeout", Shape::Span, "how long the answer to MAIL may take").or("\"5m\""),
    key("rcpt_timeout", Shape::Span, "how long the answer to RCPT may take").or("\"5m\""),
    key("data_timeout", Shape::Span, "how long the answer to DATA may take").or("\"2m\""),
    key(
        "block_timeout",
        Shape::Span,
        "how long the relay may take to accept a piece of the message",
    )
    .or("\"3m\""),
    key(
        "end_timeout",
        Shape::Span,
        "how long the answer to the final dot may take: who gives up early is left in doubt",
    )
    .or("\"10m\""),
];

#[cfg(feature = "smtp")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use crate::delivery::policy::set;
    use queue_core::channel::{SmtpChannel, SmtpTimeouts, SmtpTls};

    let host = values.text("host").unwrap_or_default();
    let mode = values.text("tls");
    let mut relay = SmtpChannel::builder(host, values.number("port").unwrap_or(587))
        .sender(values.text("sender").unwrap_or_default())
        .tls(match mode {
            Some("none") => SmtpTls::None,
            Some("implicit") => SmtpTls::Implicit,
            _ => SmtpTls::StartTls,
        });
    relay = match (values.text("user"), values.source("password")) {
        (Some(user), Some(password)) => relay.credentials_from(user, password),
        (None, None) => relay,
        (Some(_), None) => {
            return Err("`user` has no password: name where it is, by `password_file`, `password_credential` or \
                 `password_env`"
                .to_owned());
        }
        (None, Some(_)) => return Err("there is a password and no user: write `user`".to_owned()),
    };
    if let Some(name) = values.text("hello") {
        relay = relay.hello(name);
    }
    for pem in values.files("root_certificates")? {
        relay = relay.root_certificates(pem);
    }
    if let Some(most) = values.number("max_connections") {
        relay = relay.max_connections(most);
    }
    if let Some(most) = values.number("max_mails_per_connection") {
        relay = relay.max_mails_per_connection(most);
    }
    if let Some(idle) = values.span("idle") {
        relay = relay.idle(idle);
    }
    if let Some(pipelining) = values.flag("pipelining") {
        relay = relay.pipelining(pipelining);
    }
    let mut limits = SmtpTimeouts::default();
    set(&mut limits.connect, values.span("connect_timeout"));
    set(&mut limits.greeting, values.span("greeting_timeout"));
    set(&mut limits.command, values.span("command_timeout"));
    set(&mut limits.mail, values.span("mail_timeout"));
    set(&mut limits.rcpt, values.span("rcpt_timeout"));
    set(&mut limits.data, values.span("data_timeout"));
    set(&mut limits.block, values.span("block_timeout"));
    set(&mut limits.end, values.span("end_timeout"));
    match relay.timeouts(limits).build() {
        Ok(relay) => Ok(std::sync::Arc::new(relay)),
        // In the words of a configuration.
        Err(error) if error.what == "tls" => Err(
            "`tls = \"none\"` is for a relay on this machine: to another anybody on the way could read mails \
             and passwords; write \"starttls\" or \"implicit\""
                .to_owned(),
        ),
        Err(error) => Err(format!("`{}` {}", error.what, error.problem)),
    }
}
