//! One connection to a relay: opening it, and handing mails over.

use std::fmt::{self, Display};
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::io::{AsyncRead as _, AsyncWrite as _};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
#[expect(
    deprecated,
    reason = "nothing else encrypts a stream that is not lettre's own before it greets"
)]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Ehlo, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::letter::Letter;
use super::settings::{Entry, Settings, SmtpTls};
use super::verdict::{Stage, Stopped};
use super::wire::{Line, Wire};
use crate::Recipient;
use crate::channel::{Gate, GateShut, Receipt, Redactor, SendError};

/// How much of a long message is encoded and written at once.
const PIECE: usize = 64 * 1024;

/// How long a far side that stopped listening is listened to: it may have said why before.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long a relay may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a relay can do beyond what `lettre` keeps of its answer to EHLO.
#[derive(Debug, Clone, Copy, Default)]
struct Offers {
    pipelining: bool,
    size: bool,
}

/// How handing a mail over ended.
pub(super) enum Ended {
    /// It was taken, or not, and that is certain or in doubt.
    Known(Result<Receipt, SendError>, Fate),
    /// The connection was dead before anything was said about the mail; a new one may not be.
    Dead,
}

/// What a connection is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// For another mail.
    Use,
    /// For a goodbye.
    Part,
    /// For nothing: whatever is said into it may be taken for a part of the mail.
    Drop,
}

enum Halt {
    Gate(GateShut),
    Stopped(Stopped),
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

/// An open connection. It belongs to whoever hands a mail over: dropped in the middle, it is closed, and
/// the mail's final dot never leaves.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    line: Arc<Line>,
    redactor: Redactor,
    offers: Offers,
    mails: u32,
    /// A transaction was begun and has to be forgotten by the far side.
    begun: bool,
    pub(super) used: Instant,
}

impl Connection {
    /// Connects, encrypts and signs in.
    pub(super) async fn open(
        settings: &Settings,
        recipient: &Recipient,
    ) -> Result<Self, SendError> {
        let entry = settings
            .entry()
            .map_err(|error| SendError::not_ready(format!("AUTH: {error}")))?;
        match Self::establish(settings, &entry).await {
            Ok((smtp, line, offers)) => {
                tracing::debug!(
                    host = settings.host,
                    port = settings.port,
                    "smtp connection opened"
                );
                Ok(Self {
                    smtp,
                    line,
                    redactor: entry.redactor,
                    offers,
                    mails: 0,
                    begun: false,
                    used: Instant::now(),
                })
            }
            Err(stopped) => Err(stopped.verdict(&entry.redactor, recipient)),
        }
    }

    async fn establish(
        settings: &Settings,
        entry: &Entry,
    ) -> Result<(AsyncSmtpConnection, Arc<Line>, Offers), Stopped> {
        let limits = &settings.timeouts;
        let tcp = timeout(limits.connect, connect(settings))
            .await
            .map_err(|_| Stopped::silent(Stage::Connect, limits.connect))??;
        let (wire, line) = Wire::new(tcp, settings.mode == SmtpTls::StartTls);

        let greeted_by = Instant::now() + limits.greeting;
        let stream: Box<dyn AsyncTokioStream> = match (settings.mode, &settings.tls) {
            (SmtpTls::Implicit, Some(tls)) => {
                #[expect(deprecated, reason = "as its import says")]
                let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(wire));
                timeout_at(greeted_by, stream.upgrade_tls(tls.clone()))
                    .await
                    .map_err(|_| Stopped::silent(Stage::Tls, limits.greeting))?
                    .map_err(|error| Stopped::of(Stage::Tls, &error))?;
                Box::new(Encrypted(stream))
            }
            _ => Box::new(wire),
        };
        // The greeting and EHLO are one call: which of the two it is about, the wire knows.
        let already = settings.mode == SmtpTls::Implicit;
        let greeted = Greeted {
            line: &line,
            spoken: already.then(|| line.moved()),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &settings.hello);
        let done = until(greeting, || {
            if greeted.is_over() {
                line.moved() + limits.command
            } else {
                greeted_by
            }
        });
        let mut smtp = match done.await {
            Some(done) => done,
            None if greeted.is_over() => {
                return Err(Stopped::silent(Stage::Hello, limits.command));
            }
            None => return Err(Stopped::silent(Stage::Greeting, limits.greeting)),
        }
        .map_err(|error| {
            let at = if greeted.is_over() {
                Stage::Hello
            } else {
                Stage::Greeting
            };
            Stopped::of(at, &error)
        })?;

