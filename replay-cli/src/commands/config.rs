//! `leasehold config`

use clap::{Args, Subcommand};
use queue_ops::archive::check_archive;
use queue_ops::{Exit, InvalidConfig, Origin, Setting};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Check the configuration, and show what holds and where it is from
    Check(Check),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold config check --config /etc/leasehold.toml
  LEASEHOLD_LOG_LEVEL=debug leasehold config check

Nothing is connected to. Secrets and files that channels name are read, the channels are built,
and the folder and the key of audit archives are tried; what is wrong is told at once. Secrets are not shown. Findings are: a variable
of the environment that looks like a setting and is none, a secret's file that everybody can
read, a rule that tells somebody through a channel that is not here.")]
pub(crate) struct Check {}

#[derive(Debug, Serialize)]
struct ConfigItem<'a> {
    file: Option<String>,
    settings: &'a [Setting],
    findings: Vec<String>,
}

pub(crate) fn run(desk: &Desk) -> Result<Answer, Failure> {
    let config = desk.config();
    // Said here rather than by the first command that connects.
    if config.database_url()?.is_some() {
        desk.database()?;
    }
    config.delivery.check().map_err(InvalidConfig::from)?;
    check_archive(&config.sweeper)?;
    let strangers = config.strangers().map(|(name, nearest)| {
        let nearest = nearest.unwrap_or_default();
        format!("the variable {name} is no setting; the nearest is {nearest}")
    });
    let findings: Vec<_> = strangers.chain(config.delivery.findings()).collect();
    let rows = config.settings().iter().map(|setting| {
        vec![
            Cell::word(setting.key.as_ref()),
            Cell::maybe(setting.value.as_ref(), Cell::text),
            Cell::word(origin(setting.origin)),
        ]
    });
    let file = desk.config_file().map(|path| path.display().to_string());
    let sheet = Sheet::default()
        .field("file", Cell::maybe(file.as_ref(), Cell::text))
        .table("settings", &["key", "value", "from"], rows.collect());
    let item = ConfigItem {
        file,
        settings: config.settings(),
        findings: findings.clone(),
    };
    let mut answer = report::show(desk, desk.style, "config check", &item, &sheet)?;
    if !findings.is_empty() {
        answer.exit = Exit::Findings;
    }
    Ok(findings.into_iter().fold(answer, Answer::note))
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Default => "default",
        Origin::File => "file",
        Origin::Environment => "environment",
        Origin::CommandLine => "command line",
    }
}
