//! How a relay is reached, and what may be said to it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use lettre::Address;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};

use super::SmtpChannel;
use crate::channel::{Redactor, SecretSource, SecretUnavailable, mask};

/// Whether, and from when on, a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Not at all: for a relay on this machine, and refused for any other.
    None,
    /// From STARTTLS on, mostly on port 587 or 25. A relay that does not offer it gets nothing.
    StartTls,
    /// From its first byte, mostly on port 465.
    Implicit,
}

/// For how long each answer may take. The defaults are those of RFC 5321, section 4.5.3.2: a relay that
/// is slow after the final dot is likely to have taken the message, and whoever gives up on it early is
/// left with a doubt that patience would have spared.
///
/// ```
/// use std::time::Duration;
/// use queue_core::channel::SmtpTimeouts;
/// let hasty = SmtpTimeouts { connect: Duration::from_secs(3), ..SmtpTimeouts::default() };
/// assert_eq!(hasty.end, Duration::from_secs(600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// Resolving the host's name and connecting, over all of its addresses.
    pub connect: Duration,
    /// Until the far side has greeted; TLS from the first byte is part of that.
    pub greeting: Duration,
    /// For each of EHLO, STARTTLS with its handshake, AUTH and RSET.
    pub command: Duration,
    /// For the answer to MAIL.
    pub mail: Duration,
    /// For the answer to RCPT.
    pub rcpt: Duration,
    /// For the answer to DATA.
    pub data: Duration,
    /// Until a piece of the message is taken off our hands.
    pub block: Duration,
    /// For the answer to the final dot.
    pub end: Duration,
}

impl SmtpTimeouts {
    /// The same for each of them: for tests.
    #[must_use]
    pub fn all(limit: Duration) -> Self {
        Self {
            connect: limit,
            greeting: limit,
            command: limit,
            mail: limit,
            rcpt: limit,
            data: limit,
            block: limit,
            end: limit,
        }
    }

    fn shortest(&self) -> Duration {
        let most = self.connect.min(self.greeting).min(self.command);
        let rest = self.mail.min(self.rcpt).min(self.data);
        most.min(rest).min(self.block).min(self.end)
    }
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            mail: minutes(5),
            rcpt: minutes(5),
            data: minutes(2),
            block: minutes(3),
            end: minutes(10),
        }
    }
}

/// A channel over SMTP cannot be made of what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the SMTP channel's {what} {problem}")]
pub struct InvalidSmtp {
    /// Which setting.
    pub what: &'static str,
    /// What is wrong with it, and what to write instead.
    pub problem: String,
}

fn invalid(what: &'static str, problem: impl Into<String>) -> InvalidSmtp {
    let problem = problem.into();
    InvalidSmtp { what, problem }
}

/// Where the password is.
#[derive(Clone)]
enum Password {
    Given(SecretString),
    Source(SecretSource),
}

/// Who we are to the relay.
#[derive(Clone)]
struct Login {
    user: String,
    password: Password,
}

/// Makes an [`SmtpChannel`].
///
/// ```
/// use queue_core::channel::{SecretSource, SmtpChannel, SmtpTls};
/// let relay = SmtpChannel::builder("mail.example.org", 587)
///     .sender("bounces@example.org")
///     .tls(SmtpTls::StartTls)
///     .credentials_from("shop", SecretSource::Credential("smtp-password".into()))
///     .max_connections(4)
///     .build()?;
/// // What cannot work is refused, with what to write instead.
/// let refused = SmtpChannel::builder("mail.example.org", 25)
///     .sender("bounces@example.org")
///     .tls(SmtpTls::None)
///     .build()
///     .unwrap_err();
/// assert!(refused.to_string().contains("write SmtpTls::StartTls"));
/// # Ok::<(), queue_core::channel::InvalidSmtp>(())
/// ```
#[derive(Clone)]
#[must_use = "it makes a channel only by build()"]
pub struct SmtpBuilder {
    host: String,
    port: u16,
    hello: Option<String>,
    sender: Option<String>,
    tls: SmtpTls,
    roots: Vec<Vec<u8>>,
    login: Option<Login>,
    timeouts: SmtpTimeouts,
    max_connections: usize,
    max_mails: u32,
    idle: Duration,
    pipelining: bool,
}

