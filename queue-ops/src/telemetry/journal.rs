//! Lines for the journal of systemd: it has the time, and takes the priority from the beginning of a line.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Whether stderr leads to the journal, by what systemd says of it (`JOURNAL_STREAM`) and what it is.
pub(super) fn is_stderr() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let stderr = io::stderr().as_fd().try_clone_to_owned();
    let about = stderr.and_then(|stderr| std::fs::File::from(stderr).metadata());
    about.is_ok_and(|about| stream == format!("{}:{}", about.dev(), about.ino()))
}

/// As for people, with the priority (syslog's numbers) in place of time and level.
#[derive(Debug)]
pub(super) struct Prioritized(Format<Full, ()>);

impl Default for Prioritized {
    fn default() -> Self {
        let plain = Format::default().without_time().with_level(false);
        Self(plain.with_ansi(false).with_target(false))
    }
}

impl<S, N> FormatEvent<S, N> for Prioritized
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(ctx, writer, event)
    }
}
