//! The client: one request, and what is known of it when it has no answer.

use std::error::Error as StdError;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Request, retry};
use url::Url;

use super::guard::{Forbidden, Guard};
use super::names::GuardedNames;
use super::{Answer, HttpOptions, InvalidHttp, tls};
use crate::channel::Idempotence;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// Its target must not be spoken to: not sent.
    Forbidden(String),
    /// No connection was made: not sent.
    Unconnected {
        /// What went wrong.
        text: String,
        /// Whether it took too long.
        timeout: bool,
    },
    /// It may have arrived.
    Lost(String),
}

/// A client with its pool of connections.
#[derive(Debug)]
pub(crate) struct Http {
    client: reqwest::Client,
    guard: Guard,
    reply_limit: usize,
}

impl Http {
    /// One for a far side of that idempotence. Where the same key sent twice is taken twice, connections
    /// are not kept: a request may run into one that is being closed, and then nobody knows.
    pub(crate) fn new(
        options: &HttpOptions,
        idempotence: Idempotence,
    ) -> Result<Self, InvalidHttp> {
        if options.connect_timeout.is_zero() || options.connect_timeout >= options.timeout {
            return Err(InvalidHttp::new(
                "the time for connecting must be more than none and less than the time for the whole \
                 request: what fails later may have been sent",
            ));
        }
        let names = GuardedNames {
            names: options.names.clone(),
            guard: options.guard.clone(),
        };
        let kept = match idempotence {
            Idempotence::None => 0,
            Idempotence::For(_) | Idempotence::Always => usize::MAX,
        };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::settings(&options.roots)?)
            .dns_resolver(names)
            .https_only(!options.guard.cleartext)
            // Where a redirect leads, nobody has checked; and the environment's proxy would connect for us.
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            // Whether it is sent again is not decided here.
            .retry(retry::never())
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            // Less than what servers usually keep them for.
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(kept)
            .user_agent(&options.user_agent)
            .build()
            .map_err(|error| InvalidHttp::new(format!("HTTP: {}", chain(&error.without_url()))))?;
        Ok(Self {
            client,
            guard: options.guard.clone(),
            reply_limit: options.reply_limit,
        })
    }

    /// Checks what a URL tells without asking anybody. Each connection is checked on its own.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Unanswered> {
        let checked = self.guard.check(url);
        checked.map_err(|forbidden| Unanswered::Forbidden(forbidden.to_string()))
    }

    /// Sends a request, once.
    pub(crate) async fn answer(&self, request: Request) -> Result<Answer, Unanswered> {
        self.check(request.url())?;
        match self.client.execute(request).await {
            Ok(response) => Ok(Answer::read(response, self.reply_limit).await),
            Err(error) => Err(unanswered(error)),
        }
    }
}

fn unanswered(error: reqwest::Error) -> Unanswered {
    let error = error.without_url();
    if let Some(forbidden) = causes(&error).find_map(|cause| cause.downcast_ref::<Forbidden>()) {
        return Unanswered::Forbidden(forbidden.to_string());
    }
    let text = chain(&error);
    // Nothing else proves that it was not sent: a request goes out on a connection that is made.
    if error.is_connect() || error.is_builder() {
        return Unanswered::Unconnected {
            text,
            timeout: error.is_timeout(),
        };
    }
    Unanswered::Lost(text)
}

/// What an error comes from, the nearest first.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause = next?;
        next = cause.source();
        Some(cause)
    })
}

/// An error with its causes, each said once.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    for cause in causes(error) {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
    }
    text
}