impl SmtpBuilder {
    pub(super) fn new(host: String, port: u16) -> Self {
        Self {
            host,
            port,
            hello: None,
            sender: None,
            tls: SmtpTls::StartTls,
            roots: Vec::new(),
            login: None,
            timeouts: SmtpTimeouts::default(),
            max_connections: 16,
            max_mails: 100,
            idle: Duration::from_secs(60),
            pipelining: true,
        }
    }

    /// What we call ourselves in EHLO: this host's full name, or an address in brackets like
    /// `[192.0.2.1]`. The default is what the system calls this host.
    pub fn hello(mut self, name: impl Into<String>) -> Self {
        self.hello = Some(name.into());
        self
    }

    /// The sender on the envelope: the address that failed deliveries are reported to. The mail's `From`
    /// is something else, and within the mail.
    pub fn sender(mut self, address: impl Into<String>) -> Self {
        self.sender = Some(address.into());
        self
    }

    /// Whether, and from when on, connections are encrypted; [`SmtpTls::StartTls`] by default.
    pub fn tls(mut self, tls: SmtpTls) -> Self {
        self.tls = tls;
        self
    }

    /// Trusts these certificates too, as PEM, beside those that the system trusts: for a relay whose
    /// certificate comes from an authority of one's own.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Signs in, by PLAIN or LOGIN. Only over an encrypted connection, or to a relay on this machine.
    pub fn credentials(mut self, user: impl Into<String>, password: SecretString) -> Self {
        let password = Password::Given(password);
        self.login = Some(Login {
            user: user.into(),
            password,
        });
        self
    }

    /// As [`Self::credentials`], with a password that is read for each connection, so that one that was
    /// changed is found without a restart.
    pub fn credentials_from(mut self, user: impl Into<String>, password: SecretSource) -> Self {
        let password = Password::Source(password);
        self.login = Some(Login {
            user: user.into(),
            password,
        });
        self
    }

    /// For how long each answer may take.
    pub fn timeouts(mut self, timeouts: SmtpTimeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How many connections there are at most, 16 by default. Sends beyond that wait for one.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// After how many mails a connection is replaced by a new one, 100 by default: relays have limits.
    pub fn max_mails_per_connection(mut self, mails: u32) -> Self {
        self.max_mails = mails;
        self
    }

    /// For how long an unused connection is kept, 60 seconds by default.
    pub fn idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Whether MAIL, RCPT and DATA may leave in one write where the relay offers it (RFC 2920), which
    /// spares two round trips per mail. It may, by default.
    pub fn pipelining(mut self, pipelining: bool) -> Self {
        self.pipelining = pipelining;
        self
    }

    /// The channel, if all of that can work together. Nothing is connected yet.
    pub fn build(self) -> Result<SmtpChannel, InvalidSmtp> {
        Ok(SmtpChannel::of(self.check()?))
    }

    fn check(self) -> Result<Settings, InvalidSmtp> {
        let host = self
            .host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let named = !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte));
        if !named {
            return Err(invalid(
                "host",
                "is no name or IP address: write mail.example.org or 192.0.2.1, and the port beside it",
            ));
        }
        if self.port == 0 {
            return Err(invalid(
                "port",
                "is 0: write 587, 465 or 25, as the relay has it",
            ));
        }
        let local = is_local(&host);
        if self.tls == SmtpTls::None && !local {
            return Err(invalid(
                "tls",
                format!(
                    "is off for {host}, so that anybody on the way could read mails and passwords: write \
                     SmtpTls::StartTls or SmtpTls::Implicit; only localhost and its addresses go without"
                ),
            ));
        }
        let sender = sender(self.sender.as_deref())?;
        let hello = hello(self.hello.as_deref())?;
        if let Some(login) = &self.login
            && (login.user.is_empty() || login.user.contains(char::is_control))
        {
            return Err(invalid(
                "user",
                "is empty or has control characters: write the name that the relay knows us by",
            ));
        }
        if self.timeouts.shortest().is_zero() {
            return Err(invalid(
                "timeouts",
                "have a zero, so that no answer could come in time: leave the default where none is needed",
            ));
        }
        if !(1..=1000).contains(&self.max_connections) {
            return Err(invalid(
                "max_connections",
                "are not 1 to 1000: most relays take 4 to 20",
            ));
        }
        if self.max_mails == 0 {
            return Err(invalid(
                "max_mails_per_connection",
                "are 0: write 1 for a new connection per mail",
            ));
        }
        let roots = roots(&self.roots)?;
        let tls = match self.tls {
            SmtpTls::None if self.roots.is_empty() => None,
            SmtpTls::None => {
                return Err(invalid(
                    "root_certificates",
                    "are of no use without TLS: write SmtpTls::StartTls or SmtpTls::Implicit",
                ));
            }
            SmtpTls::StartTls | SmtpTls::Implicit => Some(tls(&host, roots)?),
        };
        Ok(Settings {
            host,
            port: self.port,
            local_only: self.tls == SmtpTls::None,
            mode: self.tls,
            tls,
            hello,
            sender,
            login: self.login,
            timeouts: self.timeouts,
            max_connections: self.max_connections,
            max_mails: self.max_mails,
            idle: self.idle,
            pipelining: self.pipelining,
        })
    }
}

