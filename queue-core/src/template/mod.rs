//! Messages from templates: what a template may say, and how what varies comes into it.

mod error;
mod form;
mod sink;

use std::borrow::Cow;
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

pub use error::TemplateError;

use self::form::Form;
use self::sink::Sink;

/// The most that a template may give, in bytes.
pub const MAX_RENDERED: usize = 1024 * 1024;

/// The most steps that it may take: a loop over ten thousand rows is fine, one that multiplies is not.
const FUEL: u64 = 1_000_000;

/// A template of a message, in the language of Jinja: `{{ order.total }}`, `{% for row in rows %}`,
/// `{% if vip %}`, filters like `{{ name|upper }}`.
///
/// Render when you publish, not when it is sent: what is stored is the whole message, every attempt sends the
/// same, and a variable that is missing is an error where the job still can tell.
///
/// ```
/// use queue_core::{
///     ChannelName, Context, Done, Intent, Job, JobError, NewNotification, Payload, Purpose, Recipient,
///     Revision, Subject, Template,
/// };
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Invoice { order: u64, name: String, mail: String }
/// impl Job for Invoice { const KIND: &'static str = "invoice"; }
///
/// async fn invoice(job: Invoice, _: Context) -> Result<Done, JobError> {
///     let template = Template::html("<p>Dear {{ name }}, your order {{ order }} is paid.")?;
///     let intent = Intent {
///         channel: ChannelName::new("email")?,
///         purpose: Purpose::new("invoice")?,
///         subject: Subject::new(format!("order:{}", job.order))?,
///         recipient: Recipient::new(&job.mail)?,
///         revision: Revision::new(1),
///     };
///     let body = Payload::new(template.render(&job)?, "text/html")?;
///     Ok(Done::new().notify(NewNotification::new(intent, body)))
/// }
///
/// let template = Template::html("<p>Dear {{ name }}")?;
/// let said = template.render(&serde_json::json!({ "name": "<script>" }))?;
/// assert_eq!(said, "<p>Dear &lt;script&gt;");
/// # Ok::<(), queue_core::TemplateError>(())
/// ```
///
/// What varies is written as the form of the template has it, and no template can turn that off:
///
/// | | |
/// |---|---|
/// | [`text`](Self::text) | control characters become `�`, other than line feed and tab; CR LF is a line feed |
/// | [`html`](Self::html) | `<`, `>`, `&`, quotes and `/` are escaped: enough between tags and within quoted attributes, not within scripts, styles and addresses |
/// | [`json`](Self::json) | a value of JSON, quotes included: `{"name": {{ name }}}`; it stays one within HTML |
///
/// A variable that is not there is an error, in a condition as well; `{% if name is defined %}` and
/// `{{ name|default("you") }}` ask for it. So is `null` where text is to be. A template reads no files and
/// includes no others; it gives at most [`MAX_RENDERED`] bytes, in a bounded number of steps.
#[derive(Debug, Clone)]
pub struct Template {
    form: Form,
    source: Cow<'static, str>,
}

impl Template {
    /// One of plain text.
    pub fn text(source: impl Into<Cow<'static, str>>) -> Result<Self, TemplateError> {
        Self::parse(Form::Text, source.into())
    }

    /// One of HTML.
    pub fn html(source: impl Into<Cow<'static, str>>) -> Result<Self, TemplateError> {
        Self::parse(Form::Html, source.into())
    }

    /// One of JSON. What it gives is a document of JSON, or an error.
    pub fn json(source: impl Into<Cow<'static, str>>) -> Result<Self, TemplateError> {
        Self::parse(Form::Json, source.into())
    }

    fn parse(form: Form, source: Cow<'static, str>) -> Result<Self, TemplateError> {
        environment(form)
            .template_from_str(&source)
            .map_err(|error| TemplateError::of(&error, &source))?;
        Ok(Self { form, source })
    }

    /// The template with these values, which are the fields of a struct or the entries of a map.
    pub fn render<T: Serialize + ?Sized>(&self, values: &T) -> Result<String, TemplateError> {
        let told = |error: minijinja::Error| TemplateError::of(&error, &self.source);
        let values = Value::from_serialize(values);
        let mut sink = Sink::up_to(MAX_RENDERED);
        // Parsed anew: that takes microseconds, and the parsed one could only borrow its source.
        let environment = environment(self.form);
        let template = environment.template_from_str(&self.source).map_err(told)?;
        let rendered = template.render_captured_to(values, &mut sink);
        if sink.is_full() {
            return Err(TemplateError::TooLong);
        }
        rendered.map_err(told)?;
        let text = sink.into_text();
        self.form.check(&text)?;
        Ok(text)
    }
}

fn environment<'source>(form: Form) -> Environment<'source> {
    static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| build(Form::Text));
    static HTML: LazyLock<Environment<'static>> = LazyLock::new(|| build(Form::Html));
    static JSON: LazyLock<Environment<'static>> = LazyLock::new(|| build(Form::Json));
    // What is in it is shared, not copied.
    match form {
        Form::Text => TEXT.clone(),
        Form::Html => HTML.clone(),
        Form::Json => JSON.clone(),
    }
}

fn build(form: Form) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // Errors say where they are.
    environment.set_debug(true);
    environment.set_auto_escape_callback(move |_| form.escaping());
    environment.set_formatter(move |out, _, value| form.write(out, value));
    // Nothing turns escaping off.
    environment.remove_filter("safe");
    environment
}

#[cfg(test)]
mod tests;
