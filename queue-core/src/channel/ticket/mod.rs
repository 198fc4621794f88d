//! Escalations as tickets, through an HTTP API.

mod body;
mod builder;

use async_trait::async_trait;
use serde_json::Value;

pub use builder::TicketBuilder;

use super::http::endpoint::Endpoint;
use super::http::provider::Provider;
use super::http::url_template::UrlTemplate;
use super::http::{ReadySearch, pointer};
use super::{Capabilities, Channel, Gate, Lookup, Outgoing, Receipt, SendError};
use crate::{Alert, AlertAction, Intent, Purpose, Revision};

/// Opens tickets, by any API that takes JSON. It takes [`Alert`]s only.
///
/// Trackers take the same ticket twice. So ours has our key in a field, and where it is not known whether
/// it was created, it is searched for before it is created again.
///
/// When an alert is over, its ticket is left as it is, and the message counts as taken: to close a ticket is
/// its people's act, unless [`TicketBuilder::when_over`] says what is to be posted.
///
/// ```no_run
/// use queue_core::channel::{Credential, Search, TicketChannel};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tickets = TicketChannel::builder("https://example.atlassian.net/rest/api/2/issue")
///     .credential(Credential::Basic {
///         user: "bot@example.org".to_owned(),
///         password: "credential:jira".parse()?,
///     })
///     .body(serde_json::json!({"fields": {
///         "project": {"key": "OPS"},
///         "issuetype": {"name": "Incident"},
///         "summary": "{severity}: {summary}",
///         "description": "{details}",
///     }}))
///     .key_at("/fields/customfield_10050")
///     .id_at("/key")
///     .search(
///         Search::list(
///             "https://example.atlassian.net/rest/api/2/search?jql=cf[10050]~{key}&fields=customfield_10050",
///             "/issues",
///         )
///         .key_at("/fields/customfield_10050")
///         .id_at("/key"),
///     )
///     .when_over(
///         "https://example.atlassian.net/rest/api/2/issue/{ticket}/comment",
///         serde_json::json!({"body": "{summary} ({key})"}),
///     )
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TicketChannel {
    provider: Provider,
    endpoint: Endpoint,
    template: Value,
    key_at: String,
    id_at: Option<String>,
    search: Option<ReadySearch>,
    over: Option<(UrlTemplate, Value)>,
}

impl TicketChannel {
    /// Describes one that creates tickets by posting to that URL.
    #[must_use]
    pub fn builder(endpoint: impl Into<String>) -> TicketBuilder {
        TicketBuilder::new(endpoint.into())
    }

    async fn create(
        &self,
        alert: &Alert,
        message: &Outgoing,
        gate: &mut Gate,
    ) -> Result<Receipt, SendError> {
        let mut ticket = body::fill(&self.template, alert, message.key());
        body::stamp(&mut ticket, &self.key_at, message.key());
        let answer = self
            .provider
            .post(
                self.endpoint.url(),
                [],
                ticket.to_string().into(),
                message,
                gate,
            )
            .await?;
        let id = self
            .id_at
            .as_ref()
            .and_then(|at| pointer::text_at(&answer.json()?, at));
        Ok(id.map_or_else(Receipt::none, |id| Receipt::with_id(&id)))
    }

    async fn end(
        &self,
        alert: &Alert,
        message: &Outgoing,
        gate: &mut Gate,
    ) -> Result<Receipt, SendError> {
        let (Some((url, template)), Some(search)) = (&self.over, &self.search) else {
            return Ok(Receipt::none());
        };
        gate.connecting();
        let key = key_of_trigger(alert, message);
        let found = search
            .look_for(&self.provider, &key, None, message.recipient())
            .await
            // The search changed nothing, whatever became of it.
            .map_err(not_sent)?;
        let Lookup::Found {
            provider_id: Some(ticket),
        } = found
        else {
            return Err(SendError::busy("its ticket is not there, or not yet", None));
        };
        let url = url.fill(|_| Some(ticket.to_string())).ok_or_else(|| {
            SendError::message_unsupported("the ticket's id does not fit into a URL")
        })?;
        let note = body::fill(template, alert, message.key()).to_string();
        self.provider
            .post(&url, [], note.into(), message, gate)
            .await?;
        Ok(Receipt::with_id(ticket.as_str()))
    }
}

/// The key under which the alert's beginning was sent: the same intent but for its purpose.
fn key_of_trigger(alert: &Alert, message: &Outgoing) -> String {
    let trigger = Intent {
        purpose: Purpose::escalation(),
        revision: Revision::new(alert.episode),
        ..message.intent().clone()
    };
    trigger.provider_key()
}

fn not_sent(error: SendError) -> SendError {
    match error {
        SendError::Unknown(failure) => SendError::NotTaken(failure),
        other => other,
    }
}

fn alert_of(message: &Outgoing) -> Result<Alert, SendError> {
    Alert::of(message.payload()).ok_or_else(|| {
        SendError::message_unsupported("only escalations become tickets, and this message is none")
    })
}

#[async_trait]
impl Channel for TicketChannel {
    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::none();
        match &self.search {
            Some(search) => can.lookup_after(search.lag()),
            None => can,
        }
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let alert = alert_of(message)?;
        match alert.action {
            AlertAction::Trigger => self.create(&alert, message, gate).await,
            AlertAction::Resolve => self.end(&alert, message, gate).await,
        }
    }

    async fn lookup(&self, message: &Outgoing) -> Result<Lookup, SendError> {
        match (&self.search, alert_of(message)?.action) {
            (Some(search), AlertAction::Trigger) => search.look(&self.provider, message).await,
            // The search finds tickets, not what was posted to them.
            _ => Ok(Lookup::CannotTell),
        }
    }
}