impl fmt::Debug for SmtpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpBuilder")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Whether a host is this machine by its name.
fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn sender(address: Option<&str>) -> Result<Address, InvalidSmtp> {
    let address = address.ok_or_else(|| {
        invalid(
            "sender",
            "is missing: write .sender(\"bounces@example.org\"), an address of yours",
        )
    })?;
    if address.contains(char::is_control) {
        return Err(invalid(
            "sender",
            "has control characters: write bounces@example.org",
        ));
    }
    address.parse().map_err(|error| {
        invalid(
            "sender",
            format!(
                "{} is no address ({error}): write one like bounces@example.org, without a name",
                mask(address)
            ),
        )
    })
}

fn hello(name: Option<&str>) -> Result<ClientId, InvalidSmtp> {
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        (1..=255).contains(&name.len()) && name.bytes().all(plain)
    };
    let Some(name) = name else {
        return Ok(match ClientId::default() {
            // A system may call itself anything.
            ClientId::Domain(name) if !is_name(&name) => {
                ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST)
            }
            usable => usable,
        });
    };
    let literal = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    match literal.map(|literal| literal.trim_start_matches("IPv6:").parse()) {
        Some(Ok(IpAddr::V4(address))) => Ok(ClientId::Ipv4(address)),
        Some(Ok(IpAddr::V6(address))) => Ok(ClientId::Ipv6(address)),
        None if is_name(name) => Ok(ClientId::Domain(name.to_owned())),
        _ => Err(invalid(
            "hello",
            "is no host name: write the full name of this host, like app1.example.org, or [192.0.2.1]",
        )),
    }
}

fn roots(pems: &[Vec<u8>]) -> Result<Vec<Certificate>, InvalidSmtp> {
    let wrong = |problem: &str| {
        invalid(
            "root_certificates",
            format!("{problem}: write PEM, which begins with -----BEGIN CERTIFICATE-----"),
        )
    };
    let mut roots = Vec::new();
    for pem in pems {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| wrong("are damaged"))?;
            let root = Certificate::from_der(certificate.to_vec());
            roots.push(root.map_err(|_| wrong("are damaged"))?);
        }
        if roots.len() == before {
            return Err(wrong("have no certificate"));
        }
    }
    Ok(roots)
}

fn tls(host: &str, roots: Vec<Certificate>) -> Result<TlsParameters, InvalidSmtp> {
    let mut builder = TlsParameters::builder(host.to_owned());
    for root in roots {
        builder = builder.add_root_certificate(root);
    }
    builder
        .build()
        .map_err(|error| invalid("root_certificates", format!("are of no use: {error}")))
}

