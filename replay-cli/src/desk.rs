//! Where a command works: the database that it was told of, and how it is to answer.

use std::cell::RefCell;
use std::path::Path;

use queue_core::{Store, Timestamp};
use queue_ops::{Config, Database, Exit, Opened, Signal, telemetry};
use tokio::sync::OnceCell;

use crate::answer::Failure;
use crate::arguments::Global;
use crate::stop::Stop;
use crate::style::Style;

#[derive(Debug)]
pub(crate) struct Desk {
    global: Global,
    config: Config,
    pub(crate) style: Style,
    pub(crate) stop: Stop,
    opened: OnceCell<Opened>,
    /// The command that tells whether a change was made, once one was asked for.
    trace: RefCell<Option<String>>,
}

impl Desk {
    /// Reads the configuration, and begins to log by it.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let mut config = Config::read(global.config.as_deref())?;
        // The option takes the variable's value where it is not given, and the configuration has that.
        let variable = std::env::var("LEASEHOLD_DATABASE_URL").ok();
        if let Some(url) = global
            .database
            .as_ref()
            .filter(|url| variable.as_ref() != Some(*url))
        {
            config.override_url(url);
        }
        let style = Style::of_stdout(global.no_color);
        telemetry::start(config.log.format, &config.log.level, style.colour);
        Ok(Self {
            global,
            config,
            style,
            stop: Stop::default(),
            opened: OnceCell::new(),
            trace: RefCell::default(),
        })
    }

    pub(crate) fn json(&self) -> bool {
        self.global.json
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn config_file(&self) -> Option<&Path> {
        self.global.config.as_deref()
    }

    /// The database that is meant, unopened.
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        let url = self.config.database_url()?.ok_or_else(|| {
            Failure::usage(
                "no database is named: give --database URL, set LEASEHOLD_DATABASE_URL, or name a file \
                 with `database.url` by --config FILE",
            )
        })?;
        Ok(Database::parse(&url)?)
    }

    /// The database, open. Its schema is never changed by that.
    pub(crate) async fn opened(&self) -> Result<&Opened, Failure> {
        let open = || async { Ok::<_, Failure>(self.database()?.open().await?) };
        self.opened.get_or_try_init(open).await
    }

    pub(crate) async fn store(&self) -> Result<&dyn Store, Failure> {
        Ok(self.opened().await?.store.as_ref())
    }

    /// The store, and how to write with its time.
    pub(crate) async fn store_and_style(&self) -> Result<(&dyn Store, Style), Failure> {
        let store = self.store().await?;
        let now: Timestamp = store.now().await?;
        Ok((store, self.style.at(now)))
    }

    /// From here on something may have been changed; this command shows whether it was.
    pub(crate) fn will_change(&self, command: impl Into<String>) {
        *self.trace.borrow_mut() = Some(command.into());
    }

    /// What is said where a signal ended the command.
    pub(crate) fn ended_by(&self, signal: Signal) -> Failure {
        let traced = self.trace.borrow().as_ref().map_or_else(
            || "nothing was changed".to_owned(),
            |command| format!("what was asked for may or may not be done: `{command}` shows it"),
        );
        Failure::new(signal.exit(), format!("{signal}; {traced}"))
    }

    /// A failure with what it leaves open.
    pub(crate) fn explained(&self, mut failure: Failure) -> Failure {
        if failure.exit == Exit::Unavailable
            && let Some(command) = self.trace.borrow().as_ref()
        {
            let open =
                format!("; if a change was under way, `{command}` shows whether it was made");
            failure.message.push_str(&open);
        }
        failure
    }

    pub(crate) async fn close(self) {
        if let Some(opened) = self.opened.into_inner() {
            drop(opened.store);
            opened.backend.close().await;
        }
    }
}
