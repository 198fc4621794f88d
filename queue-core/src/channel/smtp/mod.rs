//! Mail over SMTP, to a relay that takes it from there.

mod alert;
mod connection;
mod letter;
mod mail;
mod pool;
mod settings;
mod verdict;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

use super::{Capabilities, Channel, Gate, Outgoing, Receipt, SendError};
use connection::{Connection, Ended, Fate};
use letter::Letter;
use pool::Pool;
use settings::Settings;

pub use mail::{InvalidMail, Mail};
pub use settings::{InvalidSmtp, SmtpBuilder, SmtpTimeouts, SmtpTls};

/// The content type of a rendered mail, which is sent as it is.
pub const RFC822: &str = "message/rfc822";

/// Mail over SMTP, to a relay that takes it from there.
///
/// [`Mail`] renders what is stored; [`SmtpChannel`] hands it to a relay byte for byte. A payload of type
/// `message/rfc822` is sent as it is, one of an [`Alert`](crate::Alert) becomes a plain text mail on the
/// way; anything else is refused.
///
/// ```no_run
/// use queue_core::channel::{SecretSource, SmtpChannel, SmtpTls};
/// let relay = SmtpChannel::builder("mail.example.org", 587)
///     .hello("app1.example.org")
///     .sender("bounces@example.org")
///     .tls(SmtpTls::StartTls)
///     .credentials_from("shop", SecretSource::File("/run/secrets/smtp".into()))
///     .build()?;
/// # Ok::<(), queue_core::channel::InvalidSmtp>(())
/// ```
///
/// # What is known when something goes wrong
///
/// A relay has taken a mail when it answers the mail's final dot with a yes, and cannot have taken it
/// before the dot left this host. So there is doubt only where the dot left and no answer came:
///
/// | what happened | what follows |
/// |---|---|
/// | the name does not resolve, no connection, no TLS, no answer, or the connection breaks before the dot left | not sent, tried again |
/// | an answer 4yz at any stage, also to the dot; 421 | not taken, tried again; where it is about who we are (4.7.x, greylisting), in 5 minutes at the earliest |
/// | 5yz at any stage, also to the dot | refused for good |
/// | the dot left, and then silence, a broken connection, or what is no answer | nobody knows |
/// | 2yz to the dot | taken; the relay's text is kept, since it mostly names its id for the mail |
///
/// Where an enhanced status code (RFC 3463) and the code before it disagree on whether a refusal is for
/// good, the enhanced one is believed. It also says whose fault a refusal is:
///
/// | answer | fault |
/// |---|---|
/// | anything 5yz before MAIL: the relay has seen nothing of the mail | ours |
/// | 5.7.x, 530, 534, 535, 538; 5.1.7, 5.1.8; to MAIL also 5.1.x and a bare 550, 553, 554 | ours |
/// | STARTTLS or AUTH is needed and not offered | ours |
/// | 5.1.1, 5.1.2, 5.1.3, 5.1.10 to RCPT or later | the recipient's |
/// | anything else, also a bare 550 to RCPT, and 5.2.2, a full mailbox | the message's |
///
/// A relay that took a mail has not delivered it: what goes wrong later comes back as a mail to the
/// envelope's sender, and is not seen here. Nor can a relay be asked for a mail: a doubt is for an operator,
/// who finds the mail by its `Message-ID` in the relay's log.
///
/// # What is sent
///
/// Lines end with CRLF. A message with a CR or LF of its own is refused: mended it would not be what was
/// stored, and unmended some relays see its end where it is not. A message whose last line has no CRLF gets
/// one on the wire: SMTP has no other way to end a message.
pub struct SmtpChannel {
    settings: Settings,
    slots: Semaphore,
    pool: Arc<Pool>,
}

impl SmtpChannel {
    /// A channel to the relay at that host and port; see [`SmtpBuilder`].
    pub fn builder(host: impl Into<String>, port: u16) -> SmtpBuilder {
        SmtpBuilder::new(host.into(), port)
    }

    fn of(settings: Settings) -> Self {
        Self {
            slots: Semaphore::new(settings.max_connections),
            pool: Pool::new(settings.idle),
            settings,
        }
    }
}

#[async_trait]
impl Channel for SmtpChannel {
    /// None: a relay takes the same mail twice, and cannot be asked for it.
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let letter = Letter::of(message, &self.settings.sender)?;
        // Nobody closes it.
        let _slot = self.slots.acquire().await;
        gate.connecting();
        let mut pooled = self.pool.take();
        loop {
            let mut connection = match pooled.take() {
                Some(connection) => connection,
                None => Connection::open(&self.settings, message.recipient()).await?,
            };
            // The connection is this future's: if that is dropped, so is the connection.
            match connection.hand_over(&self.settings, &letter, gate).await {
                Ended::Known(result, fate) => {
                    match fate {
                        Fate::Use => self.pool.put(connection),
                        Fate::Part => connection.part("enough mails"),
                        Fate::Drop => tracing::debug!(why = "trouble", "smtp connection closed"),
                    }
                    return result;
                }
                // The relay closed it while nobody looked. Nothing was said about the mail, and a new
                // connection is never dead at its first command.
                Ended::Dead => {}
            }
        }
    }
}

impl fmt::Debug for SmtpChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpChannel").field(&self.settings).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::sync::atomic::AtomicI16;

    use super::*;
    use crate::channel::{GateShut, Noting};
    use crate::{
        ChannelName, DeliveryPhase, Intent, Payload, Purpose, Recipient, Revision, Subject, codes,
    };

    struct Lost;

    #[async_trait]
    impl Noting for Lost {
        async fn commit(&self) -> Result<(), GateShut> {
            Err(GateShut::LeaseLost)
        }
    }

    /// A relay that takes one mail as far as DATA, and gives back what comes after that.
    fn relay() -> (u16, std::thread::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = std::thread::spawn(move || {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            reader.get_mut().write_all(b"220 relay\r\n").unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let data = line == "DATA\r\n";
                let answer: &[u8] = if data {
                    b"354 go\r\n"
                } else {
                    b"250 relay\r\n"
                };
                reader.get_mut().write_all(answer).unwrap();
                if data {
                    let mut rest = Vec::new();
                    reader.read_to_end(&mut rest).unwrap();
                    return rest;
                }
            }
        });
        (port, serving)
    }

    #[tokio::test]
    async fn a_gate_that_is_shut_after_the_relay_said_go_keeps_all_of_the_mail_here() {
        let (port, serving) = relay();
        let channel = SmtpChannel::builder("127.0.0.1", port)
            .tls(SmtpTls::None)
            .sender("bounces@example.org")
            .build()
            .unwrap();
        let intent = Intent {
            channel: ChannelName::new("email").unwrap(),
            purpose: Purpose::new("invoice").unwrap(),
            subject: Subject::new("order:42").unwrap(),
            recipient: Recipient::new("ada@example.org").unwrap(),
            revision: Revision::new(1),
        };
        let payload = Payload::new("Subject: x\r\n\r\nhello\r\n", RFC822).unwrap();
        let reached = Arc::new(AtomicI16::new(codes::phase_code(DeliveryPhase::Leased)));
        let mut gate = Gate::noted(Box::new(Lost), reached);
        let result = channel
            .send(&Outgoing::new(intent, payload), &mut gate)
            .await;
        assert_eq!(result, Err(SendError::Stopped(GateShut::LeaseLost)));
        assert_eq!(gate.reached(), DeliveryPhase::Connecting);
        // No dot, no QUIT that would be a part of the mail: nothing.
        assert_eq!(serving.join().unwrap(), b"");
    }
}
