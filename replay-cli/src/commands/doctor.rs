//! `leasehold doctor`: what a database promises as it is set up, and what is wrong with that.

use clap::Args;
use queue_ops::Exit;
use queue_ops::doctor::{self, BackendFacts, Finding, Guarantee, Report, Severity, Survival};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::style::{Tone, harmless};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold doctor --database postgres://app@db/app
  leasehold doctor --deep
  leasehold doctor --json | jq -r '.item.findings[] | select(.severity == \"danger\") | .code'

First what survives what, then what was found, the worst first. Notes end with 0, warnings with 6,
dangers with 7. Run it as the user and with the URL of the services, so that it sees what they see.")]
pub(crate) struct Doctor {
    /// Verify all of the audit trail, and on SQLite that indexes agree with tables
    #[arg(long)]
    deep: bool,
}

#[derive(Debug, Serialize)]
struct DoctorItem<'a> {
    /// What it is.
    kind: &'a str,
    /// The version of the library or the server.
    version: &'a str,
    guarantee: Guarantee,
    findings: &'a [Finding],
}

pub(crate) async fn run(desk: &Desk, options: &Doctor) -> Result<Answer, Failure> {
    let database = desk.database()?;
    let facts = database.examine(options.deep).await?;
    let report = doctor::judge(&facts);
    let version = match &facts.backend {
        BackendFacts::Sqlite(it) => &it.library,
        BackendFacts::Postgres(it) => &it.server.server,
    };
    let item = DoctorItem {
        kind: database.kind(),
        version,
        guarantee: report.guarantee,
        findings: &report.findings,
    };
    let guarantee = report.guarantee;
    let mut sheet = Sheet::default()
        .field("database", Cell::text(database.kind()))
        .field("version", Cell::text(version))
        .field("if a process crashes", survival(guarantee.process))
        .field("if the machine crashes", survival(guarantee.machine))
        .field("if the machine is lost", survival(guarantee.loss));
    sheet = match desk.style.width {
        // Never cut: a remedy is to be read whole.
        Some(_) => sheet.block("findings", said(desk, &report)),
        None => sheet.table(
            "findings",
            &["severity", "code", "what", "remedy"],
            report.findings.iter().map(row).collect(),
        ),
    };
    let mut answer = report::show(desk, desk.style, "doctor", &item, &sheet)?;
    answer.exit = exit(&report);
    Ok(answer)
}

fn exit(report: &Report) -> Exit {
    match report.worst() {
        None | Some(Severity::Note) => Exit::Done,
        Some(Severity::Warning) => Exit::Findings,
        Some(Severity::Danger) => Exit::Danger,
    }
}

fn survival(survival: Survival) -> Cell {
    let tone = match survival {
        Survival::Everything => Tone::Good,
        Survival::NotTheLast | Survival::OnlyBackups | Survival::Unknown => Tone::Wait,
        Survival::PerhapsNothing => Tone::Bad,
    };
    Cell::toned(survival.described(), tone)
}

fn row(finding: &Finding) -> Vec<Cell> {
    vec![
        Cell::word(finding.severity.as_str()),
        Cell::word(finding.code.as_str()),
        Cell::text(&finding.what),
        Cell::text(&finding.remedy),
    ]
}

/// Each in three lines.
fn said(desk: &Desk, report: &Report) -> Option<String> {
    let lines = report.findings.iter().map(|finding| {
        let tone = match finding.severity {
            Severity::Note => Tone::Plain,
            Severity::Warning => Tone::Wait,
            Severity::Danger => Tone::Bad,
        };
        let severity = desk.style.paint(tone, finding.severity.as_str());
        format!(
            "{severity}: {} ({})\n    {}\n",
            harmless(&finding.what),
            finding.code,
            harmless(&finding.remedy)
        )
    });
    Some(lines.collect::<String>()).filter(|text| !text.is_empty())
}
