//! A provider's API: one far side for all messages, which knows us by our credentials.

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request};
use url::Url;

use super::{Answer, Credential, Hidden, Http, HttpOptions, InvalidHttp, Target, judge};
use crate::channel::{Gate, Idempotence, Outgoing, SendError};

const PLAIN_JSON: HeaderValue = HeaderValue::from_static(crate::JSON);

/// A provider's API.
#[derive(Debug)]
pub(crate) struct Provider {
    http: Http,
    credentials: Vec<(HeaderName, HeaderValue)>,
    hidden: Hidden,
}

impl Provider {
    pub(crate) fn new(
        options: &HttpOptions,
        idempotence: Idempotence,
        credentials: &[Credential],
    ) -> Result<Self, InvalidHttp> {
        let mut hidden = Hidden::default();
        let credentials = credentials
            .iter()
            .map(|credential| credential.header(&mut hidden))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            http: Http::new(options, idempotence)?,
            credentials,
            hidden,
        })
    }

    /// Hides a secret that is not in a header.
    #[cfg(feature = "pagerduty")]
    pub(crate) fn hide(&mut self, secret: &str) {
        self.hidden.add(secret);
    }

    /// Posts JSON through the gate: whoever answers with 2xx has taken it.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        body: Bytes,
        message: &Outgoing,
        gate: &mut Gate,
    ) -> Result<Answer, SendError> {
        let hide = |said: &str| self.hidden.take_out(said, url, message.recipient());
        let mut request = self.request(Method::POST, url);
        request
            .headers_mut()
            .extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
        request.headers_mut().insert(CONTENT_TYPE, PLAIN_JSON);
        *request.body_mut() = Some(Body::from(body));
        self.http.check(url).map_err(|why| why.into_error(hide))?;
        gate.connecting();
        gate.commit().await?;
        let answer = self.http.answer(request).await;
        let answer = answer.map_err(|why| why.into_error(hide))?;
        judge(&answer, Target::Provider, hide)?;
        Ok(answer)
    }

    /// Asks, without changing anything. Of answers that are none, 404 may be one: it is returned.
    #[cfg(feature = "search")]
    pub(crate) async fn get(
        &self,
        url: &Url,
        about: &crate::Recipient,
    ) -> Result<Answer, SendError> {
        let hide = |said: &str| self.hidden.take_out(said, url, about);
        let answer = self.http.answer(self.request(Method::GET, url)).await;
        let answer = answer.map_err(|why| why.into_error(hide))?;
        if answer.status().as_u16() != 404 {
            judge(&answer, Target::Provider, hide)?;
        }
        Ok(answer)
    }

    fn request(&self, method: Method, url: &Url) -> Request {
        let mut request = Request::new(method, url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, PLAIN_JSON);
        headers.extend(
            self.credentials
                .iter()
                .map(|(name, value)| (Some(name.clone()), value.clone())),
        );
        request
    }
}