        if let (SmtpTls::StartTls, Some(tls)) = (settings.mode, &settings.tls) {
            if !smtp.can_starttls() {
                return Err(Stopped::unusable(
                    Stage::Tls,
                    "the relay does not offer it, and without it nothing may be sent: ask whoever runs the \
                     relay, or use its port for SmtpTls::Implicit",
                ));
            }
            let encrypting = smtp.starttls(tls.clone(), &settings.hello);
            within(Stage::Tls, limits.command, encrypting).await?;
        }
        let offers = if settings.pipelining {
            offers(&mut smtp, settings).await?
        } else {
            Offers::default()
        };
        if let Some((user, password)) = &entry.login {
            let offered = smtp.server_info();
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            if offered.get_auth_mechanism(&mechanisms).is_none() {
                return Err(Stopped::unusable(
                    Stage::Auth,
                    "the relay offers neither PLAIN nor LOGIN: it may want TLS first, or no credentials",
                ));
            }
            let password = password.expose_secret().to_owned();
            let credentials = Credentials::new(user.clone(), password);
            let signing_in = smtp.auth(&mechanisms, &credentials);
            within(Stage::Auth, limits.command, signing_in).await?;
        }
        Ok((smtp, line, offers))
    }

    /// Hands one mail over.
    pub(super) async fn hand_over(
        &mut self,
        settings: &Settings,
        letter: &Letter<'_>,
        gate: &mut Gate,
    ) -> Ended {
        if let Err(refused) = self.can_take(settings, letter) {
            return Ended::Known(Err(refused), Fate::Use);
        }
        let taken = self.transact(settings, letter, gate).await;
        self.mails += 1;
        self.used = Instant::now();
        let on = if self.mails < settings.max_mails {
            Fate::Use
        } else {
            Fate::Part
        };
        let stopped = match taken {
            Ok(text) => {
                let text = self.redactor.text(text.trim(), letter.recipient);
                return Ended::Known(Ok(Receipt::with_id(&text)), on);
            }
            Err(Halt::Gate(shut)) => return Ended::Known(Err(shut.into()), Fate::Drop),
            Err(Halt::Stopped(stopped)) => stopped,
        };
        let error = stopped.verdict(&self.redactor, letter.recipient);
        if stopped.at == Stage::Mail && self.mails > 1 && stopped.is_dead_line() {
            return Ended::Dead;
        }
        // A refused MAIL is rare, and says that something is wrong between the two of us.
        let goes_on = match stopped.at {
            Stage::Rcpt | Stage::Data => stopped.is_answer() && self.begun,
            Stage::End => stopped.is_answer(),
            _ => false,
        };
        Ended::Known(Err(error), if goes_on { on } else { Fate::Drop })
    }

    /// What needs an extension that the relay does not have is not begun.
    fn can_take(&self, settings: &Settings, letter: &Letter<'_>) -> Result<(), SendError> {
        let lacks = |extension| !self.smtp.server_info().supports_feature(extension);
        if international(settings, letter) && lacks(Extension::SmtpUtfEight) {
            return Err(SendError::message_refused(
                "an address has characters beyond ASCII, and the relay does not offer SMTPUTF8",
            ));
        }
        if !letter.is_ascii() && lacks(Extension::EightBitMime) {
            return Err(SendError::message_refused(
                "the message has bytes beyond ASCII, and the relay does not offer 8BITMIME: render it with \
                 channel::Mail, which encodes them",
            ));
        }
        Ok(())
    }

    async fn transact(
        &mut self,
        settings: &Settings,
        letter: &Letter<'_>,
        gate: &mut Gate,
    ) -> Result<String, Halt> {
        let limits = &settings.timeouts;
        if self.begun {
            let forgotten = self.ask(Stage::Mail, limits.command, Rset).await;
            // Whatever it says against that, it is not about this mail.
            forgotten.map_err(|_| Stopped::broken(Stage::Mail, "RSET was refused"))?;
            self.begun = false;
        }
        let mut parameters = Vec::new();
        if self.offers.size {
            parameters.push(MailParameter::Size(letter.size()));
        }
        if !letter.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if international(settings, letter) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(Some(settings.sender.clone()), parameters);
        let rcpt = Rcpt::new(letter.to.clone(), Vec::new());
        let ready = if self.offers.pipelining {
            let all = format!("{mail}{rcpt}{Data}");
            self.ask(Stage::Mail, limits.mail, all).await?;
            let named = self.listen(Stage::Rcpt, limits.rcpt).await;
            if let Err(refused) = named {
                // The answer to DATA has to be read all the same. Where it is yes, the far side waits for
                // a message to nobody: what ends that is the end of the connection, and no dot.
                if refused.is_answer() {
                    let ready = self.listen(Stage::Data, limits.data).await;
                    self.begun = ready.is_err_and(|no| no.is_answer());
                }
                return Err(refused.into());
            }
            self.listen(Stage::Data, limits.data).await
        } else {
            self.ask(Stage::Mail, limits.mail, mail).await?;
            self.begun = true;
            self.ask(Stage::Rcpt, limits.rcpt, rcpt).await?;
            self.ask(Stage::Data, limits.data, Data).await
        };
        // Whatever comes next, the transaction is over or the connection is.
        self.begun = ready.is_err();
        let ready = ready?;
        if !ready.has_code(354) {
            self.begun = false;
            return Err(unexpected(Stage::Data, &ready).into());
        }
        gate.commit().await.map_err(Halt::Gate)?;
        let taken = self.write(settings, letter).await?;
        if taken.code().severity != Severity::PositiveCompletion {
            return Err(unexpected(Stage::End, &taken).into());
        }
        Ok(taken.message().collect::<Vec<_>>().join(" "))
    }

    /// Writes the message and its final dot, and waits for the answer to that.
    async fn write(
        &mut self,
        settings: &Settings,
        letter: &Letter<'_>,
    ) -> Result<Response, Stopped> {
        let limits = &settings.timeouts;
        let line = Arc::clone(&self.line);
        line.begin(letter.body().len());
        // It is asked for another piece only when the one before was written and flushed.
        let mut pieces = letter.body().chunks(PIECE);
        let pieces = std::iter::from_fn(|| {
            let piece = pieces.next();
            if piece.is_none() {
                line.end();
            }
            piece
        });
        let writing = self.smtp.message_iter(pieces);
        let result = until(writing, || {
            let limit = if line.ended() {
                limits.end
            } else {
                limits.block
            };
            line.moved() + limit
        })
        .await
        .map_or(Err(None), |result| result.map_err(Some));
        let error = match result {
            Ok(response) => return Ok(response),
            Err(error) => error,
        };
        if line.ended() {
            return Err(match error {
                Some(error) => Stopped::of(Stage::End, &error),
                None => Stopped::silent(Stage::End, limits.end),
            });
        }
        // It does not read any more, and may have said why.
        if let Ok(Err(said)) = timeout(LAST_WORDS, self.smtp.read_response()).await
            && said.status().is_some()
        {
            return Err(Stopped::of(Stage::Body, &said));
        }
        Err(match error {
            Some(error) => Stopped::of(Stage::Body, &error),
            None => Stopped::silent(Stage::Body, limits.block),
        })
    }

    async fn ask<C: Display>(
        &mut self,
        at: Stage,
        limit: Duration,
        command: C,
    ) -> Result<Response, Stopped> {
        let answer = within(at, limit, self.smtp.command(command)).await?;
        completed(at, answer)
    }

    async fn listen(&mut self, at: Stage, limit: Duration) -> Result<Response, Stopped> {
        let answer = within(at, limit, self.smtp.read_response()).await?;
        completed(at, answer)
    }

    /// Says goodbye, without anybody waiting for it.
    pub(super) fn part(mut self, why: &'static str) {
        tracing::debug!(mails = self.mails, why, "smtp connection closed");
        // The channel may be dropped outside of a runtime; then the connection just closes.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = timeout(FAREWELL, self.smtp.command(Quit)).await;
            });
        }
    }
}

