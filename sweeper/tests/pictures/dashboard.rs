//! The dashboard as it is packaged, and what its panels show.

use serde_json::Value;

use crate::prometheus::{Prometheus, RATE_INTERVAL, Series};

/// A row of panels under its title.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) panels: Vec<Panel>,
}

#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: String,
    /// As Grafana names it: `timeseries`, `stat`, `heatmap`, `table`.
    pub(crate) kind: String,
    pub(crate) unit: String,
    /// Left, top, width and height on Grafana's grid.
    pub(crate) place: [f64; 4],
    queries: Vec<(String, String)>,
}

/// A series under the name that its legend gives it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// All of it, from the file that is imported into Grafana.
pub(crate) fn rows() -> Vec<Row> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../packaging/grafana/leasehold.json"
    );
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut rows = Vec::new();
    for panel in file["panels"].as_array().unwrap() {
        let title = text(&panel["title"]);
        if panel["type"] == "row" {
            rows.push(Row {
                title,
                panels: Vec::new(),
            });
            continue;
        }
        let targets = panel["targets"].as_array().unwrap().iter();
        let queries = targets.map(|it| (text(&it["expr"]), text(&it["legendFormat"])));
        let place = ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_f64().unwrap());
        rows.last_mut().unwrap().panels.push(Panel {
            title,
            kind: text(&panel["type"]),
            unit: text(&panel["fieldConfig"]["defaults"]["unit"]),
            place,
            queries: queries.collect(),
        });
    }
    rows
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// With everything chosen that can be chosen.
fn of_all(query: &str) -> String {
    let query = query.replace("$__rate_interval", RATE_INTERVAL);
    query.replace("$job", ".*").replace("$queue", ".*")
}

/// `{{queue}}` is the label's value.
fn legend(format: &str, series: &Series) -> String {
    let filled = series
        .labels
        .iter()
        .fold(format.to_owned(), |text, (label, value)| {
            text.replace(&format!("{{{{{label}}}}}"), value)
        });
    filled.trim().to_owned()
}

impl Panel {
    /// What it shows of a time: nothing, where nothing came of its queries.
    pub(crate) fn shown(
        &self,
        prometheus: &Prometheus,
        start: f64,
        end: f64,
        step: f64,
    ) -> Vec<Named> {
        let mut shown = Vec::new();
        for (query, format) in &self.queries {
            let found = prometheus.between(&of_all(query), start, end, step);
            let named = found.into_iter().map(|series| Named {
                name: legend(format, &series),
                points: series.points,
            });
            let mut named: Vec<Named> = named.collect();
            if self.kind == "heatmap" {
                named.sort_by(|one, other| bound(one).total_cmp(&bound(other)));
            } else {
                named.sort_by(|one, other| one.name.cmp(&other.name));
            }
            shown.extend(named);
        }
        shown
    }
}

/// The bound of a bucket, by its name.
pub(crate) fn bound(bucket: &Named) -> f64 {
    if bucket.name == "+Inf" {
        f64::INFINITY
    } else {
        bucket.name.parse().unwrap()
    }
}