/// What was checked: all of it can work together.
pub(super) struct Settings {
    pub(super) host: String,
    pub(super) port: u16,
    /// Only addresses of this machine, whatever the name leads to.
    pub(super) local_only: bool,
    pub(super) mode: SmtpTls,
    pub(super) tls: Option<TlsParameters>,
    pub(super) hello: ClientId,
    pub(super) sender: Address,
    login: Option<Login>,
    pub(super) timeouts: SmtpTimeouts,
    pub(super) max_connections: usize,
    pub(super) max_mails: u32,
    pub(super) idle: Duration,
    pub(super) pipelining: bool,
}

/// A password as it is now, and what keeps it out of texts.
pub(super) struct Entry {
    pub(super) login: Option<(String, SecretString)>,
    pub(super) redactor: Redactor,
}

impl Settings {
    /// Reads what is needed to sign in, as it is now.
    pub(super) fn entry(&self) -> Result<Entry, SecretUnavailable> {
        let Some(login) = &self.login else {
            return Ok(Entry {
                login: None,
                redactor: Redactor::default(),
            });
        };
        let password = match &login.password {
            Password::Given(password) => password.clone(),
            Password::Source(source) => source.read()?,
        };
        let user = login.user.as_str();
        let plain = password.expose_secret();
        // A far side may repeat what it was sent, and that was encoded.
        let redactor = Redactor::new([
            plain.into(),
            BASE64.encode(plain).into(),
            user.into(),
            BASE64.encode(user).into(),
            BASE64.encode(format!("\0{user}\0{plain}")).into(),
        ]);
        let login = Some((user.to_owned(), password));
        Ok(Entry { login, redactor })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.mode)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(SmtpBuilder) -> SmtpBuilder) -> String {
        let builder = SmtpBuilder::new("localhost".into(), 25)
            .tls(SmtpTls::None)
            .sender("bounces@example.org");
        change(builder).build().unwrap_err().to_string()
    }

    #[tokio::test]
    async fn nonsense_is_refused_with_what_to_write_instead() {
        let table: [(String, &str); 13] = [
            (
                refused(|b| SmtpBuilder {
                    host: String::new(),
                    ..b
                }),
                "host is no name",
            ),
            (
                refused(|b| SmtpBuilder {
                    host: "a b\r\n".into(),
                    ..b
                }),
                "host is no name",
            ),
            (refused(|b| SmtpBuilder { port: 0, ..b }), "write 587"),
            (
                refused(|b| SmtpBuilder {
                    host: "mx.example.org".into(),
                    ..b
                }),
                "write SmtpTls::StartTls",
            ),
            (
                refused(|b| SmtpBuilder { sender: None, ..b }),
                "write .sender(",
            ),
            (refused(|b| b.sender("nobody")), "write one like"),
            (
                refused(|b| b.sender("a@example.org\r\nRCPT TO:<x>")),
                "control characters",
            ),
            (refused(|b| b.hello("me\r\nMAIL")), "write the full name"),
            (refused(|b| b.credentials("", "x".into())), "user is empty"),
            (
                refused(|b| b.timeouts(SmtpTimeouts::all(Duration::ZERO))),
                "have a zero",
            ),
            (refused(|b| b.max_connections(0)), "1 to 1000"),
            (refused(|b| b.max_mails_per_connection(0)), "write 1"),
            (
                refused(|b| b.root_certificates("nothing").tls(SmtpTls::Implicit)),
                "no certificate",
            ),
        ];
        for (error, part) in table {
            assert!(error.contains(part), "{error} says not: {part}");
        }
        let error = refused(|b| b.sender("ada@nowhere at all"));
        assert!(!error.contains("ada@"), "{error}");
    }

    #[test]
    fn hosts_of_this_machine_are_known() {
        for local in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_local(local), "{local}");
        }
        for other in ["192.0.2.1", "localhost.example.org", "::2", "0.0.0.0"] {
            assert!(!is_local(other), "{other}");
        }
    }

    #[tokio::test]
    async fn debug_texts_have_no_secrets_and_no_addresses() {
        let builder = SmtpBuilder::new("localhost".into(), 25)
            .tls(SmtpTls::None)
            .sender("bounces@example.org")
            .credentials("CANARY-user", "CANARY-password".into());
        let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
        assert!(
            !shown.contains("CANARY") && !shown.contains("bounces@"),
            "{shown}"
        );
    }
}
