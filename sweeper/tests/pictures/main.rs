//! Pictures of the dashboard: its own queries, asked of a real Prometheus that looked on at a real incident.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod dashboard;
mod drawing;
mod far_side;
#[path = "../daemon/harness.rs"]
#[expect(dead_code, reason = "some of it is for the tests of the daemon only")]
mod harness;
mod incident;
mod prometheus;
mod service;
#[path = "../packaging/tool.rs"]
#[expect(dead_code, reason = "some of it is for the tests of the package only")]
mod tool;
mod units;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dashboard::{Panel, Row, rows};
use drawing::Span;
use harness::PATIENCE;
use incident::{Incident, now, silent};
use prometheus::Prometheus;

/// Of the picture. What is only looked at takes a tenth.
const WHOLE: Duration = Duration::from_secs(240);
const BRIEF: Duration = Duration::from_secs(24);
/// Between two points of a line, in seconds.
const STEP: f64 = 2.0;

fn file(row: &Row) -> PathBuf {
    let name = row.title.to_lowercase().replace(' ', "-");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
    folder.join(format!("dashboard-{name}.svg"))
}

/// Every panel has something to show when something is wrong; with `LEASEHOLD_UPDATE` that is drawn.
#[tokio::test(flavor = "multi_thread")]
async fn every_panel_shows_an_incident() {
    let draws = std::env::var_os("LEASEHOLD_UPDATE").is_some();
    let mut incident = Incident::prepare().await;
    let prometheus = Prometheus::start(incident.daemon, incident.metrics);
    let start = now();
    let marks = incident.unfold(if draws { WHOLE } else { BRIEF }).await;
    let rows = rows();
    let end = now();
    let silent = silent();
    let panels = rows.iter().flat_map(|row| &row.panels);
    for panel in panels.filter(|panel| !silent.contains(panel.title.as_str())) {
        until_it_has_data(panel, &prometheus, start).await;
    }
    if !draws {
        return;
    }
    let span = Span {
        start,
        end,
        step: STEP,
        marks: &marks,
    };
    for row in &rows {
        let of = |panel: &Panel| panel.shown(&prometheus, start, end, STEP);
        let data: Vec<_> = row.panels.iter().map(of).collect();
        std::fs::write(file(row), drawing::row(row, &data, &span)).unwrap();
    }
}

async fn until_it_has_data(panel: &Panel, prometheus: &Prometheus, start: f64) {
    let until = Instant::now() + PATIENCE;
    while panel.shown(prometheus, start, now(), STEP).is_empty() {
        assert!(
            Instant::now() < until,
            "nothing is on the panel {}",
            panel.title
        );
        tokio::task::yield_now().await;
    }
}

/// They change with each run, so that they are not compared; which panels are on them is.
#[test]
fn the_pictures_are_of_the_dashboard_as_it_is() {
    let page = include_str!("../../../docs/dashboard.md");
    for row in rows() {
        let file = file(&row);
        let picture = std::fs::read_to_string(&file).unwrap_or_default();
        let bold = picture
            .split("font-weight=\"600\" font-size=\"12\">")
            .skip(1);
        let drawn: Vec<_> = bold.map(|rest| rest.split('<').next().unwrap()).collect();
        let wanted: Vec<_> = row
            .panels
            .iter()
            .map(|panel| fixtures::svg::escaped(&panel.title))
            .collect();
        assert_eq!(
            drawn.join(" "),
            wanted.join(" "),
            "{} is of another dashboard: `cargo xtask docs --all` draws it",
            file.display()
        );
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(
            page.contains(&format!("](images/{name})")),
            "docs/dashboard.md does not show {name}"
        );
    }
}
