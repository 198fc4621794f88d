//! The mails. Everything in them that the model or the change's author wrote is escaped, as text and as HTML.

use queue_core::channel::Mail;
use queue_core::{
    Cause, ChannelName, Intent, NewNotification, Purpose, Recipient, Revision, Subject, Template,
    TemplateError,
};
use serde::{Deserialize, Serialize};

use crate::config::NoticeSection;
use crate::review::{Finding, Review};

/// Nobody reads more at a time.
const MOST_SHOWN: usize = 100;
/// So many bytes of text and HTML together fit into a stage's output, and into a mail, however they are encoded.
const LONGEST: usize = 64 * 1024;
/// So many characters of one text: who writes more has not said what is wrong.
const LONGEST_TEXT: usize = 2000;

/// What the mails are for.
pub const PURPOSE: &str = "review";

/// What a mail tells, beside the review.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The number of the change.
    pub changelist: u64,
    /// Which review of it this is.
    pub version: u64,
    /// Who submitted the change.
    pub author: &'a str,
    /// Findings that could not be used.
    pub dropped: usize,
    /// Whether the change was too long to be shown whole.
    pub cut: bool,
}

/// A mail but for whom it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its subject: nothing in it is the model's.
    pub subject: String,
    /// For programs that show text.
    pub text: String,
    /// For those that show HTML.
    pub html: String,
}

/// Writes mails.
#[derive(Debug, Clone)]
pub struct Mails {
    text: Template,
    html: Template,
    from: String,
    channel: ChannelName,
}

impl Mails {
    /// From whom, and through which channel.
    pub fn new(settings: &NoticeSection) -> Result<Self, TemplateError> {
        Ok(Self {
            text: Template::text(include_str!("templates/mail.txt"))?,
            html: Template::html(include_str!("templates/mail.html"))?,
            from: settings.from.clone(),
            channel: settings.channel.clone(),
        })
    }

    /// The mail that tells of a review, the worst first. Of one that is too long for a mail the rest is counted.
    pub fn letter(&self, told: &Told<'_>, review: &Review) -> Result<Letter, TemplateError> {
        let mut findings: Vec<&Finding> = review.findings.iter().collect();
        findings.sort_by_key(|finding| finding.severity);
        let mut shown = findings.len().min(MOST_SHOWN);
        loop {
            let values = Values {
                changelist: told.changelist,
                version: told.version,
                author: one_line(told.author),
                summary: visible(review.summary.as_deref().unwrap_or_default()),
                found: findings.len(),
                findings: findings
                    .iter()
                    .take(shown)
                    .map(|it| Shown::of(it))
                    .collect(),
                more: findings.len() - shown,
                dropped: told.dropped,
                cut: told.cut,
            };
            match self.written(&values) {
                Ok((text, html)) if text.len() + html.len() <= LONGEST || shown == 0 => {
                    let subject = subject(told.changelist, findings.len());
                    return Ok(Letter {
                        subject,
                        text,
                        html,
                    });
                }
                Ok(_) => {}
                Err(TemplateError::TooLong) if shown > 0 => {}
                Err(error) => return Err(error),
            }
            shown /= 2;
        }
    }

    fn written(&self, values: &Values) -> Result<(String, String), TemplateError> {
        Ok((self.text.render(values)?, self.html.render(values)?))
    }

    /// The mail to one recipient: required, and the same one however often the job comes this far.
    pub fn notification(
        &self,
        changelist: u64,
        version: u64,
        recipient: &str,
        letter: &Letter,
    ) -> Result<NewNotification, Cause> {
        let intent = Intent {
            channel: self.channel.clone(),
            purpose: Purpose::new(PURPOSE)?,
            subject: Subject::new(crate::request::subject(changelist))?,
            recipient: Recipient::new(recipient)?,
            revision: Revision::new(i64::try_from(version)?),
        };
        let mail = Mail::new(&self.from, &letter.subject)
            .text(&letter.text)
            .html(&letter.html)
            // Nobody's holiday is to answer.
            .header("Auto-Submitted", "auto-generated")
            .render(&intent)?;
        Ok(NewNotification::new(intent, mail).required())
    }
}

/// Nothing in it is the model's.
fn subject(changelist: u64, findings: usize) -> String {
    let found = match findings {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    format!("Review of change {changelist}: {found}")
}

#[derive(Debug, Serialize)]
struct Values {
    changelist: u64,
    version: u64,
    author: String,
    summary: String,
    found: usize,
    findings: Vec<Shown>,
    more: usize,
    dropped: usize,
    cut: bool,
}

/// A finding as it is shown.
#[derive(Debug, Serialize)]
struct Shown {
    severity: String,
    category: String,
    title: String,
    place: String,
    message: String,
    suggestion: String,
}

impl Shown {
    fn of(finding: &Finding) -> Self {
        let line = match finding.end_line {
            Some(end) if end > finding.line => format!("{}-{end}", finding.line),
            _ => finding.line.to_string(),
        };
        Self {
            severity: finding.severity.to_string(),
            category: finding.category.to_string(),
            title: one_line(&finding.title),
            place: one_line(&format!("{}:{line}", finding.file)),
            message: visible(&finding.message),
            suggestion: visible(finding.suggestion.as_deref().unwrap_or_default()),
        }
    }
}

/// What stands in a line of its own stays in it: otherwise a title could look like the rest of the mail.
fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Not endless, and without what is not seen and yet changes what is: control characters, and those that turn the direction of text.
fn visible(text: &str) -> String {
    let unseen = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || c.is_control() && !matches!(c, '\n' | '\t')
    };
    let text = text.replace("\r\n", "\n").replace(unseen, "\u{fffd}");
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{} … (cut)", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
