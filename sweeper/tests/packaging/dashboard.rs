//! The dashboard for Grafana, made from [`source`], which names only metrics that there are, and all of them.

mod source;

use std::process::Command;

use serde_json::{Value, json};
use sweeper::METRICS;

use crate::metric_names::{named, unknown};
use crate::tool::{run, said, tool};
use crate::unit::{packaging, read};
use source::{Panel, ROWS, Shape};

/// Grafana's grid is so wide.
const WIDTH: u64 = 24;

fn queries() -> Vec<&'static str> {
    let panels = ROWS.iter().flat_map(|(_, panels)| *panels);
    panels
        .flat_map(|panel| panel.queries)
        .map(|(query, _)| *query)
        .collect()
}

#[test]
fn the_file_is_what_its_source_makes() {
    let path = packaging().join("grafana/leasehold.json");
    let made = dashboard();
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        let text = serde_json::to_string_pretty(&made).unwrap();
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let kept: Value = serde_json::from_str(&read(&path)).unwrap();
    assert!(
        kept == made,
        "the dashboard is not what its source makes; with LEASEHOLD_UPDATE=1 this test writes it"
    );
}

#[test]
fn it_names_the_metrics_that_there_are() {
    let text = queries().join("\n");
    assert_eq!(unknown(&text), Vec::<String>::new());
    let shown = named(&text);
    for metric in METRICS {
        let is_shown = |name: &str| {
            let rest = name.strip_prefix(metric.name);
            rest.is_some_and(|rest| ["", "_bucket"].contains(&rest))
        };
        let shown = shown.iter().any(|named| is_shown(&named.name));
        assert!(shown, "{} is on no panel", metric.name);
    }
}

/// As rules they are read by Prometheus's own parser.
#[test]
fn its_queries_are_queries() {
    let rules: Vec<_> = queries()
        .iter()
        .enumerate()
        .map(|(number, query)| {
            let query = query.replace("$__rate_interval", "5m");
            json!({"record": format!("query_{number}"), "expr": query})
        })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("queries.yml");
    // JSON is YAML.
    let text = json!({"groups": [{"name": "queries", "rules": rules}]}).to_string();
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(tool("PROMTOOL", "promtool"));
    let output = run(command.args(["check", "rules"]).arg(&file));
    assert!(output.status.success(), "{}", said(&output));
}

fn dashboard() -> Value {
    let mut panels = Vec::new();
    let mut top = 0;
    for (title, row) in ROWS {
        panels.push(json!({
            "type": "row", "title": title, "collapsed": false, "panels": [],
            "gridPos": {"x": 0, "y": top, "w": WIDTH, "h": 1}, "id": panels.len() + 1,
        }));
        top += 1;
        let (mut left, mut height) = (0, 0);
        for panel in *row {
            let (wide, high) = size(panel.shape);
            if left + wide > WIDTH {
                (left, top) = (0, top + height);
            }
            let place = json!({"x": left, "y": top, "w": wide, "h": high});
            panels.push(shown(panel, panels.len() + 1, &place));
            (left, height) = (left + wide, high);
        }
        top += height;
    }
    json!({
        "uid": "leasehold",
        "title": "Leasehold",
        "tags": ["leasehold"],
        "editable": true,
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"},
            variable("job", "Daemons", "label_values(leasehold_build_info, job)"),
            variable("queue", "Queue", "label_values(leasehold_queue_depth, queue)"),
        ]},
        "panels": panels,
    })
}

/// Width and height.
fn size(shape: Shape) -> (u64, u64) {
    match shape {
        Shape::Number | Shape::Table => (3, 4),
        Shape::Time => (12, 8),
        Shape::Heat => (24, 8),
    }
}

fn shown(panel: &Panel, id: usize, place: &Value) -> Value {
    let kind = match panel.shape {
        Shape::Time => "timeseries",
        Shape::Number => "stat",
        Shape::Heat => "heatmap",
        Shape::Table => "table",
    };
    let targets = panel.queries.iter().zip('A'..).map(|((query, legend), id)| {
        json!({
            "refId": id.to_string(), "expr": query, "legendFormat": legend, "datasource": datasource(),
            "instant": matches!(panel.shape, Shape::Number | Shape::Table),
            "format": match panel.shape {
                Shape::Heat => "heatmap",
                Shape::Table => "table",
                Shape::Time | Shape::Number => "time_series",
            },
        })
    });
    json!({
        "id": id,
        "type": kind,
        "title": panel.title,
        "description": described(panel),
        "gridPos": place,
        "datasource": datasource(),
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets.collect::<Vec<_>>(),
    })
}

/// What the table says of the metrics of a panel.
fn described(panel: &Panel) -> String {
    let text: Vec<_> = panel.queries.iter().map(|(query, _)| *query).collect();
    let named = named(&text.join("\n"));
    let of_panel = METRICS.iter().filter(|metric| {
        let mut names = named.iter().map(|it| it.name.trim_end_matches("_bucket"));
        names.any(|name| name == metric.name)
    });
    let helps: Vec<_> = of_panel.map(|metric| metric.help).collect();
    helps.join(" ")
}

fn datasource() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

/// Something that whoever looks can choose.
fn variable(name: &str, label: &str, query: &str) -> Value {
    json!({
        "name": name, "label": label, "type": "query", "query": query, "refresh": 2,
        "datasource": datasource(),
        "multi": true, "includeAll": true, "allValue": ".*",
        "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
    })
}