fn international(settings: &Settings, letter: &Letter<'_>) -> bool {
    let ascii = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    !ascii(&settings.sender) || !ascii(&letter.to)
}

/// Only DATA is answered by anything but a completion.
fn completed(at: Stage, answer: Response) -> Result<Response, Stopped> {
    let completed = answer.code().severity == Severity::PositiveCompletion;
    if completed || at == Stage::Data {
        Ok(answer)
    } else {
        Err(unexpected(at, &answer))
    }
}

fn unexpected(at: Stage, answer: &Response) -> Stopped {
    Stopped::broken(at, format!("{} is no answer to that", answer.code()))
}

async fn within<T>(
    at: Stage,
    limit: Duration,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Stopped> {
    match timeout(limit, step).await {
        Ok(result) => result.map_err(|error| Stopped::of(at, &error)),
        Err(_) => Err(Stopped::silent(at, limit)),
    }
}

/// As a timeout whose end is asked for anew whenever something happened; `None` once it is reached.
async fn until<F: Future>(step: F, end: impl Fn() -> Instant) -> Option<F::Output> {
    let mut step = pin!(step);
    let mut timer = pin!(sleep_until(end()));
    poll_fn(|cx| {
        if let Poll::Ready(done) = step.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        let end = end();
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// What the relay offers that `lettre` does not keep: a second EHLO asks for it, once per connection. A
/// relay that does not like to be greeted twice offers nothing then.
async fn offers(smtp: &mut AsyncSmtpConnection, settings: &Settings) -> Result<Offers, Stopped> {
    let hello = Ehlo::new(settings.hello.clone());
    match within(Stage::Hello, settings.timeouts.command, smtp.command(hello)).await {
        Ok(answer) => {
            let has = |wanted: &str| {
                answer.message().skip(1).any(|line| {
                    let keyword = line.split_whitespace().next();
                    keyword.is_some_and(|keyword| keyword.eq_ignore_ascii_case(wanted))
                })
            };
            Ok(Offers {
                pipelining: has("PIPELINING"),
                size: has("SIZE"),
            })
        }
        Err(stopped) if stopped.is_answer() => Ok(Offers::default()),
        Err(stopped) => Err(stopped),
    }
}

/// Connects to the first address that answers, each within its share of the time.
async fn connect(settings: &Settings) -> Result<TcpStream, Stopped> {
    let broken = |error: &dyn Display| Stopped::broken(Stage::Connect, error.to_string());
    let until = Instant::now() + settings.timeouts.connect;
    let found = lookup_host((settings.host.as_str(), settings.port));
    let mut addresses: Vec<SocketAddr> = found.await.map_err(|error| broken(&error))?.collect();
    if settings.local_only {
        addresses.retain(|address| address.ip().is_loopback());
    }
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let mut last = Stopped::broken(Stage::Connect, "the host's name leads to no usable address");
    for address in addresses {
        let share = until.saturating_duration_since(Instant::now()) / left.max(1);
        left = left.saturating_sub(1);
        last = match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Commands are small, and each is waited for.
                tcp.set_nodelay(true).map_err(|error| broken(&error))?;
                return Ok(tcp);
            }
            Ok(Err(error)) => broken(&error),
            Err(_) => Stopped::silent(Stage::Connect, share),
        };
    }
    Err(last)
}

/// Tells whether a greeting came: we speak only after it.
struct Greeted<'a> {
    line: &'a Line,
    /// When TLS had been spoken, which is no answer to a greeting.
    spoken: Option<Instant>,
}

impl Greeted<'_> {
    fn is_over(&self) -> bool {
        match self.spoken {
            Some(before) => self.line.moved() > before,
            None => self.line.spoken(),
        }
    }
}

/// A stream that is encrypted before the far side greets.
#[derive(Debug)]
#[expect(deprecated, reason = "as its import says")]
struct Encrypted(AsyncNetworkStream);

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let n = ready!(Pin::new(&mut self.0).poll_read(cx, buf.initialize_unfilled()))?;
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("mails", &self.mails)
            .finish_non_exhaustive()
    }
}
